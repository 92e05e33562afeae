"""What each player is asked, and what reaches it."""

from typing import ClassVar

import pytest
import torch
from lightning import Callback
from torch.nn.functional import cross_entropy, softplus

from gen_models.augment.base import Augment
from gen_models.core.abilities.sampling import draws_in_steps
from gen_models.core.batch import Batch
from gen_models.errors import UsageError
from gen_models.experiments.theory.affine import AffineGenerator
from gen_models.families.gan import GAN
from gen_models.latents.priors import Normal, Sphere, Uniform
from gen_models.losses.adversarial import Adversarial, NonSaturating, Wasserstein
from gen_models.losses.penalties import R1, R2, GradientPenalty, Penalty
from gen_models.networks.critics.heads import Critic
from gen_models.networks.mlp import MLPBody, MLPGenerator
from gen_models.run.build import build_data, build_model, build_stream, build_trainer

CPU = torch.device("cpu")


def game(generator=None, loss=None, **parts):
    torch.manual_seed(0)
    body = MLPBody([1], hidden=[64, 64])
    generator = generator or MLPGenerator([1], latent_dim=1, hidden=[16])
    networks = {"generator": generator, "discriminator": Critic(body)}
    return GAN(Normal(), **networks, loss=loss or NonSaturating(), latent_dim=1, optimizers={}, **parts)


def first_bias(network):
    return next(p for p in network.parameters() if p.ndim == 1)


def batch(n=6):
    zeros = torch.zeros(n, dtype=torch.long)
    return Batch(torch.linspace(-1, 1, n)[:, None], zeros, zeros)


class Spy(Adversarial):
    compares: ClassVar[bool] = True

    def critic(self, real, fake):
        return real.mean() - fake.mean()

    def generator(self, fake, real=None):
        self.fake, self.real = fake, real
        return -fake.mean()


class Constant(Penalty):
    def measure(self, critic, real, fake, y):
        return critic(real, y).sum() * 0 + 1


class Shift(Augment):
    def __init__(self):
        super().__init__()
        self.seen, self.observed = 0, 0

    def forward(self, x):
        self.seen += 1
        return x + 1

    def observe(self, real_logits):
        self.observed += 1


class Gradients(Callback):
    def __init__(self):
        self.steps = []

    def on_before_optimizer_step(self, trainer, model, optimizer):
        networks = {"critic": model.discriminator, "generator": model.generator}
        copied = {k: [None if p.grad is None else p.grad.clone() for p in n.parameters()] for k, n in networks.items()}
        self.steps.append(copied)


class Samples(Callback):
    """The samples that the critic was shown in each player's move."""

    def __init__(self):
        self.fakes = []

    def on_fit_start(self, trainer, model):
        judged = model.logits_and_predictions
        model.logits_and_predictions = lambda x, y: (self.fakes.append(x.detach().clone()), judged(x, y))[1]

    def on_fit_end(self, trainer, model):
        self.fakes = [self.fakes[0], self.fakes[1].chunk(2)[1]]  # the critic's move begins with real ones


def test_no_gradient_reaches_the_other_player(compose_job):
    cfg = compose_job("model=lsgan", "network=mlp", "turns=1", "callbacks=none")
    data, model = build_data(cfg), build_model(cfg)
    trainer, seen = build_trainer(cfg, data), Gradients()
    trainer.callbacks.append(seen)
    trainer.fit(model, datamodule=build_stream(cfg, data, model))
    of_critic, of_generator = seen.steps
    assert all(grad is None for grad in of_critic["generator"])
    assert all(grad is not None for grad in of_generator["generator"])
    assert all(torch.equal(a, b) for a, b in zip(of_critic["critic"], of_generator["critic"], strict=True))


def test_the_critic_builds_no_graph_through_the_generator():
    model = game(penalties={"gp": GradientPenalty()})
    sum(model.critic_losses(batch()).values()).backward()
    assert all(p.grad is None for p in model.generator.parameters())
    assert all(p.grad is not None for p in model.discriminator.parameters())


def test_wrong_labels_cost_the_conditional_critic(compose_job):
    networks = "network=mlp network.generator.hidden=[64] network.discriminator.body.hidden=[64]".split()
    rates = [f"model.optimizers.{player}.lr=2e-3" for player in ("critic", "generator")]
    cfg = compose_job("model=cgan", *networks, *rates, "callbacks=none", "turns=150")
    data, model = build_data(cfg), build_model(cfg)
    build_trainer(cfg, data).fit(model, datamodule=build_stream(cfg, data, model))
    images, labels = data.train.gather(range(500))
    with model.evaluating("test"):
        right, wrong = (softplus(-model.score(images / 127.5 - 1, y)).mean() for y in (labels, (labels + 3) % 10))

    assert wrong > right + 0.02


def test_the_critic_of_wgan_gp_measures_the_shift():
    model = game(AffineGenerator(shift=0.5, scale=0.15), Wasserstein(), penalties={"gp": GradientPenalty()})
    adam = torch.optim.Adam(model.discriminator.parameters(), lr=2e-3, betas=(0.5, 0.9))
    for _ in range(250):
        adam.zero_grad()
        x = 0.15 * torch.randn(256, 1)
        losses = model.critic_losses(Batch(x, torch.zeros(256).long(), torch.arange(256)))
        sum(losses.values()).backward()
        adam.step()
    assert -losses["adversarial"].item() == pytest.approx(0.5, abs=0.06)


def test_lazy_penalties_come_rarely_and_weigh_more():
    model, moves = game(penalties={"lazy": Constant(weight=3.0, every=4), "eager": Constant(weight=3.0)}), range(9)
    critic, generator = model.players()
    assert generator.lazy is None
    assert [move for move in moves if critic.lazy.due(move)] == [0, 4, 8]
    assert {name: term.item() for name, term in critic.losses(batch()).items() if name != "adversarial"} == {"eager": 3}
    steps = [critic.lazily(lambda move=move: move).losses(batch()) for move in moves]
    assert [{name: term.item() for name, term in step.items()} for step in steps[3:5]] == [{}, {"lazy": 12}]


def test_samples_are_drawn_for_the_lazy_penalties_that_look_at_them():
    penalties = {"real": R1(1.0, every=4), "samples": R2(1.0, every=2)}
    model, drawn = game(penalties=penalties), []
    model.generator.register_forward_hook(lambda *_: drawn.append(1))
    for names, calls in ((("real",), 0), (("samples",), 1), (("real", "samples"), 2)):
        assert model.lazy_penalties(batch(), names).keys() == {*names}
        assert len(drawn) == calls


def test_only_training_sees_the_augmentation():
    model = game(augment=Shift())
    model.critic_losses(batch())
    assert (model.augment.seen, model.augment.observed) == (1, 1)
    model.generator_losses(batch())
    assert (model.augment.seen, model.augment.observed) == (2, 1)
    model.sample(4)
    model.eval()
    x, y, *_ = batch()
    assert torch.equal(model.score(x, y), model.discriminator(x, y))
    assert model.augment.seen == 2


def test_the_critic_guesses_the_classes_of_both_and_the_generator_is_told_by_it(compose_job):
    cfg = compose_job("model=acgan", "model.class_loss.weight=2")
    x, y = build_data(cfg).train.gather(range(16))
    model = build_model(cfg).eval()  # without dropout and batch statistics, to look at one term
    real = Batch(x / 127.5 - 1, y, y)
    expected = 2 * cross_entropy(model.discriminator.logits_and_predictions(real.x)[1], y)
    terms = model.critic_losses(real)
    assert torch.allclose(terms["class"], expected)
    assert terms["class_of_samples"] > 0  # equation 3 of the paper sums over both
    model.class_loss.guessed = "real"
    assert "class_of_samples" not in model.critic_losses(real)
    sure = model.generator_losses(real)["class"]
    (gradient,) = torch.autograd.grad(sure, next(model.generator.parameters()))
    assert gradient.abs().max() > 0


def test_the_first_gan_begins_at_the_mean_of_the_data_and_only_once(compose_job):
    cfg = compose_job("model=gan", "turns=1", "callbacks=none")
    data, model = build_data(cfg), build_model(cfg)
    pixels, _ = data.train.gather(range(len(data.train)))
    model.prepare(data)
    drawn = model.generator.layers[-1].bias.sigmoid()
    assert torch.allclose(drawn, pixels.flatten(1).double().mean(0).float() / 255, atol=1e-6)
    with torch.no_grad():
        model.generator.layers[-1].bias.fill_(0.5)
    model.clock.turn = 1
    model.prepare(data)  # a run that continues
    assert (model.generator.layers[-1].bias == 0.5).all()


def test_players_that_move_at_once_have_not_seen_each_others_move(compose_job):
    """goodfeli/adversarial: gradients of both costs at the same weights, and on the same samples."""
    cfg = compose_job("model=gan", "turns=1", "callbacks=none")
    data, model = build_data(cfg), build_model(cfg)
    trainer, seen = build_trainer(cfg, data), Samples()
    trainer.callbacks.append(seen)
    trainer.fit(model, datamodule=build_stream(cfg, data, model))
    of_generator, of_critic = seen.fakes
    assert [player.name for player in model.players()] == ["generator", "critic"]
    assert torch.equal(of_generator, of_critic)
    assert model._drawn == []
    with pytest.raises(UsageError, match="at once on the same samples only"):
        game(moves="at_once", critic_steps=2)


def test_data_are_dequantised_before_they_are_judged():
    """pfnet-research/sngan_projection, datasets/cifar10.py: x / 128 - 1 + U(0, 1/128) of the levels x."""
    model, seen = game(dequantise=256), []
    model.discriminator.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0].chunk(2)[0]))
    critic, generator = model.players()
    (part,) = critic.parts(batch(), 1)
    critic.losses(part)
    levels = ((batch().x + 1) * 127.5).round()
    assert not torch.equal(seen[0] % (1 / 128), torch.zeros(6, 1))
    assert torch.equal(((seen[0] + 1) * 128).floor(), levels)
    assert generator.before == critic.before


def test_truncation_stays_within_the_law_of_training():
    box = Uniform(3**0.5)
    assert box.sample(9000, 1, CPU).var().item() == pytest.approx(1, rel=0.05)
    model = game()
    model.prior = box
    for limit, reach in ((2.0, 3**0.5), (0.5, 0.5)):
        model.truncate(limit, passes=1)
        drawn = model.draw_codes(4000)
        assert drawn.abs().max().item() == pytest.approx(reach, rel=0.01)
        assert drawn.abs().mean().item() == pytest.approx(reach / 2, rel=0.05)  # still uniform
    model.prior = Sphere()
    with pytest.raises(UsageError, match="latents from Sphere have no middle"):
        model.truncate(0.5, passes=1)


@pytest.mark.parametrize("batches", [1, 3])
def test_a_comparing_loss_is_given_a_real_logit_for_each_generated_one(batches):
    model = game(loss=Spy(), generator_batches=batches)
    model.generator_losses(batch())
    assert model.loss.fake.shape == (6 * batches,)
    assert torch.equal(model.loss.real, model.score(*batch()[:2]).repeat(batches))


def test_other_losses_never_see_real_samples_in_the_generators_move():
    model, sizes = game(generator_batches=2), []
    model.discriminator.register_forward_hook(lambda _, inputs, __: sizes.append(len(inputs[0])))
    model.generator_losses(batch())
    assert sizes == [12]


class Latents:
    def critic(self, score, generate, z, y):
        return z.new_tensor(5.0)

    def generator(self, generate, z, y):
        return z.new_tensor(7.0)


def test_further_terms_appear_under_their_names():
    model = game(latent_penalties={"zcr": Latents()}, weight_penalties={"size": lambda net: first_bias(net).sum()})
    critic, generator = model.critic_losses(batch()), model.generator_losses(batch())
    assert critic.keys() == {"adversarial", "zcr"}
    assert generator.keys() == {"adversarial", "zcr", "size"}
    assert (critic["zcr"], generator["zcr"]) == (5, 7)
    assert torch.equal(generator["size"], first_bias(model.generator).sum())


@pytest.mark.parametrize(("name", "steps"), [("gran", 3), ("lsgan", 1)])
def test_a_generator_that_draws_in_steps_shows_them(name, steps, compose_job):
    cfg = compose_job(f"model={name}")
    build_data(cfg)
    model = build_model(cfg)
    with model.evaluating("test"):
        film = model.trajectory(4)
    with model.evaluating("test"):
        assert torch.allclose(model.sample(4), film[-1])
    assert film.shape == (steps, 4, 1, 8, 8)
    assert draws_in_steps(model) == (steps > 1)


@pytest.mark.parametrize("moves", ["in_turn", "at_once"])
def test_nobody_meets_a_critic_outside_of_its_box(compose_job, moves):
    """Arjovsky et al. (2017), Algorithm 1: the critic is clipped after its move, before the generator's."""
    cfg = compose_job("model=wgan", "network=mlp", "turns=3", "callbacks=none", "model.critic_steps=1")
    cfg.model.moves = moves
    data, model = build_data(cfg), build_model(cfg)
    largest, judged = [], model.logits_and_predictions

    def watched(x, y):
        largest.append(max(p.abs().max().item() for p in model.discriminator.parameters()))
        return judged(x, y)

    model.logits_and_predictions = watched
    build_trainer(cfg, data).fit(model, datamodule=build_stream(cfg, data, model))
    largest.append(max(p.abs().max().item() for p in model.discriminator.parameters()))
    assert len(largest) > 3
    assert max(largest) == pytest.approx(0.01)

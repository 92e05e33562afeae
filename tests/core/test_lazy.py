"""Facts of lazy regularisation (Karras et al. 2020, StyleGAN2)."""

from copy import deepcopy

import pytest
import torch
from torch.nn.functional import softplus

from gen_models.core.lazy import Lazy, LazyAdam
from gen_models.errors import UsageError
from gen_models.families.gan import GAN
from gen_models.randomness import reseed
from gen_models.run.build import build_data, build_model, build_stream, build_trainer

TURNS, EVERY, GAMMA, LR, BETAS = 6, 4, 2.0, 0.01, (0.0, 0.99)
ADAM = ["_target_=gen_models.core.LazyAdam", f"lr={LR}", f"betas=[{BETAS[0]},{BETAS[1]}]"]
GAME = [
    *("model=wgan_gp", "network=mlp", "loss=non_saturating", "data.batch_size=8", "callbacks=none", f"turns={TURNS}"),
    *("penalty=r1", f"penalty.r1.weight={GAMMA}", f"penalty.r1.every={EVERY}"),
    *(f"model.optimizers.critic.{option}" for option in ADAM),
    f"+model.optimizers.critic.every={EVERY}",
]


def test_rate_and_decays_are_those_of_stylegan2():
    """NVlabs/stylegan2-ada-pytorch, train.py and training_loop.py: .0025, (0, .99), R1 on every 16th move."""
    (group,) = LazyAdam([torch.zeros(1, requires_grad=True)], lr=0.0025, betas=(0.0, 0.99), every=16).param_groups
    assert group["lr"] == pytest.approx(0.0025 * 16 / 17)
    assert group["betas"] == pytest.approx((0.0, 0.99 ** (16 / 17)))


def test_where_a_term_joins_each_move_it_is_plain_adam():
    (group,) = LazyAdam([torch.zeros(1, requires_grad=True)], lr=LR, betas=BETAS, every=1).param_groups
    assert (group["lr"], group["betas"]) == (LR, BETAS)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), (4, 16)),
        (("model.path_length.every=2", "penalty.r1.every=8"), (2, 8)),
        (("model.path_length=null", "penalty=[]"), (4, 16)),
    ],
)
def test_stylegan2s_adam_follows_how_often_its_terms_come(compose_job, options, expected):
    optimizers = compose_job("model=stylegan2", *options).model.optimizers
    assert (optimizers.generator.every, optimizers.critic.every) == expected


def published(critic, generator, prior, batches):
    """Train a critic as the authors do: "Dmain" on every batch, then "Dreg" on every k-th, by the same Adam."""
    share = EVERY / (EVERY + 1)
    betas = tuple(beta**share for beta in BETAS)
    adam = torch.optim.Adam(critic.parameters(), lr=LR * share, betas=betas)
    for turn, (x, y, *_) in enumerate(batches):
        reseed(0, 0, turn, "critic")
        with torch.no_grad():
            fake = generator(prior.sample(len(x), 64, x.device), y)
        adam.zero_grad()
        (softplus(critic(fake, y)) + softplus(-critic(x, y))).mean().backward()
        adam.step()
        if turn % EVERY == 0:
            adam.zero_grad()
            real = x.detach().requires_grad_()
            (gradient,) = torch.autograd.grad(critic(real, y).sum(), real, create_graph=True)
            (gradient.square().sum([1, 2, 3]) * (GAMMA / 2)).mean().mul(EVERY).backward()
            adam.step()


def test_steps_are_those_of_stylegan2(compose_job, monkeypatch):
    """Against NVlabs/stylegan2-ada-pytorch d72cc7d, training/training_loop.py and loss.py, written out above."""
    batches, losses = [], GAN.critic_losses
    monkeypatch.setattr(GAN, "critic_losses", lambda self, batch: batches.append(batch) or losses(self, batch))
    cfg = compose_job(*GAME, "model.critic_steps=100", "seed=0", "model.latent_dim=64")
    data = build_data(cfg)
    model = build_model(cfg)
    critic, generator = deepcopy(model.discriminator), deepcopy(model.generator)
    trainer = build_trainer(cfg, data)
    trainer.fit(model, datamodule=build_stream(cfg, data, model))
    published(critic, generator, model.prior, batches)
    for expected, found in zip(critic.parameters(), model.discriminator.parameters(), strict=True):
        torch.testing.assert_close(found, expected)
    assert len(batches) == model.clock.moves["critic"] == model.clock.turn == trainer.global_step == TURNS
    state = trainer.optimizers[0].state[next(model.discriminator.parameters())]
    assert state["step"] == TURNS + 2


def test_terms_come_with_the_first_move_and_then_on_every_kth():
    lazy = Lazy({"a": 2, "b": 3}, lambda batch, names: {name: torch.ones(()) for name in names})
    assert [lazy.due(move) for move in range(5)] == [("a", "b"), (), ("a",), ("b",), ("a",)]
    assert lazy.shares() == {("a", "b"): 1 / 6, ("a",): 2 / 6, ("b",): 1 / 6}
    assert lazy.weighed(None, ("b",)) == {"b": 3}
    with pytest.raises(UsageError, match="'a' comes on every n-th move"):
        Lazy({"a": 0}, dict)

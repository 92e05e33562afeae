"""Facts of Denton et al. (2015)."""

import pytest
import torch
from torch import nn
from torch.nn.functional import interpolate

from gen_models.core.abilities.judgement import Scores
from gen_models.core.batch import Batch
from gen_models.media.pixels import to_unit_range
from gen_models.networks.gan.laplacian import ClassPlane, enlarged, reduced
from gen_models.run.build import build_data, build_model
from tests.helpers import newest

SHAPE = [1, 16, 16]


@pytest.fixture
def model(compose_job):
    cfg = compose_job("model=lapgan", "network.band_generator.width=4")
    cfg.spec = build_data(cfg).spec | {"shape": SHAPE}
    return build_model(cfg)


def batch(n=4):
    torch.manual_seed(0)
    x = torch.randint(-128, 128, (n, *SHAPE)) / 128  # of few bits, so that sums are exact
    return Batch(x, torch.arange(n), torch.arange(n))


def test_the_pyramid_gives_the_picture_back_exactly(model):
    picture = None
    for side in model.sides:
        band, below = model.level(side, batch().x)
        assert all(torch.equal(given, enlarged(picture)) for given in below)
        picture = band + enlarged(picture) if below else band
    assert model.sides == [4, 8, 16]
    assert torch.equal(picture, batch().x)


def test_a_level_learns_nothing_from_the_others(model):
    for player in model.players():
        model.zero_grad()
        side = player.name.split("_")[1]
        sum(player.losses(batch()).values()).backward()
        moved = {name.split(".")[0] for name, p in model.named_parameters() if p.grad is not None}
        both = {f"generator_{side}", f"critic_{side}"}
        assert moved == ({player.name} if "critic" in player.name else both)


def test_training_sees_real_coarse_pictures_and_sampling_drawn_ones(model):
    model.eval()
    given = []
    model.generator_16.register_forward_pre_hook(lambda _, inputs: given.append(inputs))
    real = batch()
    model.generator_losses(16, real)
    film = model.trajectory(4, real.y)
    (noise, below, y), (_, drawn, _) = given
    assert torch.equal(below, enlarged(reduced(real.x, 8)))
    assert (noise.shape, noise.min() < -0.9, noise.max() > 0.9) == ((4, 1, 16, 16), True, True)
    assert torch.equal(y, real.y)
    assert film.shape == (3, 4, *SHAPE)
    assert torch.allclose(drawn, enlarged(reduced(film[1], 8)), atol=1e-6)


def test_the_critic_adds_the_band_to_what_lies_below(model):
    model.eval()
    y = torch.tensor([3])
    band, below = torch.randn(2, 1, *SHAPE)
    together = model.critic_16(band + below, torch.zeros_like(below), y)
    assert torch.allclose(model.critic_16(band, below, y), together, atol=1e-6)


def test_every_level_is_told_the_class_and_has_optimizers_of_its_own(model):
    model.eval()
    films = []
    for y in (2, 7):
        torch.manual_seed(0)
        films.append(model.trajectory(3, torch.full((3,), y)))
    assert all((one - other).abs().max() > 1e-4 for one, other in zip(*films, strict=True))
    assert model.classes == 10
    optimizers = model.configure_optimizers()
    assert len(optimizers) == 6
    assert len({id(p) for o in optimizers for group in o.param_groups for p in group["params"]}) == len(
        list(model.parameters())
    )


def test_critics_of_levels_are_no_critic_of_pictures(model):
    assert not isinstance(model, Scores)


def test_the_base_plays_as_the_authors(model):
    """facebook/eyescream, train_cifar_classcond.lua: uniform noise, ReLU, a linear output, dropout in the critic."""
    z = model.prior.sample(2000, 2, torch.device("cpu"))
    assert (z.abs().max() <= 1, z.std().item()) == (True, pytest.approx(3**-0.5, rel=0.05))
    assert [layer.negative_slope for layer in model.generator_4.modules() if isinstance(layer, nn.LeakyReLU)] == [0, 0]
    assert isinstance(model.generator_4.output, nn.Identity)
    assert [layer.p for layer in model.critic_4.modules() if isinstance(layer, nn.Dropout)] == [0.5, 0.5]


def test_the_class_is_no_louder_than_the_authors_layer_of_it():
    """torch7's Linear(10, n) starts uniform in ±1/√10, weights and biases: for one class a deviation of .26."""
    torch.manual_seed(0)
    assert ClassPlane(32, 10).planes.weight.std().item() == pytest.approx((2 / 30) ** 0.5, rel=0.05)


def test_a_generator_may_draw_several_samples_for_each_real_coarse_picture(model):
    model.generator_batches, drawn = 2, []
    model.generator_16.register_forward_hook(lambda *hooked: drawn.append(hooked[2]))
    model.generator_losses(16, batch())
    assert drawn[0].shape == (8, *SHAPE)
    assert not torch.equal(*drawn[0].chunk(2))


@pytest.mark.slow
def test_the_smallest_pictures_vary_within_a_class_after_600_turns(compose_job):
    """At a rate of 2e-4 the base draws one picture a class for long: a fifth of the deviation of digits, 8x8."""
    cfg = compose_job("model=lapgan", "model.smallest=8")
    data = build_data(cfg)
    cfg.spec = data.spec | {"shape": SHAPE}
    model, (x, y) = build_model(cfg), data.train.gather(range(1000))
    real = interpolate(to_unit_range(x), SHAPE[1])
    game = list(zip(model.players(), model.configure_optimizers(), strict=True))[:2]
    for _ in range(600):
        chosen = torch.randint(len(x), (64,))
        for player, optimizer in game:
            optimizer.zero_grad()
            sum(player.losses(Batch(real[chosen], y[chosen], chosen)).values()).backward()
            optimizer.step()
    model.eval()
    spread = lambda pictures: pictures.std(0).mean().item()  # noqa: E731
    drawn = [model.trajectory(200, torch.full((200,), c))[0] for c in range(10)]
    shares = [spread(pictures) / spread(real[y == c]) for c, pictures in enumerate(drawn)]
    assert sum(shares) / len(shares) > 0.45


def test_a_gradient_is_dampened_by_the_momentum_so_that_no_step_is_longer_than_the_rate(run_job):
    """Torch7's SGD, which the authors' files leave at its default."""
    run = run_job("model=lapgan_sgd", "model.schedules.momentum.turns=8", "turns=4")
    for optimizer in newest(run)["optimizers"].values():
        group = optimizer["param_groups"][0]
        assert 0 < group["momentum"] < 0.7
        assert group["dampening"] == group["momentum"]

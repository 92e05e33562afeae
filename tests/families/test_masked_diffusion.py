"""Facts of masked diffusion: its bound is a mean over all orders of pixels, and so are its samples."""

import math
from itertools import permutations, product

import pytest
import torch
from torch import nn
from torch.nn.functional import one_hot

from gen_models.core.abilities.completion import Completes, Inpaints
from gen_models.core.abilities.likelihood import HasLikelihoodBound
from gen_models.core.abilities.sampling import HasEvaluations, HasTrajectory, HasWay
from gen_models.core.batch import Batch
from gen_models.diffusion.guidance import Guidance
from gen_models.diffusion.masks import CosineMasks, PolynomialMasks
from gen_models.errors import UsageError
from gen_models.families.masked_diffusion import MaskedDiffusion
from gen_models.media.pixels import from_levels

SHAPE = (1, 1, 3)
PICTURES = torch.tensor([*product((0, 1), repeat=3)]).view(8, *SHAPE)


class Table(nn.Module):
    """Logits of three pixels of two levels by the state of all three: what a network may say, and never the time."""

    classes = 0

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(2 * torch.randn(9, 6))

    def forward(self, index, t, y=None):
        return (one_hot(index.flatten(1), 3).flatten(1).float() @ self.weight).view(len(index), *SHAPE, 2)


class Even(nn.Module):
    """The same logits everywhere; those of class 1 prefer level 1, and those of none nothing."""

    def __init__(self, levels, classes=0):
        super().__init__()
        self.levels, self.classes = levels, classes

    def forward(self, index, t, y=None):
        logits = torch.zeros(*index.shape, self.levels)
        if self.classes:
            logits[..., 1] = (y == 1).float().view(-1, 1, 1, 1)
        return logits


def diffusion(masked, shape=SHAPE, levels=2, **options):
    options = {"schedule": PolynomialMasks(), "steps": 100, "guidance": Guidance(), "optimizers": {}, **options}
    return MaskedDiffusion(masked, shape, levels, **options).requires_grad_(False)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return diffusion(Table())


def in_order(model, order):
    """Log-probabilities (8,) of all pictures, pixel after pixel in this order."""
    index, nats = torch.full_like(PICTURES, 2), torch.zeros(8)
    for place in order:
        logits = model.masked(index, None).log_softmax(-1)[..., place, :].view(8, 2)
        level = PICTURES[..., place].view(8, 1)
        nats += logits.gather(1, level)[:, 0]
        index[..., place] = level.view(8, 1, 1)
    return nats


def orders(model):
    return torch.stack([in_order(model, order) for order in permutations(range(3))])


def test_it_draws_shows_keeps_and_bounds(model):
    abilities = (HasLikelihoodBound, HasTrajectory, HasEvaluations, HasWay, Completes, Inpaints)
    assert all(isinstance(model, ability) for ability in abilities)
    assert model.likelihood_rule == "bound"
    assert model.evaluations == 100
    assert dict(model.way) == {"steps": 100, "spacing": "cosine", "temperature": 1.0}


@pytest.mark.parametrize("schedule", [PolynomialMasks(), PolynomialMasks(2.0), CosineMasks()])
def test_the_bound_is_the_mean_log_likelihood_over_all_orders_whatever_the_schedule(model, schedule):
    """Hoogeboom et al. (2022): what is hidden at a time is what an order has not drawn yet."""
    model.schedule = schedule
    bounds = model.log_bound(from_levels(PICTURES, 2).repeat(4000, 1, 1, 1), draws=10).view(4000, 8)
    error = bounds.std(0) / 4000**0.5
    assert ((bounds.mean(0) - orders(model).mean(0)).abs() < 4 * error).all()
    assert error.max() < 0.05
    assert bounds.mean(0).exp().sum() < 1


def test_samples_in_many_steps_are_drawn_as_often_as_the_orders_say(model):
    mixture = orders(model).exp().mean(0)
    assert mixture.sum().item() == pytest.approx(1, abs=1e-5)
    places = torch.tensor([4, 2, 1])
    for model.spacing in ("uniform", "cosine"):
        drawn = (model.sample(20_000) > 0).view(-1, 3).long() @ places
        shares = torch.bincount(drawn, minlength=8) / 20_000
        assert (shares - mixture).abs().max() < 4 * 0.5 / 20_000**0.5 + 0.01


def test_one_step_draws_every_pixel_by_itself(model):
    model.set_way(steps=1, spacing="uniform", temperature=1.0)
    drawn = (model.sample(20_000) > 0).view(-1, 3).float().mean(0)
    alone = model.masked(torch.full((1, *SHAPE), 2), None).softmax(-1)[0, 0, 0, :, 1]
    assert torch.allclose(drawn, alone, atol=0.015)


def test_a_network_that_knows_nothing_costs_every_pixel_the_logarithm_of_its_levels():
    torch.manual_seed(0)
    model, x = diffusion(Even(5), (3, 16, 16), 5), torch.rand(64, 3, 16, 16) * 2 - 1
    nats = model.losses(Batch(x, torch.zeros(64), torch.zeros(64)))["nats_per_dimension"]
    assert nats.item() == pytest.approx(math.log(5), rel=0.02)
    assert (-model.log_bound(x, draws=64).mean() / 768).item() == pytest.approx(math.log(5), rel=0.01)


def test_only_hidden_pixels_are_learned_from_and_only_shown_ones_read():
    seen = []

    class Spy(Even):
        def forward(self, index, t, y=None):
            seen.append(index)
            return super().forward(index, t, y).requires_grad_()

    model, index = diffusion(Spy(5), (1, 8, 8), 5), torch.randint(5, (6, 1, 8, 8))
    model.bound_terms(index, torch.full((6,), 0.5), None)
    hidden = seen[0] == 5
    assert 0.3 < hidden.float().mean() < 0.7
    assert torch.equal(seen[0][~hidden], index[~hidden])
    model.bound_terms(index, torch.full((6,), 1.0), None)
    assert (seen[1] == 5).all()


def test_all_is_hidden_at_first_each_step_shows_more_and_the_film_ends_with_the_sample(model):
    model.set_way(steps=7, spacing="uniform", temperature=1.0)
    blank = torch.zeros(500, *SHAPE, dtype=torch.long), torch.ones(500, *SHAPE, dtype=torch.bool)
    left = [hidden.float().mean().item() for _, hidden in model.states(*blank, torch.zeros(500))]
    assert left == pytest.approx([6 / 7, 5 / 7, 4 / 7, 3 / 7, 2 / 7, 1 / 7, 0], abs=0.06)
    torch.manual_seed(1)
    film = model.trajectory(5)
    torch.manual_seed(1)
    assert torch.equal(film[-1], model.sample(5))
    assert film.shape == (7, 5, *SHAPE)
    assert set(film[0].unique().tolist()) <= {-1.0, 0.0, 1.0}


def test_known_pixels_stay_and_the_others_are_drawn_given_them(model):
    x = from_levels(PICTURES[5:6], 2).expand(20_000, *SHAPE)
    known = torch.tensor([True, False, True]).view(1, 1, 1, 3)
    drawn = model.inpaint(x, known)
    assert torch.equal(drawn[..., [0, 2]], x[..., [0, 2]])
    given = model.masked(torch.tensor([1, 2, 1]).view(1, *SHAPE), None).softmax(-1)[0, 0, 0, 1, 1]
    assert (drawn[..., 1] > 0).float().mean().item() == pytest.approx(given.item(), abs=0.015)
    assert torch.equal(model.inpaint(x[:3], torch.ones(1, 1, 1, 1, dtype=torch.bool)), x[:3])
    assert torch.equal(model.complete(x[:3], 1), x[:3])


def test_the_time_that_a_completion_begins_with_is_that_of_what_is_hidden():
    times = []

    class Spy(Even):
        def forward(self, index, t, y=None):
            times.append(t)
            return super().forward(index, t, y)

    model = diffusion(Spy(2), (1, 4, 4), 2, schedule=CosineMasks(), steps=4)
    model.complete(torch.ones(2, 1, 4, 4), 3)
    assert torch.allclose(CosineMasks().hidden(times[0]), torch.tensor(0.25), atol=1e-6)
    model.sample(2)
    assert times[4].tolist() == pytest.approx([1, 1])


def test_a_low_temperature_draws_the_likeliest_and_guidance_exaggerates_the_class():
    model = diffusion(Even(2, classes=2), (1, 16, 16), 2, steps=3)
    shares = []
    for scale, temperature in ((1.0, 1.0), (3.0, 1.0), (1.0, 0.01)):
        model.set_way(steps=3, spacing="cosine", temperature=temperature, guidance=scale)
        shares.append((model.sample(40, torch.ones(40, dtype=torch.long)) > 0).float().mean().item())
    odds = [1 / (1 + math.exp(-scale)) for scale in (1, 3)]
    assert shares == pytest.approx([*odds, 1.0], abs=0.02)


def test_what_cannot_be_is_refused(model):
    with pytest.raises(UsageError, match="at least one step, and spacing is uniform or cosine, not 0, cosine"):
        model.set_way(steps=0, spacing="cosine", temperature=1.0)
    with pytest.raises(UsageError, match="a temperature is positive"):
        model.set_way(steps=1, spacing="cosine", temperature=0.0)
    with pytest.raises(UsageError, match=r"say 'network\.masked\.denoiser\.classes=\$\{spec\.num_classes\}'"):
        diffusion(Table(), guidance=Guidance(2.0))

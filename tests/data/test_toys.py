import pytest
import torch

from gen_models.api.composing import compose
from gen_models.data.layouts import LINE, PLANE
from gen_models.data.toys import Toy1D, Toy2D
from gen_models.errors import UsageError

KINDS = [(Toy1D, kind) for kind in LINE] + [(Toy2D, kind) for kind in PLANE]


@pytest.mark.parametrize(("toy", "kind"), KINDS)
def test_density_integrates_to_one_and_the_points_follow_it(toy, kind):
    source = toy(kind=kind, count=3000, test_count=10, noise=0.05, limit=3000)
    x, y = source.train.gather(range(3000))
    dimension = x.shape[1]
    axis = torch.linspace(-1, 1, 101, dtype=torch.float64)
    points = torch.cartesian_prod(*[axis] * dimension).reshape(-1, dimension)
    log_p = source.log_density(points)
    mass = log_p.exp() * 0.02**dimension
    assert mass.sum() == pytest.approx(1, abs=1e-5)
    assert x.dtype == torch.float32
    assert x.abs().max() <= 1
    assert y.max() + 1 == max(len(source.class_names), 1)
    # the mean log density estimates the negative entropy; the mean and the second moments catch a shifted cloud
    assert source.log_density(x).mean().item() == pytest.approx((mass * log_p.clamp(min=-1e3)).sum().item(), abs=0.06)
    assert torch.allclose(x.mean(0).double(), (mass[:, None] * points).sum(0), atol=0.04)
    assert torch.allclose(x.square().mean(0).double(), (mass[:, None] * points.square()).sum(0), atol=0.03)


def test_ring_matches_the_closed_form_and_names_its_modes():
    source = Toy2D(kind="ring", noise=0.04)
    assert source.modes is not None
    centres = torch.as_tensor(source.modes.centres)
    assert centres.shape == (8, 2)
    assert centres.norm(dim=1).allclose(torch.tensor(0.8, dtype=torch.float64))
    point = torch.tensor([[0.7, 0.2]], dtype=torch.float64)
    density = torch.exp(-(centres - point).square().sum(1) / (2 * 0.04**2)).mean() / (2 * torch.pi * 0.04**2)
    assert source.log_density(point).exp().item() == pytest.approx(density.item())


def test_two_rings_match_the_bessel_form():
    source, r, s = Toy2D(kind="two_rings", noise=0.05), torch.tensor([0.1, 0.375, 0.6, 0.75]).double(), 0.05
    rings = [torch.exp(-((r - R) ** 2) / (2 * s**2)) * torch.special.i0e(r * R / s**2) for R in (0.75, 0.375)]
    expected = sum(rings) / (4 * torch.pi * s**2)
    angle = torch.tensor([0.3, 1.0, 2.0, 5.0]).double()
    points = torch.stack([r * angle.cos(), r * angle.sin()], 1)
    assert torch.allclose(source.log_density(points).exp(), expected, rtol=1e-9)
    assert source.modes is None


def test_points_depend_on_the_seed_only():
    first, again, other = (Toy2D(kind="moons", count=8, test_count=4, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(first.train.gather([7])[0], again.train.gather([7])[0])
    assert first.fingerprint == again.fingerprint != other.fingerprint
    assert not torch.equal(first.train.gather([0])[0], other.train.gather([0])[0])
    assert not torch.equal(first.train.gather([0])[0], first.test.gather([0])[0])


@pytest.mark.parametrize("data", ["toy1d", "toy2d", "ring", "grid25", "points"])
def test_points_are_judged_as_points_unless_told_otherwise(data):
    assert compose([f"data={data}"]).metrics.extractor._target_ == "gen_models.metrics.DataSpace"
    assert compose([f"data={data}", "metrics.n=50"]).metrics.n == 50
    assert compose([f"data={data}", "metrics=classifier"]).metrics.extractor._target_ == "gen_models.metrics.Classifier"


def test_what_has_no_samples_to_compare_is_not_judged_by_them():
    assert all(compose([f"data={data}"]).metrics.metrics == [] for data in ("image", "speech"))


def test_an_option_that_the_metrics_of_points_lack_is_refused_by_their_name(monkeypatch):
    words = ["data=toy2d", "metrics.extractor.resize=32"]
    monkeypatch.setattr("sys.argv", ["train.py", *words])
    with pytest.raises(UsageError, match="metrics=data_space has no option 'extractor.resize'"):
        compose(words)


def test_a_recipe_chooses_its_own_metrics():
    assert compose(["experiment=theory/energy"]).metrics.metrics == []

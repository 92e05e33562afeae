"""Which entries of a latent are codes, and what is read of them."""

import math

import pytest
import torch

from gen_models.errors import UsageError
from gen_models.latents.code_parts import Category, GaussianCode, Interval
from gen_models.latents.codes import Codes, PartsPerScale
from gen_models.latents.priors import Uniform

CPU = torch.device("cpu")
SHAPE = [1, 16, 16]


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


@pytest.fixture
def codes():
    return Codes({"class": Category(4), "style": Interval(2)}, Uniform())


def test_codes_begin_the_latent_and_noise_fills_it(codes):
    z = codes.sample(4000, 9, CPU)
    assert torch.equal(z[:, :4].sum(1), torch.ones(4000))
    assert z[:, :4].mean(0) == pytest.approx([0.25] * 4, abs=0.03)
    assert z[:, 4:].abs().max() <= 1
    assert z[:, 4:].var(0) == pytest.approx([1 / 3] * 5, abs=0.03)
    assert torch.equal(codes.of(z), z[:, :6])
    with pytest.raises(UsageError, match=r"take 6 entries of a latent: raise model\.latent_dim=5"):
        codes.sample(1, 5, CPU)


def test_the_identity_is_read_up_to_the_entropy_and_no_reading_beyond_it(codes):
    z = codes.sample(1000, 9, CPU)
    right = codes.of(z).clone()
    right[:, :4] *= 100
    bounds = codes.information(right, z)
    assert bounds["class"].item() == pytest.approx(math.log(4), abs=1e-4)
    assert bounds["style"].item() == pytest.approx(2 * (math.log(2) - 0.5 * math.log(2 * math.pi)), abs=1e-4)
    for _ in range(20):
        others = codes.information(5 * torch.randn(1000, 6), z)
        assert all(others[name] < bounds[name] <= codes.parts[name].entropy for name in bounds)


def test_each_way_changes_one_code_and_has_a_column_of_its_own(codes):
    axes = codes.axes(steps=5)
    assert [axis.name for axis in axes] == ["class", "style 1", "style 2"]
    assert torch.equal(axes[0].values, torch.eye(4))
    assert axes[2].place == slice(5, 6)
    assert axes[2].values.flatten().tolist() == [-1, -0.5, 0, 0.5, 1]
    mode = codes.mode(torch.tensor([[0.1, 0.9, 0.3, 0.0, -0.5, 0.7]]))
    torch.testing.assert_close(mode, torch.tensor([[1.0, -0.5, 0.7]]))


@pytest.mark.parametrize(("latent_dim", "starts"), [(None, [0, 3, 6]), (30, [0, 10, 20])])
def test_each_scale_has_a_code_in_its_own_slot(latent_dim, starts):
    codes = Codes(PartsPerScale(SHAPE, GaussianCode(3)), latent_dim=latent_dim)
    assert list(codes.places) == ["4x4", "8x8", "16x16"]
    assert [place.start for place in codes.places.values()] == starts
    z = codes.sample(2, 30, CPU)
    assert torch.equal(codes.of(z)[:, 3:6], z[:, starts[1] : starts[1] + 3])
    assert codes.size == 9


def test_a_code_needs_room():
    with pytest.raises(UsageError, match=r"does not fit into a slot of 2: raise model\.latent_dim"):
        Codes(PartsPerScale(SHAPE, GaussianCode(3)), latent_dim=6)
    with pytest.raises(UsageError, match="at least one entry"):
        Category(0)

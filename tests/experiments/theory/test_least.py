"""Floors of losses, where theory gives them in closed form."""

import math

import pytest

from gen_models.experiments.theory.least import least_losses
from gen_models.run.build import build_data, build_model


@pytest.fixture
def floors(compose_job):
    def found(*overrides):
        cfg = compose_job(*overrides)
        source = build_data(cfg)
        model = build_model(cfg)
        model.prepare(source)
        return least_losses(model, source)

    return found


GAUSSIAN = ("data=toy1d", "data.kind=gaussian", "data.noise=0.15")


def test_of_gaussian_data_they_are_closed_forms(floors):
    line = ("network.denoiser.width=8", "network=mlp_denoiser")
    assert floors("model=flow_matching", *GAUSSIAN, *line) == {
        "flow/velocity_error": pytest.approx(0.5 * math.pi * 0.15, rel=0.03)
    }
    assert floors("model=edm", *GAUSSIAN, *line) == {"edm/denoising_error": pytest.approx(1.0, rel=0.03)}
    plane = ("model=nice", "data=toy2d")
    assert floors(*plane)["flow/bits_per_dimension"] == pytest.approx(_entropy_of_the_ring(), abs=0.02)


def test_where_nothing_is_known_there_is_none(floors):
    assert floors("model=sngan", "data=toy2d", "network=mlp") == {}
    coupling = "model.coupling._target_=gen_models.diffusion.OptimalTransport"
    assert floors("model=flow_matching", *GAUSSIAN, "network=mlp_denoiser", coupling) == {}


def _entropy(std):
    """Bits of N(0, std²)."""
    return 0.5 * math.log2(2 * math.pi * math.e * std**2)


def _entropy_of_the_ring():
    """Bits per dimension of eight Gaussians in the plane that are told apart."""
    return (3 + 2 * _entropy(0.03)) / 2

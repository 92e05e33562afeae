"""What records say of the way in which a model was sampled."""

import pytest

from gen_models.analysis.ways import Way, marked, read_settings
from gen_models.errors import UsageError
from gen_models.latents import Normal, Uniform
from gen_models.metrics.record import Record
from gen_models.run.build import build_data, build_model

RECORD = Record(metric="KID", value=1.0, higher_is_better=False)


@pytest.fixture
def model(compose_job):
    cfg = compose_job("model=flow_matching", "network=unet_fast", "network.denoiser.width=8", "model.steps=10")
    build_data(cfg)
    return build_model(cfg)


def said(model, **settings):
    Way(settings=settings).take(model)
    return dict(marked([RECORD], model, {}, averaged=True)[0].way)


def test_a_setting_that_is_the_models_own_is_no_other_way(model):
    own = dict(model.way)
    assert said(model, **own) == {}
    assert said(model, steps=10) == {}


def test_other_settings_are_said_and_own_ones_beside_them_are_not(model):
    assert said(model, steps=5, solver=model.way["solver"]) == {"steps": 5}
    assert model.steps == 5


@pytest.mark.parametrize("limit", [-1.0, float("nan"), float("inf")])
def test_a_largest_latent_is_a_length(limit):
    with pytest.raises(UsageError, match=f"not {limit}"):
        Way(truncation=limit)


@pytest.mark.parametrize("prior", [Normal(), Uniform()])
def test_latents_are_never_cut_to_nothing(prior):
    with pytest.raises(UsageError, match="a limit above 0, not 0"):
        prior.truncated(0.0)


def test_a_setting_is_given_once():
    assert read_settings(["steps=10,solver=heun"]) == {"steps": 10, "solver": "heun"}
    with pytest.raises(UsageError, match="steps is given twice"):
        read_settings(["steps=10", "steps=20"])

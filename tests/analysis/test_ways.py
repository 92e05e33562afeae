"""What records say of the way in which a model was sampled."""

import pytest

from gen_models.analysis.ways import Way, marked
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

"""What samples cost: evaluations, and seconds."""

import pytest

from gen_models.analysis import cost
from gen_models.analysis.effort import ITERATED, affordable
from gen_models.analysis.figures import asked_for, taken
from gen_models.run.accelerators import described
from gen_models.run.build import build_data, build_model

ADAPTIVE = ["model.solver._target_=gen_models.diffusion.Dopri5", "+model.solver.rtol=0.1", "+model.solver.atol=0.1"]


def costs(subject):
    return {record.metric: record for record in taken(subject, asked_for(subject, ["cost"]))}


@pytest.fixture
def clock(monkeypatch):
    """A clock on which each look takes as long as it says."""
    ticks = iter([0.0, 4.0, 4.0, 6.0, 6.0, 9.0, 9.0, 9.5])
    monkeypatch.setattr(cost, "perf_counter", lambda: next(ticks))


def test_seconds_are_the_median_of_three_batches(judged, copier, clock):
    found = costs(judged(copier))
    seconds = found["seconds a sample"]
    assert seconds.value == 3 / 64
    assert seconds.protocol == {"batch": 64, "device": described(copier.device)}
    assert found["evaluations a sample"].value == 1


def test_nobody_waits_for_slow_models(judged, copier, clock, monkeypatch):
    monkeypatch.setattr(cost, "PATIENCE", 4.0)
    seconds = costs(judged(copier))["seconds a sample"]
    assert (seconds.value, seconds.found) == (4 / 64, {"batches": 1})


@pytest.mark.parametrize(
    ("options", "evaluations", "items"),
    [
        (["model=edm", "model.steps=2"], 3, ITERATED),
        (["model=pixelcnn"], 64, 1000),  # one a pixel, but a likelihood takes one for all
        (["model=token_prior"], 4, 1000),  # one a token, and items are restored at once
        (["model=tarflow", "network.flow.patch=2"], 16, 1000),
        (["model=tarflow_noisy", "network.flow.patch=2"], 17, ITERATED),
        (["model=glow"], 1, 1000),
        (["model=vae"], 1, 1000),
        (["model=flow_matching", *ADAPTIVE], None, ITERATED),
    ],
)
def test_evaluations_are_counted_where_they_are_known(judged, compose_job, options, evaluations, items, monkeypatch):
    monkeypatch.setattr(cost, "BATCH", 2)
    monkeypatch.setattr(cost, "TIMES", 1)
    cfg = compose_job("network=mlp" if options == ["model=vae"] else "log_every=2", *options)
    build_data(cfg)
    model = build_model(cfg)
    with model.evaluating("cost"):
        found = costs(judged(model))
    assert ("evaluations a sample" in found) == (evaluations is not None)
    assert evaluations is None or found["evaluations a sample"].value == evaluations
    assert affordable(model, 1000) == items

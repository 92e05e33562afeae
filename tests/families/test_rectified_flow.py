"""Facts of Liu et al. (2023), and teachers."""

import pytest
import torch

from gen_models.core.batch import Batch
from gen_models.diffusion.density import ChangeOfVariables
from gen_models.diffusion.guidance import Guidance
from gen_models.diffusion.solvers import Euler, Heun
from gen_models.errors import UsageError
from gen_models.families.parts.teacher import Teacher
from gen_models.families.rectified_flow import RectifiedFlow
from tests.diffusion.stand_in import Formula


def rectified(network, **options):
    return RectifiedFlow(
        Formula(network), (1,), None, Euler(), 1, Guidance(), ChangeOfVariables(Heun()), optimizers={}, **options
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


@pytest.mark.slow
def test_a_run_teaches_in_every_turn_or_once_for_all(run_job, tmp_path):
    quick = ["turns=2", "~callbacks.latents", "~callbacks.grids", "model.steps=1", "model.likelihood.steps=1"]
    taught = run_job("model=flow_matching", *quick, run=tmp_path / "teacher")
    options = ["model=rectified_flow", *quick, f"model.teacher={taught}"]
    run_job(*options, run=tmp_path / "each")
    run_job(*options, "model.pairs=100", run=tmp_path / "once")
    with pytest.raises(UsageError, match=r"is no teacher: its samples have to be functions of noise of their shape"):
        Teacher(str(taught), (1, 4, 4), torch.device("cpu"))


def test_a_teacher_that_is_not_there_is_refused(run_job, tmp_path):
    with pytest.raises(UsageError, match="nowhere"):
        run_job("model=rectified_flow", "turns=1", f"model.teacher={tmp_path}/nowhere")

"""Names that boards and plots give to runs."""

from pathlib import Path

import pytest

from gen_models.reports.finished import Finished
from gen_models.reports.naming import names

HINGE = {"model.loss._target_": "gen_models.losses.Hinge"}
SOFT = {"model.loss._target_": "idea.losses.SoftHinge", "model.loss.sharpness": 4.0}
PENALISED = {"model.penalties.gp._target_": "gen_models.losses.GradientPenalty", "model.penalties.gp.weight": 10.0}


def named(*configs):
    whole = [{"choices.model": "gan", "seed": 1, "model._target_": "gen_models.families.GAN"} | own for own in configs]
    return names([Finished(Path("run"), config, 9, [], [], {}, "") for config in whole])


@pytest.mark.parametrize(
    ("configs", "expected"),
    [
        ([HINGE], ["gan"]),
        ([HINGE, SOFT], ["gan (loss=Hinge)", "gan (loss=SoftHinge)"]),
        ([SOFT, SOFT | {"model.loss.sharpness": 2.0}], ["gan (loss.sharpness=4.0)", "gan (loss.sharpness=2.0)"]),
        ([{}, PENALISED], ["gan (no penalties.gp)", "gan (penalties.gp=GradientPenalty)"]),
        ([HINGE, HINGE | {"seed": 2}], ["gan (seed=1)", "gan (seed=2)"]),
        ([{"choices.network": "mlp"}, {"choices.network": "dcgan"}], ["gan (network=mlp)", "gan (network=dcgan)"]),
        (
            [{f"model.{key}": value for key in "abcd"} for value in (1, 2)],
            [f"gan (a={i}, b={i}, c={i}, …)" for i in (1, 2)],
        ),
    ],
)
def test_a_name_says_what_tells_a_run_apart(configs, expected):
    assert named(*configs) == expected


def test_options_of_a_class_tell_apart_only_those_who_have_it():
    apart = named(HINGE, SOFT, SOFT | {"model.loss.sharpness": 2.0})
    assert apart[0] == "gan (loss=Hinge)"
    assert apart[1:] == [f"gan (loss=SoftHinge, loss.sharpness={sharp})" for sharp in (4.0, 2.0)]

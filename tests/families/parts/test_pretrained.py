"""Runs that others learn on top of: their classes are those of the data."""

from types import SimpleNamespace

import pytest
from omegaconf import OmegaConf

from gen_models.errors import UsageError
from gen_models.run.fitting import check_told

SMALL = ["network.denoiser.width=16", "network.denoiser.blocks=1"]
TOLD = "network.denoiser.classes=${spec.num_classes}"


def renamed(run, names):
    """Let a run have learned classes of other names."""
    cfg = OmegaConf.load(run / "config.yaml")
    cfg.spec.class_names = names
    OmegaConf.save(cfg, run / "config.yaml")


def told(run, names, classes):
    check_told(str(run), classes, SimpleNamespace(class_names=names))


def test_classes_are_compared_by_name_where_the_model_is_told_them(copy_job):
    run = copy_job("model=vae", "network=mlp", "turns=1")
    renamed(run, ["cat", "dog"])
    told(run, ("cat", "dog"), 2)
    told(run, ("dog", "cat"), 0)
    for names, words in {
        ("dog", "cat"): "class 0 is 'cat' there, and 'dog' here",
        ("cat",): "class 1 is 'dog' there",
    }.items():
        with pytest.raises(UsageError, match=f"has learned other classes than those of the data: {words}"):
            told(run, names, 2)


@pytest.mark.parametrize(("first", "then"), [
    (["model=edm", TOLD], ["model=consistency", TOLD, "model.teacher="]),
    (["model=flow_matching", TOLD], ["model=rectified_flow", TOLD, "model.teacher="]),
    (["model=cvae", "network=mlp", "model.latent_dim=4"], ["model=latent_flow", "model.latent_dim=4", "model.space="]),
])  # fmt: skip
def test_a_run_of_other_classes_is_refused_before_the_first_turn(first, then, run_job, tmp_path):
    small = SMALL if "vae" not in first[0] else []
    run = run_job(*first, *small, "turns=1", run=tmp_path / "first")
    renamed(run, list("9876543210"))
    with pytest.raises(UsageError, match="class 0 is '9' there, and '0' here"):
        run_job(*then[:-1], *SMALL, f"{then[-1]}{run}", "turns=1", run=tmp_path / "then")

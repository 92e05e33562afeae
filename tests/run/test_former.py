"""Runs made before classes had public names (commit a9cc139), with the sums of samples that that version drew."""

import shutil
from pathlib import Path

import pytest
import torch
from hydra.utils import get_object
from omegaconf import OmegaConf

from gen_models import load
from gen_models.errors import UsageError
from gen_models.run.build import build_model
from gen_models.run.conf import CONF
from gen_models.run.former import CLASSES, FUNCTIONS, current, modernised
from gen_models.run.outcome import Finish
from gen_models.run.reading import read_config

FORMER = Path(__file__).parent / "former"


@pytest.mark.parametrize(("name", "total"), [("vae", 16.038965821266174), ("gan", 23.35672078258358)])
def test_an_old_run_is_loaded_and_draws_what_it_drew(name, total):
    model = load(FORMER / name)
    torch.manual_seed(0)
    assert model.sample(2).double().abs().sum().item() == pytest.approx(total, rel=1e-6)


def test_a_function_that_became_a_class_is_built_from_an_old_config():
    model = build_model(read_config(FORMER / "biginfogan"))
    assert list(model.codes().parts) == ["4x4", "8x8"]
    assert sum(p.numel() for p in model.parameters()) == 37246


def test_the_old_command_finds_its_run_finished(run_job, tmp_path):
    shutil.copytree(FORMER / "vae", tmp_path / "run")
    finish = Finish.read(tmp_path / "run")
    assert finish.asked["metrics"]["_target_"] == "gen_models.metrics.Scorer"


@pytest.mark.slow
def test_a_run_from_before_there_were_validation_items_goes_on_without_any(run_job):
    options = ["model=vae", "network=mlp"]
    run = run_job(*options, "data.validation_count=0", "turns=1")
    stored = OmegaConf.load(run / "config.yaml")
    del stored.data.validation_count, stored.spec.num_validation
    OmegaConf.save(stored, run / "config.yaml")
    with pytest.raises(UsageError, match=r"was trained with data.validation_count=0, not 300"):
        run_job(*options, "turns=2", run=run)
    run_job(*options, "data.validation_count=0", "turns=2", run=run)
    assert Finish.read(run).turn == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("data.digits.Digits", "gen_models.data.Digits"),
        ("gen_models.networks.flows.glow.Glow", "gen_models.networks.flows.Glow"),
        ("gen_models.networks.dcgan.DCGANBody", "gen_models.networks.DCGANBody"),
        ("gen_models.callbacks.theory.optimum.Optimum", "gen_models.experiments.theory.Optimum"),
        ("gen_models.starts.Drawn", "gen_models.latents.Drawn"),
        ("gen_models.code_parts.Gaussian", "gen_models.latents.GaussianCode"),
        ("gen_models.latents.Gaussian", "gen_models.latents.GaussianCode"),
        ("gen_models.networks.flows.base.Normal", "gen_models.latents.Normal"),
        ("gen_models.networks.flows.Logistic", "gen_models.latents.Logistic"),
        ("gen_models.losses.weights.UnitBall", "gen_models.constraints.UnitBall"),
        ("gen_models.losses.Hinge", "gen_models.losses.Hinge"),
        ("torch.optim.Adam", "torch.optim.Adam"),
    ],
)
def test_a_former_name_has_a_present_one(old, new):
    assert current(old) == new
    assert isinstance(get_object(new), type)


def test_every_name_in_the_table_and_in_the_files_is_a_class():
    targets = {*CLASSES.values(), *FUNCTIONS.values()}
    for path in CONF.rglob("*.yaml"):
        targets |= set(named(OmegaConf.to_container(OmegaConf.load(path))))
    assert all(isinstance(get_object(target), type) for target in targets)
    assert all(current(target) == target for target in targets), "no file still says a former name"


def named(node):
    """All `_target_` of nested containers."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    own = [node["_target_"]] if isinstance(node, dict) and "_target_" in node else []
    return [*own, *(target for child in children for target in named(child))]


def test_a_function_that_became_an_object_is_no_longer_partial():
    node = {"_target_": "gen_models.losses.stated.believe", "_partial_": True}
    assert modernised([node]) == [{"_target_": "gen_models.losses.Believe"}]

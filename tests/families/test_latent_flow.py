"""Two stages in one run, codes of other runs, and what becomes of a run whose space has moved."""

import shutil

import pytest
import torch
from omegaconf import OmegaConf

from gen_models import load
from gen_models.errors import UsageError
from gen_models.families.parts.latent_space import Space
from gen_models.run.build import build_data, build_model
from tests.helpers import assert_same, newest, rows, tensors

SMALL = ["model=latent_flow", "network.denoiser.width=16", "network.denoiser.blocks=1", "model.latent_dim=4"]
SMALL += ["network.encoder.width=4", "network.decoder.width=4"]


@pytest.mark.slow
def test_the_own_autoencoder_is_trained_first_and_then_stays(run_job, tmp_path):
    options = [*SMALL, "model.space_images=192", "callbacks.checkpoint.every=2", "callbacks.quality.every=0"]
    run = run_job(*options, "turns=3")
    before = tensors(newest(run)["model"])
    run_job(*options, "turns=6", run=run)
    after = tensors(newest(run)["model"])
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert {name.split(".")[0] for name in changed} == {"flow", "averages", "space"}
    assert {name for name in changed if name.startswith("space")} == {"space.mean", "space.std"}
    named = rows(run / "metrics.csv")
    assert [bool(row.get("flow/velocity_error")) for row in named] == [False, False, True, True]
    assert newest(run)["model"]["_extra_state"]["moves"] == {"autoencoder": 3, "flow": 3}
    whole = run_job(*options, "turns=6", run=tmp_path / "whole")
    assert_same(newest(whole)["model"], newest(run)["model"])


def test_an_autoencoder_that_nobody_trains_is_refused(compose_job):
    cfg = compose_job(*SMALL, "model.space_images=0")
    build_data(cfg)
    with pytest.raises(UsageError, match=r"^model\.space_images=0 leaves an autoencoder untrained"):
        build_model(cfg)


@pytest.fixture
def space(run_job, tmp_path):
    return run_job("model=vae", "network=mlp", "model.latent_dim=4", "turns=3", run=tmp_path / "space")


def test_codes_of_another_run_are_learned_and_that_run_may_be_gone(space, run_job, tmp_path):
    run = run_job(*SMALL, f"model.space={space}", "turns=2", run=tmp_path / "flow")
    vae = load(space)
    x = torch.rand(100, 1, 8, 8) * 2 - 1
    codes = vae.encode(x)
    shutil.rmtree(space)
    run_job(*SMALL, f"model.space={space}", "turns=3", run=run)
    model = load(run)
    assert torch.equal(model.space.model.encode(x), codes)
    assert torch.allclose(model.space.decode(model.space.encode(x)), vae.decode(vae.encode(x)), atol=1e-5)
    assert set(model.clock.moves) == {"flow"}
    assert set(newest(run)["optimizers"]) == {"flow"}


@pytest.mark.slow
def test_codes_are_standardised_by_what_the_training_items_have(space, run_job, compose_job, tmp_path):
    run = run_job(*SMALL, f"model.space={space}", "turns=1", run=tmp_path / "flow")
    source, model = build_data(compose_job()), load(run)
    x, y = source.train.gather(range(len(source.train)))
    codes = model.space.encode(x.float() / 127.5 - 1, y)
    assert torch.allclose(codes.mean(0), torch.zeros(4), atol=1e-4)
    assert torch.allclose(codes.std(0), torch.ones(4), atol=1e-4)


@pytest.mark.slow
def test_a_space_that_does_not_fit_is_refused(space, run_job, tmp_path):
    with pytest.raises(UsageError, match=r"codes of 4 dimensions: set model\.latent_dim=4"):
        run_job(*SMALL, "model.latent_dim=5", f"model.space={space}", run=tmp_path / "five")
    with pytest.raises(UsageError, match=r"has samples of shape \[1, 8, 8\], and these are \[1, 28, 28\]"):
        Space(load(space), 4, (1, 28, 28)).adopt(str(space))
    game = run_job("model=sngan", "network=mlp", "turns=1", run=tmp_path / "game")
    with pytest.raises(UsageError, match="has no space of codes"):
        run_job(*SMALL, f"model.space={game}", run=tmp_path / "none")


def test_a_stored_space_may_not_name_what_it_likes(space, run_job, compose_job, tmp_path):
    run = run_job(*SMALL, f"model.space={space}", "turns=1", run=tmp_path / "flow")
    state = newest(run)["model"]
    state["space._extra_state"]["model"]["encoder"] = {"_target_": "os.system", "command": "true"}
    cfg = OmegaConf.load(run / "config.yaml")
    with pytest.raises(UsageError, match="may not name"):
        build_model(cfg).load_state_dict(state)


def test_noise_is_the_code_and_each_state_on_the_way_is_a_picture(compose_job):
    cfg = compose_job(*SMALL)
    build_data(cfg)
    model = build_model(cfg).eval().requires_grad_(False)
    x = torch.rand(5, 1, 8, 8) * 2 - 1
    assert model.encode(x).shape == (5, 4)
    assert torch.allclose(model.reconstruct(x), model.space.decode(model.space.encode(x)), atol=1e-4)
    model.set_way(steps=3, solver="euler")
    assert (model.way, model.evaluations) == ({"steps": 3, "solver": "euler"}, 3)
    assert model.trajectory(2).shape == (4, 2, 1, 8, 8)

"""What every model of conf/model promises, found by their files: nothing is edited here when one is added."""

import pytest
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from gen_models import load
from gen_models.run.build import build_data, build_model
from tests.conftest import CONF
from tests.helpers import assert_same, newest, tensors

FAST = (
    *("sngan", "progan", "infogan", "lapgan", "vae", "iwae", "draw", "vdvae", "vaegan", "ae", "aae", "aae_semi"),
    *("realnvp", "tarflow_noisy", "pixelcnn", "made_ensemble", "dgn", "dip", "judged"),
    *("flow_matching", "rectified_flow", "edm", "ddpm", "vdm", "masked_diffusion"),
    *("consistency", "meanflow", "latent_flow", "stylegan2", "energy"),
    *("vqvae", "vqvae_2", "vqgan", "token_prior", "maskgit", "var"),
)
"""A model of each kind; the others are as many again, and wait for the slow suite."""

RESUMED = ("sngan", "vae", "dgn")
"""Of these, those that the fast suite also kills and resumes."""

MODELS = sorted(path.stem for path in CONF.glob("model/*.yaml"))
marked = [pytest.param(name, marks=() if name in FAST else pytest.mark.slow) for name in MODELS]
every_model = pytest.mark.parametrize("name", marked)
LEARNING = ("sngan", "infogan", "vae", "aae", "vaegan", "pixelcnn", "dgn", "consistency")
"""Of these, those that the fast suite also lets learn, and builds twice; the others take long, or learn as these do."""
learning = [pytest.param(name, marks=() if name in LEARNING else pytest.mark.slow) for name in MODELS]
cut = [pytest.param(name, marks=() if name in RESUMED else pytest.mark.slow) for name in MODELS]


@pytest.mark.slow
def test_every_family_is_in_the_fast_suite(compose_job):
    kinds = {name: compose_job(f"model={name}").model._target_ for name in MODELS}
    assert {kinds[name] for name in FAST} == set(kinds.values())


@pytest.fixture
def model(name, compose_job):
    cfg = compose_job(f"model={name}")
    build_data(cfg)
    return build_model(cfg)


@every_model
def test_it_samples_what_the_data_looks_like(model, name):
    before = torch.get_rng_state()
    with model.evaluating("test"):
        first = model.sample(5)
    with model.evaluating("test"):
        again = model.sample(5)
    assert first.shape == (5, 1, 8, 8)
    assert first.dtype == torch.float32
    assert not first.requires_grad
    assert first.abs().max() <= 1
    assert torch.equal(first, again)
    assert torch.equal(before, torch.get_rng_state())
    assert model.training


@pytest.mark.parametrize("name", learning)
def test_its_weights_follow_from_the_seed_alone(model, name, compose_job):
    torch.manual_seed(99)
    cfg = compose_job(f"model={name}")
    build_data(cfg)
    again = build_model(cfg).state_dict()
    assert all(torch.equal(value, again[key]) for key, value in tensors(model.state_dict()).items())


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_it_trains_and_samples_in_bfloat16(name, run_job):
    """Autocast hands averages, losses and samplers numbers of 16 bits where they have float32 themselves."""
    model = load(run_job(f"model={name}", "trainer.precision=bf16-mixed", "turns=2"))
    floats = [value for value in tensors(model.state_dict()).values() if value.is_floating_point()]
    assert all(value.isfinite().all() and value.dtype != torch.bfloat16 for value in floats)


@pytest.mark.slow
@every_model
def test_batch_normalisation_can_be_that_of_all_ranks(model, name, run_job, monkeypatch, tmp_path):
    """`trainer.sync_batchnorm=true` changes the layers so; for a single rank they must then be what they were."""
    if not any(isinstance(module, _BatchNorm) for module in model.modules()):
        pytest.skip("it has none")
    plain = run_job(f"model={name}", "turns=2", run=tmp_path / "plain")
    converted = nn.SyncBatchNorm.convert_sync_batchnorm
    monkeypatch.setattr("gen_models.job.build_model", lambda cfg: converted(build_model(cfg)))
    synchronised = run_job(f"model={name}", "turns=2", run=tmp_path / "synchronised")
    assert_same(newest(plain), newest(synchronised))


@every_model
def test_every_player_has_networks_of_the_model(model, name):
    """That each moves these and no others is `test_engine.py`'s."""
    own = {player.name: {id(p) for net in player.networks for p in net.parameters()} for player in model.players()}
    assert set().union(*own.values()) <= {id(p) for p in model.parameters()}
    assert all(own.values())


@pytest.mark.parametrize("name", cut)
def test_killed_and_resumed_it_ends_in_the_same_bits(name, run_job, tmp_path):
    options = [f"model={name}", "callbacks.checkpoint.every=3"]
    whole = run_job(*options, "turns=8", run=tmp_path / "whole")
    parts = run_job(*options, "turns=3", run=tmp_path / "parts")
    run_job(*options, "turns=7", run=parts)
    run_job(*options, "turns=8", run=parts)
    expected, resumed = newest(whole), newest(parts)
    assert_same(expected, resumed)
    assert expected["model"]["_extra_state"]["turn"] == 8


@pytest.mark.parametrize("name", learning)
def test_it_learns_something_and_is_loaded_as_it_was_left(name, run_job):
    run = run_job(f"model={name}", "turns=6", "logger=tensorboard", "callbacks=default")  # with maps of codes
    model = load(run)
    torch.manual_seed(0)
    sample = model.sample(3)
    assert torch.isfinite(sample).all()
    assert not any(p.requires_grad for p in model.parameters())
    rows = (run / "metrics.csv").read_text().splitlines()
    assert rows[0].startswith("turn,")
    turns = [row.split(",")[0] for row in rows[1:]]
    assert list(dict.fromkeys(turns)) == ["2", "4", "6"], "the last may have a row of figures beside that of losses"
    copies = {key.split(".")[2] for key in newest(run)["model"] if key.startswith("averages.copies.")}
    assert copies == set(model.averaging.networks if model.averaging else ())
    assert (run / "samples" / "turn-000006.png").is_file()

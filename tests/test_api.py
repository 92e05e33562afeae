"""The journey of somebody who trains, looks and compares from Python, in one process that is used for other things."""

import logging
import os
import signal
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import hydra
import numpy as np
import pytest
import torch
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from torch.utils.data import Dataset, IterableDataset, TensorDataset
from typer.testing import CliRunner

import gen_models
from gen_models.cli import assembled
from gen_models.errors import NumericalDeath, UsageError
from gen_models.run.directory import load
from tests.conftest import CONF

IMAGES = np.random.RandomState(0).randint(0, 256, (60, 8, 8, 1), dtype=np.uint8)
CLASSES = np.arange(60) % 3
SMALL = ["model=vae", "network=mlp", "trainer=cpu", "logger=csv", "metrics=none", "log_every=2"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["notebook", "--no", "business=of ours"])


def train(*overrides, **options):
    return gen_models.train([*SMALL, *overrides], progress=False, **{"turns": 4, **options})


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    return train("data=digits", f"paths.cache={folder}/cache", run=folder / "it's here")


def same(first, other):
    return all(torch.equal(value, other.state_dict()[name]) for name, value in tensors(first).items())


def tensors(model):
    return {name: value for name, value in model.state_dict().items() if isinstance(value, torch.Tensor)}


def test_a_run_knows_its_directory_model_figures_and_samples(run):
    assert run.path.name == "it's here"
    assert run.model.clock.turn == 4
    assert run.config.turns == 4
    assert "PSNR of reconstructions" in [record.metric for record in run.records]
    assert [row["images"] for row in run.history][:2] == [128, 256]
    assert "vae on digits, 4 turns" in repr(run)
    assert "data:image/png" in run._repr_html_()
    assert (run.path / "report.html").is_file()


def test_the_newest_finished_run_is_called_last(run, tmp_path, monkeypatch):
    monkeypatch.setenv("GEN_MODELS_RUNS", str(tmp_path))
    with pytest.raises(UsageError, match="there is no run in .* yet: train one"):
        gen_models.Run("last")
    monkeypatch.setenv("GEN_MODELS_RUNS", str(run.path.parent))
    assert gen_models.Run("last").path.parent == run.path.parent


def test_a_run_that_saved_nothing_is_shown_without_a_picture():
    run = train("data=digits", callbacks="none")
    assert "<img" not in run._repr_html_()
    with pytest.raises(UsageError, match="no newest checkpoint"):
        run.samples(1)


def test_it_is_the_run_of_the_command_line(run, run_job, tmp_path):
    other = run_job("model=vae", "network=mlp", "turns=4", run=tmp_path / "other")
    assert same(run.model, load(other))
    assert same(gen_models.Run(other).model, run.model)


def test_samples_come_in_blocks_and_kinds(run, monkeypatch):
    whole = run.samples(10, seed=3)
    assert whole.shape == (10, 1, 8, 8)
    assert whole.abs().max() <= 1
    assert torch.equal(whole, run.samples(10, seed=3))
    assert not torch.equal(whole, run.samples(10, seed=4))
    drawn, sample = [], run.model.sample
    monkeypatch.setattr(run.model, "sample", lambda n, y: drawn.append(n) or sample(n, y))
    pixels = run.samples(70, seed=3, kind="numpy")
    assert drawn == [64, 64]
    assert (pixels.shape, pixels.dtype) == ((70, 8, 8, 1), np.uint8)
    picture = run.samples(1, kind="pil")[0]
    assert (picture.size, picture.mode) == ((8, 8), "L")
    assert run.picture(16).width >= 256


def test_a_walk_is_shown_between_draws(run):
    assert np.array_equal(run.walk(2, 5), run.walk(2, 5))
    assert not np.array_equal(run.walk(2, 5), run.walk(2, 5, seed=1))
    assert run.walk(1, 9).width > run.walk(1, 3).width
    with pytest.raises(UsageError, match="steps=1 is too small"):
        run.walk(steps=1)


def test_classes_are_asked_for_one_or_all_by_number_or_name():
    run = train(model="cvae", data=(IMAGES, np.array(["ant", "bee", "cow"])[CLASSES]))
    assert torch.equal(run.samples(3, 2), run.samples(3, [2, 2, 2]))
    assert torch.equal(run.samples(3, 2), run.samples(3, "cow"))
    assert torch.equal(run.samples(3, 2), run.samples(3, "2"))
    assert torch.equal(run.samples(2, ["bee", "ant"]), run.samples(2, torch.tensor([1, 0])))
    for y, words in ((3, "classes 0 to 2"), ([1], "give one class, or 3"), ("cat", "no class 'cat': did you mean")):
        with pytest.raises(UsageError, match=words):
            run.samples(3, y)


@pytest.mark.parametrize(("asked", "words"), [({"kind": "list"}, "tensor, numpy or pil"), ({"n": 0}, "at least 1")])
def test_what_samples_can_not_be_is_refused(run, asked, words):
    with pytest.raises(UsageError, match=words):
        run.samples(**asked)


def test_points_are_no_pictures():
    run = train(data=np.random.RandomState(0).uniform(-1, 1, (50, 2)), network="mlp", loss="gaussian")
    assert run.samples(3, kind="numpy").shape == (3, 2)
    with pytest.raises(UsageError, match="no pictures"):
        run.samples(3, kind="pil")


class Pairs(Dataset):
    """Pictures as floats with channels first and a class, as torchvision gives them."""

    def __len__(self):
        return len(IMAGES)

    def __getitem__(self, position):
        return torch.from_numpy(IMAGES[position] / 255).permute(2, 0, 1), int(CLASSES[position])


class Endless(IterableDataset):
    """A stream."""

    def __iter__(self):
        return iter([0])


def test_arrays_tensors_and_datasets_are_the_same_data():
    tensor = torch.from_numpy(IMAGES).permute(0, 3, 1, 2)
    forms = [
        (IMAGES, CLASSES),
        (tensor, torch.from_numpy(CLASSES)),
        Pairs(),
        TensorDataset(tensor, torch.arange(60) % 3),
    ]
    runs = [train(data=form, turns=2) for form in forms]
    assert all(same(run.model, runs[0].model) for run in runs)
    assert len({run.config.data.content for run in runs}) == 1
    assert len({run.path for run in runs}) == 4


def test_points_from_a_program_are_judged_as_points():
    points = np.random.default_rng(0).uniform(-1, 1, (60, 2)).astype(np.float32)
    options = ["model=vae", "network=mlp", "trainer=cpu", "logger=csv", "metrics.n=6"]
    run = gen_models.train(options, data=points, turns=1, run="points", progress=False)
    assert {"fid_data_space", "kid_data_space"} <= {record.key for record in run.records}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (Endless(), "stream"),
        (Pairs, "data can't be"),
        ({}, "data can't be"),
        ([IMAGES[0]] * 3, "np.stack"),
        ((IMAGES, {1}), "can't hold set"),
    ],
)
def test_other_data_are_refused(data, words):
    with pytest.raises(UsageError, match=words):
        train(data=data)


def test_channels_are_where_options_say(monkeypatch):
    given = []
    monkeypatch.setattr("gen_models.api.training.carry_out", lambda cfg, arrays: given.append(arrays.x.shape))
    monkeypatch.setattr("gen_models.api.training.write_page", lambda runs, file: None)
    monkeypatch.setattr("gen_models.api.training.read", lambda run: None)
    either = np.zeros((4, 3, 8, 3), np.uint8)
    with pytest.raises(UsageError, match="say data.channels=last"):
        gen_models.train(data=either)
    for channels in ("first", "last"):
        with suppress(UsageError):  # there is no run to open
            gen_models.train([f"data.channels={channels}"], data=either)
    assert given == [(4, 8, 3, 3), (4, 3, 8, 3)]
    with pytest.raises(UsageError, match="these data are in memory: leave data.x"):
        gen_models.train(["data.x=images.npy"], data=IMAGES)


@pytest.mark.slow
def test_arrays_can_be_asked_again_where_they_are_given_again(tmp_path):
    run = train("data.batch_size=20", data=(IMAGES, CLASSES), turns=2)
    assert gen_models.Run(run.path).samples(2).shape == (2, 1, 8, 8)
    drawn = CliRunner().invoke(assembled(), ["sample", str(run.path), "--out", str(tmp_path / "grid.png")])
    assert (drawn.exit_code, (tmp_path / "grid.png").is_file()) == (0, True)
    with pytest.raises(UsageError, match="trained on arrays in memory"):
        gen_models.evaluate(run)
    with pytest.raises(UsageError, match="not those that the run was trained on"):
        gen_models.evaluate(run, data=IMAGES)
    assert gen_models.evaluate(run, data=(IMAGES, CLASSES))


def test_other_arrays_do_not_continue_a_run():
    run = train(data=(IMAGES, CLASSES), turns=2)
    with pytest.raises(UsageError, match=r"was trained with data\.content"):
        train(data=IMAGES, run=run.path)


@pytest.mark.slow
def test_a_run_goes_on_where_it_is_named():
    short = train("data=digits", turns=2)
    longer = train("data=digits", turns=4, run=short.path)
    assert longer.path == short.path.absolute()
    assert same(longer.model, train("data=digits").model)


def test_evaluating_stores_what_it_takes(run):
    records = gen_models.evaluate(run.path, "data_space", n=50, metric=["kid"])
    assert "KID (data space)" in [record.label for record in records]
    assert {record.key for record in records} <= {record.key for record in run.records}
    with pytest.raises(UsageError, match="leave data= out"):
        gen_models.evaluate(run, data=IMAGES)


def test_runs_stand_side_by_side(run):
    other = train("data=digits", seed=2)
    shown = gen_models.compare([run, other.path])
    assert shown.rows[0]["seeds"] == 2
    assert "PSNR" in repr(shown)
    with pytest.raises(UsageError, match="a list of runs"):
        gen_models.compare(run)


def test_models_are_listed():
    pytest.importorskip("gen_models.reports.catalogue")
    assert {path.stem for path in CONF.glob("model/*.yaml")} == {entry.name for entry in gen_models.models()}


@pytest.mark.parametrize(
    ("overrides", "options", "words"),
    [
        (["model=vea"], {}, "did you mean vae"),
        (["loss=hinge"], {}, "it takes loss=bernoulli"),
        (["data.size=32"], {}, "data=digits has no option 'size'"),
        ([], {"turn": 3}, "did you mean turns"),
        ([], {"turns": "many"}, "whole number"),
        ([], {"turns": object()}, "can't be given as object"),
        (["trainer=ddp_cpu"], {}, "on one device"),
    ],
)
def test_what_is_wrong_is_an_error_and_leaves_nothing(overrides, options, words, tmp_path):
    with pytest.raises(UsageError, match=words):
        gen_models.train(["model=vae", "metrics=none", *overrides], data="digits", progress=False, **options)
    assert not list(tmp_path.glob("runs/*"))


def test_a_checkpoint_and_a_device_are_looked_for_before_the_model(run):
    with pytest.raises(UsageError, match="checkpoint is newest or best, not 'bestt'"):
        gen_models.Run(run.path, checkpoint="bestt")
    with pytest.raises(UsageError, match="there is no device 'gpuu'"):
        gen_models.Run(run.path, device="gpuu")


def test_a_file_of_a_plug_in_may_be_meant(monkeypatch):
    monkeypatch.syspath_prepend(CONF.parent / "examples")
    with pytest.raises(UsageError, match=r"there is no loss=margins: did you mean margin\?"):
        gen_models.compose(["plugins=example_plugin", "loss=margins"])


def test_a_sweep_is_for_the_command_line():
    with pytest.raises(UsageError, match="sweeps are for the command line"):
        gen_models.compose(["-m", "model=vae", "seed=1,2"])


def test_overrides_are_a_list():
    with pytest.raises(UsageError, match="are a list such as"):
        gen_models.train("model=vae")


@pytest.mark.parametrize("text", ["plain", "a b", "it's", "back\\", "\\'", "true", "1e5", "a=b,c", "[x]", "häuser"])
def test_text_survives(text):
    assert gen_models.compose(data="digits", name=text).name == text


def test_values_survive():
    cfg = gen_models.compose(model="sngan", data="digits", penalty=["r1", "drift"], images=None, shuffle=False)
    assert set(cfg.penalty) == {"r1", "drift"}
    assert (cfg.images, cfg.shuffle) == (None, False)


def test_a_composed_configuration_can_be_read_anywhere(tmp_path):
    cfg = gen_models.compose(["data=digits", "logger=wandb"], model="vae")
    assert "hydra" not in cfg
    assert cfg.choices == {"model": "vae", "data": "digits", "network": "dcgan"}
    assert cfg.paths.run.startswith(str(tmp_path))
    assert "model" in cfg.logger.wandb.name


def test_the_process_stays_the_callers(tmp_path):
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)]
    level, filters, place = logging.getLogger("lightning.pytorch").level, list(warnings.filters), os.getcwd()
    torch.manual_seed(5)
    noise = torch.randn(3)
    torch.manual_seed(5)
    with hydra.initialize_config_dir(str(CONF), version_base="1.2"):
        theirs = GlobalHydra.instance().hydra
        train("data=digits")
        assert GlobalHydra.instance().hydra is theirs
        assert HydraConfig.instance().cfg is None
    assert torch.equal(torch.randn(3), noise)
    assert handlers == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)]
    assert (logging.getLogger("lightning.pytorch").level, os.getcwd()) == (level, place)
    assert warnings.filters == filters


def test_nothing_is_printed(capfd):
    train("data=digits")
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_an_interrupt_saves_and_can_be_continued(monkeypatch):
    handler = signal.getsignal(signal.SIGINT)
    step = gen_models.GenerativeModel.training_step

    def interrupted(model, *batch):
        step(model, *batch)
        if model.clock.turn == 2:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(gen_models.GenerativeModel, "training_step", interrupted)
    with pytest.raises(KeyboardInterrupt, match="goes on after the last save"):
        train("data=digits", run="halted")
    assert signal.getsignal(signal.SIGINT) is handler
    monkeypatch.setattr(gen_models.GenerativeModel, "training_step", step)
    assert gen_models.Run("halted").model.clock.turn == 2
    assert same(train("data=digits", run="halted").model, train("data=digits").model)


def test_another_thread_may_train(run):
    with ThreadPoolExecutor(1) as threads:
        assert same(threads.submit(train, "data=digits").result().model, run.model)


def test_a_dead_run_says_so_in_its_directory():
    with pytest.raises(NumericalDeath):
        train("data=digits", "model.optimizers.vae.lr=1e30", run="dead", turns=20)
    assert "is not finite since turn" in gen_models.Run("dead").path.joinpath("error.txt").read_text()

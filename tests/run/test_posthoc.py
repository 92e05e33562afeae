"""`gen-models average`: a run directory with weights of another average."""

import pytest
import torch

from gen_models import load
from gen_models.callbacks.averages import PowerAverages
from gen_models.errors import UsageError
from gen_models.metrics.record import Record
from gen_models.metrics.records import add_records
from gen_models.reports.finished import read
from gen_models.reports.grouping import board
from gen_models.run.checkpoints import Store
from gen_models.run.posthoc import average, rebuilt, write_snapshot

JOB = "model=sngan network=mlp callbacks=averages callbacks.averages.every=4".split()


def test_averages_of_other_widths_are_runs_of_their_own(run_job, tmp_path):
    run = run_job(*JOB, "turns=10", run=tmp_path / "run")
    assert len(list((run / "averages").iterdir())) == 6  # two widths after 4, 8 and 10 turns
    out = average(run, 0.07, tmp_path / "wider")
    name, weights = next(iter(rebuilt(run, 0.07).items()))
    wider = dict(load(out).named_parameters())
    assert wider[name].equal(weights)
    assert not wider[name].equal(dict(load(run).named_parameters())[name])
    assert load(out).sample(2).shape == (2, 1, 8, 8)
    record = Record(metric="KID", value=1.0, higher_is_better=False)
    for directory in (run, out):
        add_records([record], directory / "evaluation" / "turn-000010.json")
    names = [row.name for row in board([read(run), read(out)]).rows]
    assert len(names) == 2, "neither counts as the other's seed, nor is left out for it"
    assert "0.07" in " ".join(names)
    with pytest.raises(UsageError, match="is there already"):
        average(run, 0.07, out)


def test_an_average_that_could_not_be_written_leaves_no_half_of_a_run(run_job, tmp_path, monkeypatch):
    run = run_job(*JOB, "turns=4", run=tmp_path / "run")
    with monkeypatch.context() as full:
        full.setattr(Store, "save", lambda *arguments: (_ for _ in ()).throw(OSError("no space left")))
        with pytest.raises(OSError, match="no space"):
            average(run, 0.07, tmp_path / "runs" / "wider")
    assert list((tmp_path / "runs").iterdir()) == []
    assert load(average(run, 0.07, tmp_path / "runs" / "wider"))


def test_running_statistics_are_averaged_with_the_weights(tmp_path):
    networks = torch.nn.ModuleDict({"net": torch.nn.BatchNorm1d(1)})
    for images in (10, 20):
        networks["net"].running_mean.fill_(images)
        for std in (0.05, 0.1):
            write_snapshot(tmp_path / "averages", std, images, networks)
    made = rebuilt(tmp_path, 0.05)
    assert made.keys() == {"net.weight", "net.bias", "net.running_mean", "net.running_var"}
    assert float(made["net.running_mean"]) == pytest.approx(20)
    networks["net"].track_running_stats = False
    networks["net"].running_mean = networks["net"].running_var = None  # as in a snapshot of an earlier version
    write_snapshot(tmp_path / "averages", 0.05, 10, networks)
    assert rebuilt(tmp_path, 0.05).keys() == {"net.weight", "net.bias"}


def test_variances_are_not_negative_at_a_width_far_from_those_that_were_stored(tmp_path):
    networks = torch.nn.ModuleDict({"net": torch.nn.BatchNorm1d(2)})
    for images, values in ((10, (1e-3, 1.0)), (20, (1.0, 1e-3))):
        for std, share in ((0.05, 0.5), (0.1, 1.0)):
            networks["net"].running_var.copy_(torch.tensor(values) * share)
            networks["net"].running_mean.copy_(-torch.tensor(values) * share)
            write_snapshot(tmp_path / "averages", std, images, networks)
    with pytest.warns(
        UserWarning, match="0.01 is so far from the widths .* that 1 running variances would be negative"
    ):
        made = rebuilt(tmp_path, 0.01)
    assert made["net.running_var"].tolist() == pytest.approx([0.5, 0.0005], rel=0.01), "of the narrowest"
    assert made["net.weight"].tolist() == pytest.approx([1, 1])
    assert made["net.running_mean"].max() > 0, "a mean may be"


@pytest.mark.slow
def test_they_follow_alike_after_a_cut(run_job, tmp_path):
    whole = run_job(*JOB, "turns=10", run=tmp_path / "whole")
    run_job(*JOB, "turns=7", run=tmp_path / "cut")
    cut = run_job(*JOB, "turns=10", "resume=anyway", run=tmp_path / "cut")
    for path in (whole / "averages").iterdir():
        assert path.read_bytes() == (cut / "averages" / path.name).read_bytes()
    kept = [Store(run / "checkpoints").newest()[1]["callbacks"] for run in (whole, cut)]
    torch.testing.assert_close(*kept, rtol=0, atol=0)


def test_no_width_is_nothing_to_average(tmp_path):
    with pytest.raises(UsageError, match="averages nothing: name two widths"):
        PowerAverages(str(tmp_path), stds=[])


def test_a_run_without_snapshots_is_told_how_to_get_them(run_job, tmp_path):
    run = run_job("model=nice", "turns=1")
    with pytest.raises(UsageError, match="train it with callbacks=averages"):
        average(run, 0.1, tmp_path / "out")


def test_averages_do_not_begin_in_the_middle(run_job, tmp_path):
    run = run_job("model=nice", "turns=2")
    with pytest.raises(UsageError, match="in the middle of a run that has averaged nothing"):
        run_job("model=nice", "turns=3", "callbacks=averages", run=run)
    assert not (run / "averages").exists()
    run_job("model=nice", "turns=3", run=run)


def test_a_run_goes_on_with_what_it_has_averaged_alone(run_job, tmp_path):
    run = run_job(*JOB, "turns=4")
    later = run / "averages" / "images-000000999999-std-0.05.safetensors"
    later.write_bytes(b"of turns that are played again")
    for option, sentence in (
        ("stds=[0.05,0.2]", r"stds=\[0.2\] begin in the middle"),
        ("networks=[critic]", "differ from"),
    ):
        option = option.replace("critic", "discriminator")
        with pytest.raises(UsageError, match=sentence):
            run_job(*JOB, "turns=5", f"callbacks.averages.{option}")
    run_job(*JOB, "turns=5", "callbacks.averages.stds=[0.05]")
    assert not later.exists()
    assert len(list((run / "averages").iterdir())) == 3

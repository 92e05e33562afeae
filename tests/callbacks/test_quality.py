"""What is looked at while a model is trained, and what is reported in the end."""

import pytest

from gen_models import job as job_module
from gen_models import load
from gen_models.analysis.evaluate import figures_of
from gen_models.analysis.subject import Subject
from gen_models.data.digits import Digits
from gen_models.errors import UsageError
from gen_models.job import carry_out, train
from gen_models.metrics.extractors import DataSpace
from gen_models.metrics.records import read_records
from gen_models.metrics.scorer import Scorer
from gen_models.reports.status import status_of
from gen_models.run import sweeps
from gen_models.run.announce import PEEKING
from gen_models.run.checkpoints import Store
from gen_models.run.events import standing
from gen_models.run.outcome import Finish
from tests.helpers import rows

QUICK = ["model=vae", "network=mlp", "turns=2", "callbacks.quality.every=2", "callbacks.grids.every=0"]
JUDGED = ["metrics=data_space", "metrics.n=50", "metrics.metrics=[kid]"]


def figures(run, split):
    """The figures of a run by name, taken anew."""
    scorer = Scorer(DataSpace(), ("kid",), n=50, batch_size=1000)
    subject = Subject(load(run), Digits(validation_count=300), scorer, wanted=split)
    return {record.key: record for record in figures_of(subject)}


def test_one_chooses_by_validation_items_and_reports_on_test_items(run_job):
    run = run_job(*QUICK, *JUDGED)
    chosen, reported = figures(run, "validation")["kid_data_space"], figures(run, "test")["kid_data_space"]
    assert chosen.value != reported.value
    assert (chosen.protocol["real"], reported.protocol["real"]) == ("validation", "test")
    assert Store(run / "checkpoints").best().score == Finish.read(run).objective == pytest.approx(chosen.value)
    logged = [row["kid_data_space"] for row in rows(run / "metrics.csv") if row["kid_data_space"]]
    assert [float(value) for value in logged] == [pytest.approx(chosen.value, rel=1e-4)]
    stored = {record.key: record for record in read_records(run / "evaluation" / "turn-000002.json")}
    assert stored["kid_data_space"].value == pytest.approx(reported.value)
    assert {record.protocol.get("real", "test") for record in stored.values()} == {"test"}
    assert status_of(run).figure == f"kid_data_space {chosen.value:.4g}"


@pytest.mark.parametrize(("every", "taken"), [(2, ["2", "3"]), (1000, ["3"]), (0, [])])
def test_the_end_is_evaluated_too(run_job, every, taken):
    run = run_job(*QUICK, *JUDGED, "turns=3", f"callbacks.quality.every={every}")
    assert [row["turn"] for row in rows(run / "metrics.csv") if row.get("kid_data_space")] == taken
    assert [entry.turn for entry in Store(run / "checkpoints").entries() if entry.score is not None] == [
        *map(int, taken)
    ]
    assert Finish.read(run).objective is not None


def test_no_alarm_of_the_best_turn_names_it_as_a_better_one(run_job):
    run = run_job("model=vae", "network=mlp", "turns=2", *JUDGED)
    (alarm,) = standing(run)
    assert "samples are all alike" in alarm.message
    assert "the best is of" not in alarm.message


@pytest.mark.slow
def test_every_figure_of_held_out_items_names_its_split(run_job):
    run = run_job(*QUICK, *JUDGED)
    for split in ("validation", "test"):
        named = {
            key: record.protocol["real"] for key, record in figures(run, split).items() if "real" in record.protocol
        }
        assert {"psnr_of_reconstructions", "feature_distance_of_reconstructions_data_space"} < set(named)
        assert set(named.values()) == {split}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["data.validation_count=0"], True),
        ([], False),
        (["data.validation_count=0", "objective=null"], False),
        (["data.validation_count=0", "metrics.reference=train"], False),
    ],
)
def test_it_is_said_in_a_line_that_one_chooses_by_test_items(compose_job, options, said):
    cfg, lines = compose_job("~callbacks.progress", *QUICK, *JUDGED, *options), []
    first, *_ = carry_out(cfg, say=lines.append).records
    assert (PEEKING in lines) == said
    assert first.protocol["real"] == cfg.metrics.get("reference", "test")


def test_a_search_by_test_items_is_refused(compose_job, monkeypatch):
    for module in (sweeps, job_module):
        monkeypatch.setattr(module, "searching", lambda: True)
    with pytest.raises(UsageError, match="a search chooses by validation items, and the data has none"):
        train(compose_job("~callbacks.progress", *QUICK, *JUDGED, "data.validation_count=0"))

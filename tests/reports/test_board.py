"""Boards of run directories made by hand."""

import json
import re
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from gen_models.errors import UsageError
from gen_models.metrics.record import Record
from gen_models.metrics.records import add_records, read_records, write_records
from gen_models.metrics.stand_ins import add_stand_ins
from gen_models.reports.agreement import agreements
from gen_models.reports.board import Cell, short
from gen_models.reports.finished import comparable, read
from gen_models.reports.grouping import board
from gen_models.reports.page import write_page
from gen_models.reports.tables import comma_separated, markdown, notes, terminal
from gen_models.run.reading import every


def figure(metric, value, **fields):
    return Record(metric=metric, value=value, higher_is_better=False, **fields)


@pytest.fixture
def make(tmp_path):
    """Make a run directory with one figure."""

    def made(name, value, seed=1, model="gan", data="digits", n=100, finished=True, error=None, **protocol):
        run = tmp_path / name
        (run / "checkpoints").mkdir(parents=True)
        config = {
            "seed": seed,
            "run": str(run),
            "study": name,
            "choices": {"model": model, "data": data},
            "spec": {"shape": [1, 8, 8]},
        }
        config |= {"data": {"_target_": f"data.{data}", "workers": seed}, "model": {"seed": seed, "kind": model}}
        (run / "config.yaml").write_text(yaml.safe_dump(config))
        entry = {"file": "a.ckpt", "turn": 9, "bytes": 1, "sha256": ""}
        (run / "checkpoints" / "manifest.json").write_text(json.dumps({"checkpoints": [entry] if finished else []}))
        record = figure("FID", value, real=1.0, untrained=500.0, error=error, protocol={"n": n, **protocol})
        write_records([record], run / "evaluation" / "turn-000009.json")
        rows = ["turn,critic/loss,images,images/s,fid", "1,0.5,10,5,", "2,0.4,30,10,", "2,,30,,7"]
        (run / "metrics.csv").write_text("\n".join(rows) + "\n")
        return run

    return made


def test_seeds_of_a_recipe_have_a_mean_and_an_interval(make):
    runs = [make(f"g{seed}", value, seed) for seed, value in enumerate([1.0, 2.0, 3.0])]
    table = board(comparable([make("v", 1.5, model="vae"), *runs]))
    assert [row.name for row in table.rows] == ["vae", "gan"]  # the lower FID first
    (column,) = table.columns
    cell = table.rows[1].cells[column]
    assert (cell.mean, cell.seeds) == (2, 3)
    assert cell.spread == pytest.approx(4.3027 / 3**0.5, rel=1e-4)  # Student's t of 2 degrees
    assert "| gan | 3 | 30 | 0.0667 | 2 ± 2.5 |" in markdown(table)  # 10 images at 5 a second, 20 at 10
    assert "| real data |  |  |  | 1 |" in markdown(table)
    assert "gan,3,30.0,0.066" in comma_separated(table)


def test_a_figure_that_nothing_compares_with_stands_apart(make):
    one, other = make("a", 3.0), make("b", 2.0, model="vae")
    add_records([figure("NLL", 90.0)], other / "evaluation" / "turn-000009.json")
    table = board(comparable([one, other]))
    assert [column.label for column in table.shared] == ["FID"]
    assert "| vae | NLL | 90 |" in markdown(table)
    (alone,) = terminal(board([read(other)]), 80)[:1]
    assert [str(column.header) for column in alone.columns][-2:] == ["FID", "NLL"]


def test_what_samples_cost_stands_last_with_its_device_and_ranks_nobody(make):
    one, other = make("a", 3.0), make("b", 2.0, model="vae")
    for run, seconds in ((one, 0.1), (other, 0.5)):
        file = run / "evaluation" / "turn-000009.json"
        spent = figure("seconds a sample", seconds, protocol={"batch": 64, "device": "a thing"})
        write_records([figure("evaluations a sample", 1.0), spent, *read_records(file)], file)
    table = board(comparable([one, other]))
    assert [column.label for column in table.columns] == ["FID", "evaluations a sample", "seconds a sample"]
    assert [row.name for row in table.rows] == ["vae", "gan"]
    assert "seconds a sample: batch=64, device=a thing" in notes(table)


def test_a_terminal_gets_as_many_columns_as_it_has_room_for(make):
    run = make("a", 3.0)
    figures = [f"figure{number}" for number in range(9)]
    add_records([figure(name, 1.0) for name in figures], run / "evaluation" / "turn-000009.json")
    tables = terminal(board([read(run)]), 60)
    assert len(tables) > 2
    shown = [str(column.header) for each in tables for column in each.columns if column.header != "recipe"]
    assert shown == ["seeds", "images", "minutes", "FID", *figures]
    for each in tables:
        assert Console(width=200).measure(each).minimum <= 60


def test_other_protocols_have_other_columns_and_other_ways_other_rows(make):
    one, other = make("a", 3.0, n=100), make("b", 2.0, model="vae", n=200)
    density = figure("FID", 1.0, protocol={"n": 200}, way={"density": "mixture", "n_codes": 5})
    add_records([density], other / "evaluation" / "turn-000009-mixture.json")
    table = board(comparable([one, other]))
    assert [row.name for row in table.rows] == ["vae, density=mixture", "vae", "gan"]
    assert len(table.columns) == 2
    assert [len(row.cells) for row in table.rows] == [1, 1, 1]
    assert {"FID¹: n=200", "FID²: n=100"} <= set(notes(table))


def test_who_is_told_the_class_stands_beside_who_is_not_and_one_class_alone_apart(make):
    told = [make("a", 3.0), make("b", 2.0, model="cgan", classes="as the data")]
    assert len(board(comparable(told)).columns) == 1
    assert len(board(comparable([*told, make("c", 1.0, model="acgan", classes="3")])).columns) == 2


def test_a_recipe_sampled_with_several_settings_is_named_by_them(make):
    run = make("a", 3.0)
    for steps, value in ((1, 2.0), (10, 1.0)):
        add_records(
            [figure("FID", value, way={"steps": steps, "solver": "euler"})],
            run / "evaluation" / f"turn-000009-steps_{steps}.json",
        )
    assert [row.name for row in board([read(run)]).rows] == [
        f"gan, steps={steps}, solver=euler" for steps in (10, 1)
    ] + ["gan"]


def test_what_is_no_number_comes_last(make):
    runs = [read(make(name, value, model=name)) for name, value in (("a", 3.0), ("b", float("nan")), ("c", 2.0))]
    assert [row.name for row in board(runs).rows] == ["c", "a", "b"]


def test_a_board_of_some_figures_is_ranked_by_the_first(make):
    runs = [make("a", 3.0), make("b", 2.0, model="vae")]
    for run, worth in zip(runs, (0.1, 0.2), strict=True):
        add = [figure("KID", worth, protocol={"extractor": name}) for name in ("one", "two")]
        add_records(add, run / "evaluation" / "turn-000009.json")
    read = comparable(runs)
    both = board(read, ["kid", "fid"])
    assert [column.label for column in both.columns] == ["KID (one)", "KID (two)", "FID"]
    assert [row.name for row in both.rows] == ["gan", "vae"]
    alone = board(read, ["kid_two"])
    assert "one" not in comma_separated(alone) + markdown(alone)
    with pytest.raises(UsageError, match="no run has a figure 'kit': did you mean kid"):
        board(read, ["kit"])


def test_runs_that_do_not_compare_are_refused(make):
    differs = r"differ in their data \(data._target_: gen_models.data.digits and gen_models.data.avatars\)"
    with pytest.raises(UsageError, match=differs):
        comparable([make("a", 1.0), make("b", 1.0, data="avatars")])
    with pytest.raises(UsageError, match="has no finished checkpoint"):
        comparable([make("c", 1.0, finished=False)])


def test_a_run_that_is_named_twice_is_one_seed(make):
    first, second = make("a", 1.0), make("b", 2.0, seed=2)
    assert [run.path for run in comparable([first, second, first.parent / "." / "a"])] == [first, second]


def test_a_recipe_trained_twice_with_one_seed_is_one_seed(make):
    runs = comparable([make("a", 1.0), make("again", 3.0), make("b", 2.0, seed=2)])
    with pytest.warns(UserWarning, match="a is left out: .*again is the same recipe with the same seed"):
        (row,) = board(runs).rows
    assert [run.path.name for run in row.runs] == ["again", "b"]


def test_figures_taken_later_join_those_that_they_do_not_replace(make):
    file = make("a", 1.0) / "evaluation" / "turn-000009.json"
    add_records([figure("FID", 2.0, protocol={"n": 100}, found={"warning": "biased"}), figure("KID", 3.0)], file)
    add_records([figure("FID", 4.0, protocol={"n": 100}, way={"truncation": 0.5})], file)
    add_records([figure("FID", 5.0, protocol={"n": 100})], file)
    assert [(r.metric, r.value) for r in read_records(file)] == [("FID", 5.0), ("KID", 3.0), ("FID", 4.0)]


def test_a_board_ranks_by_what_was_judged_first_and_one_figure_in_several_spaces_stands_together(make):
    runs = [make("a", 1.0, extractor="one"), make("b", 2.0, model="vae", extractor="one")]
    for run, value in zip(runs, [9.0, 3.0], strict=True):
        later = [
            figure("IS", value, protocol={"extractor": "one"}),
            figure("FID", value, protocol={"extractor": "two"}),
        ]
        add_records(later, run / "evaluation" / "turn-000009.json")
    table = board(comparable(runs))
    assert [column.label for column in table.columns] == ["FID (one)", "FID (two)", "IS (one)"]
    assert [row.name for row in table.rows] == ["gan", "vae"]


def test_time_is_what_the_throughput_says(make):
    run = read(make("a", 1.0))
    assert run.points("critic/loss") == [(1, 10, 2.0, 0.5), (2, 30, 4.0, 0.4)]
    assert run.points("fid") == [(2, 30, 4.0, 7.0)]


def test_a_run_that_went_on_after_its_figures_has_the_images_and_time_of_these(make):
    run = make("a", 3.0)
    with (run / "metrics.csv").open("a") as file:
        file.write("20,0.3,400,10,\n")
    (row,) = board([read(run)]).rows
    assert (row.images, row.minutes) == (30, 4 / 60)


def test_minutes_that_nobody_logged_are_not_none(make):
    run = make("a", 3.0)
    (run / "metrics.csv").write_text("turn,images,fid\n9,90,3.0\n")
    assert "| gan | 1 | 90 | – |" in markdown(board([read(run)]))


def test_a_page_needs_no_other_file(make, tmp_path):
    runs = [read(make("a", 1.0, error=0.1)), read(make("b", 2.0, model="<vae>", error=0.2))]
    page = write_page(runs, tmp_path / "deep" / "report.html").read_text()
    assert not re.findall(r"(?:src|srcset|poster|action)=|<link|@import|url\(", page.replace('src="data:', ""))
    assert "&lt;vae&gt;" in page
    assert page.count('class="plot"') == 2
    assert page.count("<svg") == 2, "a line of the legend for each run"
    assert "<b>1 (0.1)</b> <small>untrained 500</small>" in page
    assert "td small { display: inline;" in page  # a row is one line high


def test_numbers_are_short():
    assert [short(value) for value in (1234.5, 0.12345, -3.0, 999.9)] == ["1,234", "0.123", "-3", "1,000"]
    assert str(Cell(218.4, 138.6, 2, None, 2)) == "218 ± 139"
    assert str(Cell(218.4, 138.6, 2, None, 5)) == "218 ± 139, 2 of 5 runs", "those that have none may have collapsed"
    assert str(Cell(1234.5, None, 1, None)) == "1,234"


@pytest.mark.parametrize(
    ("errors", "bold"),
    [((0.1, 0.2), True), ((0.3, 0.3), False), ((0.1, None), False), ((None, None), False)],
)
def test_the_best_stands_out_only_beyond_chance(make, errors, bold):
    table = board([read(make(str(v), v, model=str(v), error=errors[v - 1])) for v in (1, 2)])
    best = table.best(table.columns[0])
    assert (best is table.rows[0]) is bold
    assert (best is None) is not bold


def test_a_figure_without_a_value_is_a_dash_and_comes_last(make):
    table = board([read(make("a", float("nan"), model="a")), read(make("b", 7.0, model="b"))])
    assert [row.name for row in table.rows] == ["b", "a"]
    assert "| a | 1 | 30 | 0.0667 | – |" in markdown(table)
    (stored,) = json.loads((table.rows[1].runs[0].path / "evaluation" / "turn-000009.json").read_text())
    assert stored["value"] is None


def test_spoilt_items_stand_below_the_recipes_and_a_blind_figure_is_named(make):
    runs = [make("a", 3.0), make("b", 2.0, model="vae")]
    for protocol, blurred in (({"n": 100}, 0.5), ({"n": 7}, 9.0)):
        judged = {"real": 1.0, "blurred": blurred, "noised": 4.0}
        found = {name: [figure("FID", value, protocol=protocol)] for name, value in judged.items()}
        add_stand_ins(found, runs[0])
    table = board(comparable(runs))
    (column,) = table.shared
    assert table.blind(column) == ["blurred"], "judged as the column is, and not of seven items"
    text = markdown(table)
    assert text.index("| gan |") < text.index("| blurred (no model) |  |  |  | 0.5 |")
    assert "| noised (no model) |  |  |  | 4 |" in text
    assert "- FID fails on these data: real items are no better to it than blurred." in text
    write_page(comparable(runs), runs[0] / "board.html")
    assert "<td>blurred (no model)</td>" in (runs[0] / "board.html").read_text()


def test_two_spaces_say_how_far_they_agree(make):
    order = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0}
    runs = [make(name, value, model=name, extractor="one") for name, value in order.items()]
    for run, value in zip(runs, [10.0, 30.0, 20.0, 40.0], strict=True):
        figures = [figure("FID", value, protocol={"extractor": "two"}), figure("IS", value)]
        add_records(figures, run / "evaluation" / "turn-000009.json")
    (found,) = agreements(board(comparable(runs)))
    assert ({found.first.extractor, found.second.extractor}, found.rows) == ({"one", "two"}, 4)
    assert found.rho == pytest.approx(0.8)  # 1 - 6 (0 + 1 + 1 + 0) / (4 (16 - 1))
    (told,) = [note for note in notes(board(comparable(runs))) if "correlation" in note]
    assert told.startswith("FID, rank correlation of two spaces")
    assert "one and two 0.80 (4 recipes)" in told or "two and one 0.80 (4 recipes)" in told
    assert not list(agreements(board(comparable(runs[:3])))), "of three, ranks agree by chance"


def test_the_published_board_of_heads_is_read_from_runs_without_their_checkpoints():
    folder = Path(__file__).parents[2] / "docs" / "boards" / "avatars-night"
    table = board(comparable(every([folder])), ["kid", "bits_per_dimension"])
    assert not list(folder.rglob("*.ckpt"))
    assert len(table.rows) >= 5
    assert len([column for column in table.columns if column.figure == "KID"]) == 3
    rules = [column for column in table.columns if column.figure == "bits per dimension"]
    assert len(rules) == 5, "exact, by an equation, a bound, one of some terms, dequantised: never in one column"
    assert all(table.rows[0].cells[column].mean is not None for column in table.columns if column.figure == "KID")
    assert "blurred" in table.stand_ins

import json
from shutil import copytree

import pytest

from gen_models.errors import UsageError
from gen_models.metrics.record import Record
from gen_models.metrics.records import write_records
from gen_models.reports.plots import found, over_runs, over_turns, plotted


@pytest.fixture
def sweep(tmp_path):
    for limit, figures in ((1000, (8, 20)), (64, (9, 40))):
        run = tmp_path / "sweep" / str(limit)
        (run / ".hydra").mkdir(parents=True)
        config = {"data": {"limit": limit}, "choices": {"model": "memorise", "data": "digits"}}
        for folder in (run, run / ".hydra"):  # Hydra keeps a copy of what it was asked
            (folder / "config.yaml").write_text(json.dumps(config))
        rows = [f"{turn},{value}," for turn, value in zip((10, 20), figures, strict=True)]
        (run / "metrics.csv").write_text("\n".join(["turn,memory/psnr,other", *rows, "20,,1"]))
    return tmp_path / "sweep"


def test_last_values_stand_over_what_runs_differ_in(sweep):
    (line,) = over_runs(found([sweep]), ["memory/psnr"], "data.limit")
    assert line.points == [(64, 40), (1000, 20)]
    assert str(line) == "memory/psnr: 40 at 64, 20 at 1000."
    assert plotted([line], "data.limit", "t").axes[0].get_xlabel() == "data.limit"


def test_final_figures_stand_over_an_option_too_and_seeds_at_one_place(sweep):
    for limit, value in (("64", 3.0), ("1000", 2.0)):
        record = Record(metric="KID (data space)", value=value, higher_is_better=False)
        write_records([record], sweep / limit / "evaluation" / "turn-000020.json")
    copytree(sweep / "64", sweep / "another seed")
    (line,) = over_runs(found([sweep]), ["kid_data_space"], "data.limit")
    assert line.points == [(64, 3), (64, 3), (1000, 2)]
    dots, means = plotted([line], "data.limit", "t").axes[0].lines
    assert (dots.get_linestyle(), means.get_xdata().tolist()) == ("None", [64, 1000])
    with pytest.raises(UsageError, match=r"did you mean kid_data_space\?"):
        over_runs(found([sweep]), ["kid_dataspace"], "data.limit")


@pytest.mark.parametrize(
    ("key", "values", "places"),
    [
        ("loss", ({"_target_": "gen_models.losses.Hinge"}, {"_target_": "gen_models.losses.Wasserstein"}), ["Hinge"]),
        ("penalty", ({}, {"gp": {"weight": 10}, "drift": {"weight": 1}}), ["gp, drift", "none"]),
        ("model", ({"beta": 1}, {"beta": 2}), ["memorise"]),
        ("images", (None, 200), [200, "None"]),
        ("betas", ([0, 0.9], [0.5, 0.9]), ["[0, 0.9]", "[0.5, 0.9]"]),
    ],
)
def test_parts_have_a_place_on_the_axis_by_their_names(sweep, key, values, places):
    for limit, value in zip(("64", "1000"), values, strict=True):
        file = sweep / limit / "config.yaml"
        file.write_text(json.dumps(json.loads(file.read_text()) | {key: value}))
    (line,) = over_runs(found([sweep]), ["memory/psnr"], key)
    assert [place for place, _ in line.points][: len(places)] == places
    assert plotted([line], key, "t").axes[0].get_xlabel() == key


def test_lines_are_named_by_what_runs_differ_in_and_below_the_axes(sweep):
    lines = over_turns(found([sweep]), ["memory/psnr"])
    assert sorted(line.name for line in lines) == ["memorise (data.limit=1000)", "memorise (data.limit=64)"]
    (other, _) = over_turns(found([sweep]), ["memory/psnr", "other"])[:2]
    assert other.name.endswith(" memory/psnr")
    figure = plotted(lines, "turn", "t", "psnr")
    figure.canvas.draw()
    (legend,) = figure.legends
    assert figure.axes[0].get_ylabel() == "psnr"
    assert legend.get_window_extent().y1 <= figure.axes[0].get_window_extent().y0


def test_columns_are_followed_through_the_turns(sweep):
    runs = found([sweep / "64"])
    assert over_turns(runs, ["memory/psnr"]) == [("memory/psnr", [(10, 9), (20, 40)])]
    with pytest.raises(UsageError, match=r"did you mean memory/psnr\?"):
        over_turns(runs, ["memory/psn"])
    with pytest.raises(UsageError, match=r"has no option data\.limits: did you mean data\.limit\?"):
        over_runs(runs, ["other"], "data.limits")
    with pytest.raises(UsageError, match="there is no .*nothing: gen-models status"):
        found([sweep / "nothing"])

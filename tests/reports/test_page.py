"""The report of a run: what stands in it, and how it behaves in a real browser."""

import json
import shutil
from base64 import b64decode
from pathlib import Path

import pytest
import torch
import yaml
from PIL import Image

from gen_models.callbacks.grids import REAL
from gen_models.media.pictures import grid, save_picture
from gen_models.reports.about import about_model
from gen_models.reports.finished import read
from gen_models.reports.page import own_words, write_page
from gen_models.reports.strips import strip
from tests.explore.browser import CHROMIUM, browser


@pytest.fixture
def run(tmp_path):
    """A run directory of an SNGAN made by hand, with grids of four turns, real data, and a theory experiment's plot."""
    run = tmp_path / ("a_name_without_an_end," * 6)
    (run / "checkpoints").mkdir(parents=True)
    config = {"seed": 1, "name": "theory/optimal_critic", "choices": {"model": "sngan", "data": "digits"}}
    config |= {"spec": {"shape": [1, 8, 8]}, "callbacks": {"theory": {"title": "The best critic is p / (p + q)"}}}
    (run / "config.yaml").write_text(yaml.safe_dump(config))
    shades = torch.linspace(-1, 1, 4)
    for turn, shade in enumerate(shades, 1):
        save_picture(grid(shade.expand(64, 1, 8, 8)), run / "samples" / f"turn-{turn:06d}.png")
    for name in (REAL, "theory.png"):
        save_picture(grid(torch.zeros(64, 1, 8, 8)), run / "samples" / name)
    rows = ["turn,critic/adversarial,images,images/s,theory/loss", "1,0.5,10,5,", "2,0.4,30,10,", "3,,,,0.8268"]
    (run / "metrics.csv").write_text("\n".join(rows) + "\n")
    return run


def test_a_report_has_real_data_a_strip_and_what_a_theory_experiment_found(run, tmp_path):
    page = write_page([read(run)], tmp_path / "report.html").read_text()
    places = [page.index(f"<figcaption>{kind}<") for kind in ("theory beside training", "samples", "real data")]
    assert places == sorted(places)
    assert page.count('alt="samples after turn ') == 4
    assert "<h2>The best critic is p / (p + q)</h2>" in page
    assert "<td>loss</td><td>0.8268</td>" in page
    assert "No figures yet" not in page
    assert "theory/optimal_critic: sngan on digits" in page


def test_runs_side_by_side_show_their_real_data_once(run, tmp_path):
    other = shutil.copytree(run, tmp_path / "other")
    config = yaml.safe_load((other / "config.yaml").read_text())
    (other / "config.yaml").write_text(yaml.safe_dump(config | {"seed": 2}))
    save_picture(grid(torch.ones(64, 1, 8, 8)), other / "samples" / "turn-000004.png")
    page = write_page([read(run), read(other)], tmp_path / "report.html").read_text()
    assert (page.count("<b>real data</b>"), page.count("<figcaption>real data<")) == (1, 0)
    assert page.count("<figcaption>samples<") == 2
    save_picture(grid(torch.ones(64, 1, 8, 8)), other / "samples" / REAL)
    page = write_page([read(run), read(other)], tmp_path / "report.html").read_text()
    assert page.count("<b>real data</b>") == 2  # mirrored, or of another size: both are shown


def test_a_strip_is_the_upper_row_of_enlarged_grids(run, tmp_path):
    found = strip(run / "samples", [1, 8, 8])
    assert [drawn.turn for drawn in found] == [1, 2, 3, 4]
    place = tmp_path / "row.png"
    place.write_bytes(b64decode(found[0].source.partition(",")[2]))
    whole = Image.open(run / "samples" / "turn-000001.png")
    assert Image.open(place).size == (whole.width, 4 * 10)  # 82 pixels were enlarged 4 times; a row is 8 and a gap of 2


def test_half_a_picture_is_left_out(run, tmp_path):
    for name in ("turn-000004.png", "turn-000002.png", REAL):
        path = run / "samples" / name
        path.write_bytes(path.read_bytes()[:-40])
    found = read(run)
    assert found.pictures["samples"].name == "turn-000003.png"
    assert "real" not in found.pictures
    assert [drawn.turn for drawn in found.strip] == [1, 3]
    assert write_page([found], tmp_path / "report.html").is_file()


def test_turns_stand_in_their_order_from_a_million_on(run):
    samples = run / "samples"
    (samples / "turn-000004.png").rename(samples / "turn-1000000.png")
    (samples / "turn-000003.png").rename(samples / "turn-999999.png")
    shutil.copy(samples / "turn-999999.png", samples / "turn-999999 (1).png")
    assert [drawn.turn for drawn in strip(samples, [1, 8, 8])] == [1, 2, 999999, 1000000]
    assert read(run).pictures["samples"].name == "turn-1000000.png"


def test_figures_are_those_of_the_last_turn_whatever_lies_beside_them(run):
    (run / "evaluation").mkdir()
    record = {"metric": "KID", "higher_is_better": False}
    for name, value in (("999999", 2.0), ("1000000", 3.0), ("1000000-mixture", 4.0), ("1000000 (1)", 5.0)):
        (run / "evaluation" / f"turn-{name}.json").write_text(json.dumps([record | {"value": value}]))
    found = read(run)
    assert found.turn == 1000000
    assert [record.value for record in found.records] == [4, 3]


def test_a_report_leads_to_the_paper_and_to_the_page_of_the_family(tmp_path):
    about = about_model("sngan", tmp_path / "report.html")
    assert about.url == "https://arxiv.org/abs/1802.05957"
    assert (tmp_path / about.page).resolve().name in ("sngan.md", "sngan.html")
    assert (tmp_path / about.page).resolve().is_file()
    assert about_model("../../etc/passwd", tmp_path / "report.html") is None


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize("width", [1200, 400])
def test_in_a_browser_curves_are_drawn_nothing_overflows_and_nobody_is_asked(run, tmp_path, width):
    report = write_page([read(run)], tmp_path / "report.html")
    with browser(tmp_path / "profile", width=width, dark=True) as page:
        page.go(Path(report).as_uri())
        page.until("document.querySelectorAll('canvas').length === 1")
        assert page.value("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        before = page.value("document.querySelector('canvas').toDataURL()")
        page.value("document.querySelector('input[value=seconds]').click()")
        assert page.value("document.querySelector('canvas').toDataURL()") != before
        ground = "getComputedStyle(document.body).backgroundColor"
        dark = page.value(ground)
        page.value("document.getElementById('theme').click()")
        assert page.value(ground) == "rgb(255, 255, 255)" != dark
        assert [asked for asked in page.requests if not asked.startswith("data:")] == [Path(report).as_uri()]
        assert json.dumps(page.complaints) == "[]"


def test_a_card_of_several_says_what_was_typed_of_it_alone(run, tmp_path):
    typed, runs = {"a": ["model=gan", "data=digits", "turns=5"], "b": ["model=vae", "data=digits", "turns=7"]}, []
    for seed, (name, words) in enumerate(typed.items()):
        (typing := shutil.copytree(run, tmp_path / name) / ".hydra").mkdir()
        (typing / "overrides.yaml").write_text(yaml.safe_dump(words))
        config = yaml.safe_load((typing.parent / "config.yaml").read_text())
        (typing.parent / "config.yaml").write_text(yaml.safe_dump(config | {"seed": seed}))
        runs.append(read(typing.parent))
    assert own_words(runs) == ["model=gan turns=5", "model=vae turns=7"]
    page = write_page(runs, tmp_path / "board.html").read_text()
    assert "<summary><code>model=gan turns=5</code></summary>" in page
    assert "<code>gen-models train model=gan data=digits turns=5</code>" in page

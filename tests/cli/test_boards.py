"""Runs side by side, as it is typed."""

import json

import pytest
from PIL import Image

from tests.cli.test_cli import typed  # noqa: F401 (a fixture)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["compare", "wrong", "--out", "there.html"], "there is no wrong"),
        (["tournament", "wrong", "other", "--out", "there.md"], "there is no wrong"),
        (["plot", "wrong", "--y", "x", "--out", "there.png"], "there is no wrong"),
        (["plot", "run", "wrong", "--y", "x"], "there is no wrong"),
        (["compare", "rnu"], "there is no rnu: did you mean run?"),
        (["sample", "lats"], "there is no lats: did you mean last?"),
        (["status", "rnu"], "there is no run in rnu: did you mean run?"),
        (["reproductions", "wrong", "--records", "/nowhere/there.json"], "there is no wrong"),
        (["data", "inspect", "data=wrong", "--out", "there.png"], "there is no data=wrong"),
    ],
)
def test_what_is_read_is_looked_for_before_what_is_written(typed, tmp_path, monkeypatch, words, said):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    for name in ("there.html", "there.md", "there.png", "run/config.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    code, text = typed(*words)
    assert (code, text.count("\n")) == (2, 1)
    assert said in text


def test_a_run_ends_with_a_report_and_runs_stand_on_one_board(run_job, typed, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setattr("gen_models.metrics.critic.TURNS", 20)
    judged = ["metrics=data_space", "metrics.metrics=[kid,precision]", "metrics.n=60", "network=mlp", "turns=4"]
    vae = run_job("model=vae", *judged, run=tmp_path / "vae")
    gans = [run_job("model=gan", *judged, f"seed={seed}", run=tmp_path / f"gan{seed}") for seed in (1, 2)]
    page = (vae / "report.html").read_text()
    assert "PSNR of reconstructions" in page
    assert page.count("data:image/png;base64,") >= 2
    out = tmp_path / "board.html"
    code, text = typed("compare", vae, *gans, "--out", out, "--out", tmp_path / "board.md")
    assert code == 0, text
    assert "| gan | 2 |" in (tmp_path / "board.md").read_text()
    assert "default-src &#39;none&#39;" in out.read_text(), "it asks the network for nothing"
    assert typed("compare", vae, "--out", tmp_path / "board.pdf")[0] == 2
    standings = tmp_path / "standings.json"
    code, text = typed("tournament", vae, *gans, "--n", 20, "--out", standings)
    assert code == 0, text
    assert json.loads(standings.read_text())["names"] == ["vae*", "gan (seed=1)", "gan (seed=2)"]
    assert "a tournament takes two runs or more" in typed("tournament", vae)[1]

    for word, run in (("neighbours", gans[0]), ("interpolate", gans[0]), ("spectrum", gans[0]), ("arithmetic", vae)):
        words = ["--attribute", "class", "--plus", 1, "--minus", 7] if word == "arithmetic" else []
        code, text = typed(word, run, *words, "--out", tmp_path / f"{word}.png")
        assert code == 0, text
        assert Image.open(tmp_path / f"{word}.png").width >= 256
    for word, run in (("film", vae), ("film", gans[0]), ("truncation", vae)):
        code, text = typed(word, run, "--out", tmp_path / ("no.gif" if word == "film" else "no.png"))
        assert (code, "choose a run of" in text) == (2, True), text
    code, text = typed("evaluate", gans[0], "--figures", "smoothness", "--figures", "diversity", "--averaged")
    assert code == 0, text
    assert {"path length", "MS-SSIM of pairs", "KID", "precision", "seconds a sample"} <= {
        record["metric"] for record in json.loads((gans[0] / "evaluation" / "turn-000004.json").read_text())
    }

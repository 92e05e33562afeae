"""What can be asked of a run with codes, as it is typed."""

import json

import pytest

from tests.cli.test_cli import pixels, typed  # noqa: F401 (a fixture)


@pytest.fixture
def run(copy_job):
    return copy_job("model=aae", "network=mlp", "turns=30")


@pytest.mark.slow
def test_samples_of_a_density_have_figures_of_their_own(run, typed, tmp_path):  # noqa: F811
    density = ["--density", "mixture", "--components", 3]
    assert typed("sample", run, "--out", tmp_path / "a.png", *density)[0] == 0
    assert typed("sample", run, "--out", tmp_path / "b.png", *density)[0] == 0
    assert typed("sample", run, "--out", tmp_path / "c.png")[0] == 0
    a, b, c = (pixels(tmp_path / f"{name}.png") for name in "abc")
    assert (a == b).all()
    assert (a != c).any()
    plain = (run / "evaluation" / "turn-000030.json").read_text()
    judge = ["--metrics", "data_space", "--metric", "kid", "--n", 50]
    code, text = typed("evaluate", run, *judge, *density)
    assert code == 0, text
    records = json.loads((run / "evaluation" / "turn-000030-mixture-3.json").read_text())
    (kid,) = (record for record in records if record["metric"] == "KID")  # beside what samples cost
    assert (kid["metric"], kid["way"]["density"], kid["way"]["n_codes"]) == ("KID", "mixture-3", 1197)
    assert (run / "evaluation" / "turn-000030.json").read_text() == plain


def test_walks_and_maps_are_pictures(run, typed, tmp_path):  # noqa: F811
    for way in ("--spherical", "--linear"):
        out = tmp_path / f"walk{way}.png"
        assert typed("interpolate", run, "--rows", 3, "--steps", 4, way, "--out", out)[0] == 0
        height, width, _ = pixels(out).shape
        assert height * (6 * 10 + 2) == width * (3 * 10 + 2)
    code, text = typed("latents", run, "--n", 100, "--out", tmp_path / "map.png")
    assert code == 0, text
    (record,) = json.loads((run / "evaluation" / "turn-000030-codes.json").read_text())
    assert record["metric"] == "MMD of codes to the prior"
    assert record["protocol"]["against"] == "the prior"
    assert 0 < record["found"]["p"] <= 1
    typed("latents", run, "--n", 100, "--against", "normal", "--map", "tsne", "--out", tmp_path / "tsne.png")
    former, record = json.loads((run / "evaluation" / "turn-000030-codes.json").read_text())
    assert former["protocol"]["against"] == "the prior", "what was measured against others stays"
    assert record["protocol"]["against"] == "N(0, 1)"


def test_a_model_without_codes_says_so(run_job, typed, tmp_path):  # noqa: F811
    run = run_job("model=sngan", "network=mlp", "turns=1", run=tmp_path / "gan")
    for words in (["latents"], ["sample", "--density", "gaussian"]):
        code, text = typed(words[0], run, *words[1:])
        assert code == 2
        assert "codes" in text.splitlines()[-1]
        assert "Traceback" not in text


def test_of_many_codes_those_that_matter_are_shown_and_the_rest_told_of(run_job, typed, tmp_path):  # noqa: F811
    run = run_job("model=gan", "network=mlp", "model.latent_dim=9", "turns=1")
    code, text = typed("traverse", run, "--rows", 2, "--steps", 2, "--most", 3)
    told = [line for line in text.splitlines() if line.startswith("rows ")]
    assert code == 0, text
    assert [line.split(":")[0] for line in told] == ["rows 1 to 2", "rows 3 to 4", "rows 5 to 6"]
    assert "these 3 of 9 codes change pictures most: --most shows more" in text


@pytest.mark.slow
def test_codes_are_moved_in_a_picture_and_a_film(run_job, typed, tmp_path):  # noqa: F811
    run = run_job("model=infogan", "network.generator.width=8", "turns=2", run=tmp_path / "infogan")
    code, text = typed("traverse", run, "--rows", 2, "--steps", 9, "--out", tmp_path / "moved.png")
    assert code == 0, text
    assert "rows 5 to 6: style 2" in text
    assert pixels(tmp_path / "moved.png").shape[:2] == (3 * 3 * (2 * 10 + 2), 3 * (10 * 10 + 2))  # enlarged thrice
    assert (tmp_path / "moved-film.gif").is_file()
    evaluated = json.loads((run / "evaluation" / "turn-000002.json").read_text())
    names = {record["metric"] for record in evaluated}
    assert names == {"unsupervised accuracy of class", "isolation of codes"}
    assert typed("traverse", run, "--code", "hair")[0] == 2
    words = ["--attribute", "class", "--plus", 1, "--minus", 7, "--rows", 2]
    for word, *options in (["truncation"], ["decode", "--at", "0.5,-1"], ["sample", "--density", "mixture"]):
        code, text = typed(word, run, *options)
        assert code == 0, text
    code, text = typed("arithmetic", run, *words)  # samples of two turns are all alike
    assert (code, "nothing seen has class=" in text) == (2, True), text


def test_what_steers_codes_is_read_before_any_work(typed, tmp_path):  # noqa: F811
    (tmp_path / "config.yaml").touch()  # enough for a run, until it is opened
    for words, sentence in [
        (
            ["steer", "--move", "direction 1"],
            "--move is a code and a number, as in 'direction 1=2', not 'direction 1'.",
        ),
        (["steer", "--between", "3"], "--between takes the numbers of two draws, as in 3,7, not '3'."),
        (["decode", "--at", "up,1"], "--at takes the two coordinates of a place, as in 0.5,-1.2, not 'up,1'."),
    ]:
        assert typed(words[0], tmp_path, *words[1:]) == (2, sentence + "\n")

"""Everything after training, as it is typed."""

import json
import sys

import numpy as np
import pytest
from PIL import Image

from gen_models import load
from gen_models.analysis.ways import Way
from gen_models.cli import main
from gen_models.errors import UsageError


@pytest.fixture
def typed(monkeypatch, capsys):
    """Type a command; give what it printed, and how it ended."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["gen-models", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        return end.value.code or 0, printed.out + printed.err

    return run


def pixels(path):
    return np.asarray(Image.open(path)).astype(int)


def test_sample_draws_the_same_picture_for_the_same_seed(run_job, typed, tmp_path):
    run = run_job("model=cgan", "turns=2")
    for name, seed, wanted in [("a", 1, 3), ("b", 1, 3), ("c", 2, 3), ("d", 1, 4)]:
        code, _ = typed("sample", run, "--n", 9, "--class", wanted, "--seed", seed, "--out", tmp_path / f"{name}.png")
        assert code == 0
    a, b, c, d = (pixels(tmp_path / f"{name}.png") for name in "abcd")
    assert (a == b).all()
    assert (a != c).any()
    assert (a != d).any()
    assert typed("sample", run, "--class", 10) == (2, "the model makes classes 0 to 9, not 10.\n")
    code, text = typed("sample", run, "--n", 10**8)
    assert (code, "one picture of 100,000,000 samples would have 6,400 megapixels" in text) == (2, True)


def test_a_class_is_asked_for_by_its_name_before_its_number(run_job, typed, tmp_path):
    images, names = np.random.RandomState(0).randint(0, 256, (60, 8, 8), np.uint8), np.array(["3", "cat", "dog"])
    np.savez(tmp_path / "pets.npz", x=images, y=names[np.arange(60) % 3])
    run = run_job("model=cvae", "network=mlp", "data=array", f"data.x={tmp_path}/pets.npz", "turns=1")

    def drawn(command, class_, *words):
        code, text = typed(command, run, *words, "--class", class_, "--out", tmp_path / "a.png", "--overwrite")
        assert code == 0, text
        return pixels(tmp_path / "a.png").tolist()

    assert drawn("sample", "cat") == drawn("sample", 1) != drawn("sample", 2)
    assert drawn("sample", 3) == drawn("sample", 0)  # the name of a class that is no number of one
    assert drawn("steer", "dog", "--n", 4) == drawn("steer", 2, "--n", 4) != drawn("steer", 1, "--n", 4)
    drawn("sample", "cat", "--n", 1)
    image = ["--image", (tmp_path / "a.png").rename(tmp_path / "cat.png")]
    assert drawn("reconstruct", "dog", *image) != drawn("reconstruct", 3, *image)
    assert typed("sample", run, "--class", "dig") == (2, "there is no class 'dig': did you mean dog?\n")
    assert typed("sample", run, "--class", "bird") == (2, "there is no class 'bird': there is 3, cat, dog.\n")


@pytest.mark.slow
def test_truncation_gives_up_variety(run_job, typed, tmp_path):
    run = run_job("model=biggan", "turns=2")
    spread = []
    for limit in (1e-4, 2.0):  # below what batch statistics blow up again
        drawn = tmp_path / f"{limit}.npz"
        assert typed("sample", run, "--n", 16, "--class", 3, "--truncation", limit, "--out", drawn)[0] == 0
        spread.append(np.load(drawn)["arr_0"].astype(float).std(0).mean())
    assert spread[0] < 0.1 * spread[1], spread
    vae = run_job("model=vae", "network=mlp", "turns=1", run=tmp_path / "vae")
    assert "no latents to truncate" in typed("sample", vae, "--truncation", 1)[1]


def test_an_unconditional_model_is_not_asked_for_a_class(run_job, typed, tmp_path):
    run = run_job("model=sngan", "network=mlp", "turns=2")
    for class_ in (1, "one"):
        code, text = typed("sample", run, "--class", class_)
        assert (code, "trained without classes" in text) == (2, True)
    assert "so none is the best: take the newest, or train with" in typed("sample", run, "--checkpoint", "best")[1]
    nothing = tmp_path / "nothing"
    assert f"there is no {nothing}: gen-models status lists the runs." in typed("sample", nothing)[1]
    nothing.mkdir()
    assert "is no run directory: it has no config.yaml" in typed("sample", nothing)[1]


def test_evaluate_stores_figures_with_their_protocol(run_job, typed):
    run = run_job("model=vae", "network=mlp", "turns=2")
    code, text = typed("evaluate", run, "--metrics", "classifier", "--metric", "kid", "--n", 100)
    assert code == 0
    assert "KID (classifier of digits)" in text
    records = json.loads((run / "evaluation" / "turn-000002.json").read_text())
    found = {record["metric"]: record for record in records}
    kid, psnr = found["KID"], found["PSNR of reconstructions"]
    assert kid["real"] < kid["value"]
    assert kid["untrained"] is not None
    assert kid["protocol"]["n"] == 100
    assert (psnr["higher_is_better"], kid["higher_is_better"]) == (True, False)
    assert found["feature distance of reconstructions"]["protocol"]["extractor"] == "classifier of digits"
    assert typed("evaluate", run, "--metrics", "clasifier")[1].endswith("did you mean classifier?\n")
    sentence = typed("evaluate", run, "--figures", "parsen")[1]
    assert sentence.endswith("there is no figure 'parsen': did you mean parzen?\n")
    assert "ask for it by --metric vendi" in typed("evaluate", run, "--figures", "vendi")[1]
    assert "no metric 'fit': did you mean fid" in typed("evaluate", run, "--metric", "fit")[1]
    assert "ask for it by --figures parzen" in typed("sanity", run, "--metric", "parzen")[1]
    assert typed("evaluate", run)[0] == 0  # as the run's own metrics=none has it


def test_a_picture_shows_every_class_and_is_the_beginning_of_a_larger_one(run_job, typed, tmp_path):
    run = run_job("model=cvae", "network=mlp", "turns=2")
    for n in (10, 40):
        assert typed("sample", run, "--n", n, "--out", tmp_path / f"{n}.png")[0] == 0
    few, many = (pixels(tmp_path / f"{n}.png") for n in (10, 40))
    assert few.shape[1] == many.shape[1] == 3 * (2 + 10 * 10)  # a column of each class
    assert (few[:-6] == many[: len(few) - 6]).all()  # but for the frame


@pytest.mark.slow
def test_the_sides_of_a_figure_are_chosen_for_a_run(run_job, typed):
    run = run_job("model=nice", "turns=2")
    sides = ["--n", 40, "--n-real", 60, "--reference", "train", "--held-out", 30, "--draws", 2]
    code, text = typed("evaluate", run, "--metrics", "data_space", "--metric", "kid", *sides)
    assert code == 0, text
    records = json.loads((run / "evaluation" / "turn-000002.json").read_text())
    found = {record["metric"]: record["protocol"] for record in records}  # the newest come last
    assert [found["KID"][name] for name in ("n", "n_real", "real")] == [40, 60, "train"]
    assert (found["NLL"]["n"], found["NLL"]["likelihood"]) == (30, "dequantised, 2 draws")


def test_the_doctor_names_what_is_missing(typed, monkeypatch):
    monkeypatch.setattr("gen_models.run.doctor._version", lambda name: None if name == "datasets" else "1.0")
    code, text = typed("doctor")
    assert code == 0
    assert "pip install datasets" in text
    assert len({len(line) for line in text.splitlines() if line.endswith(" 1.0")}) == 1  # one column


def test_a_run_is_sampled_and_judged_in_another_way(run_job, typed, tmp_path):
    run = run_job("model=nice", "turns=2", "metrics=none")
    for name, words in (("own", ()), ("cold", ("--way", "temperature=0.01"))):
        assert typed("sample", run, *words, "--out", tmp_path / f"{name}.png")[0] == 0
    assert pixels(tmp_path / "cold.png").std() < pixels(tmp_path / "own.png").std()
    assert typed("evaluate", run, "--way", "temperature=0.9")[0] == 0
    file = run / "evaluation" / "turn-000002.json"
    assert {"temperature": 0.9} in [record["way"] for record in json.loads(file.read_text())]
    for words in ((), ("--way", "temperature=0.5")):
        assert typed("spectrum", run, "--n", 40, *words)[0] == 0
    spectra = json.loads((run / "evaluation" / "turn-000002-spectrum.json").read_text())
    assert sorted(str(record["way"]) for record in spectra) == ["{'temperature': 0.5}", "{}"]
    for wrong, sentence in {
        "steps=3": "the sampling of this model has no setting 'steps': there is temperature.\n",
        "temperature=hot": "temperature=hot is no value like the present one, temperature=1.0.\n",
        "temperature=0": "a temperature is positive, not 0: change model.temperature.\n",
        "temperature": "a way of sampling is typed as name=value, or several with commas, not as 'temperature'.\n",
    }.items():
        assert typed("sample", run, "--way", wrong)[1].endswith(sentence)
    with pytest.raises(UsageError, match="has no settings: leave steps out"):
        Way(settings={"steps": 3}).take(load(run_job("model=dcgan", "turns=1", run=tmp_path / "gan")))

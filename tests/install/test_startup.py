"""Commands that read files answer at once: they wait for neither torch nor Lightning."""

import json
import resource
import subprocess
import sys

import pytest

from gen_models.metrics.record import Record
from gen_models.metrics.records import write_records

TYPED = """
import sys
from gen_models.cli import main
sys.argv = ["gen-models", *{words!r}]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
slow = {{"torch", "lightning", "sklearn", "wandb", "tensorboard"}} & sys.modules.keys()
assert not slow, slow
"""
REFUSED = """
import sys
from gen_models.cli import main
for words in {lines!r}:
    sys.argv = ["gen-models", *words]
    try:
        main()
    except SystemExit as end:
        assert end.code == 2, words
    else:
        raise AssertionError(words)
    slow = {{"torch", "lightning"}} & sys.modules.keys()
    assert not slow, words
"""
OPENING = {
    **dict.fromkeys(("sample", "evaluate", "export", "film", "interpolate", "latents", "traverse", "meaning"), ()),
    **dict.fromkeys(("reconstruct", "complete", "neighbours", "real", "spectrum", "truncation", "sanity"), ()),
    **dict.fromkeys(("steer", "directions", "mix"), ()),
    "arithmetic": ("--attribute", "class", "--plus", "1", "--minus", "2"),
    "decode": ("--at", "0,0"),
    "average": ("--std", "0.1"),
}
"""Commands that open a run, with what else they must be told."""
SECONDS = 5
"""Of processor time: 0.4 to 0.8 on a quiet machine (matplotlib and SciPy are half of the longest), and four times as
much on one that six jobs share."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A folder with two runs of one recipe, as files."""
    folder = tmp_path_factory.mktemp("runs")
    for seed in (1, 2):
        run = folder / f"seed={seed}"
        (run / "checkpoints").mkdir(parents=True)
        (run / "config.yaml").write_text(f"seed: {seed}\nturns: 9\nchoices: {{model: gan, data: digits}}\n")
        entry = {"file": "a.ckpt", "turn": 9, "bytes": 1, "sha256": ""}
        (run / "checkpoints" / "manifest.json").write_text(json.dumps({"checkpoints": [entry]}))
        (run / "metrics.csv").write_text(f"turn,loss\n1,0.5\n9,{0.4 / seed}\n")
        write_records(
            [Record(metric="FID", value=3.0 + seed, higher_is_better=False)], run / "evaluation" / "turn-000009.json"
        )
    return folder


@pytest.mark.parametrize(
    "words",
    [
        *(["--help"], ["--version"], ["sample", "--help"], ["train", "--help"], ["train", "--cfg", "job"]),
        *(["status", "RUNS"], ["compare", "RUNS"], ["plot", "RUNS", "--y", "loss", "--out", "RUNS/loss.png"]),
    ],
    ids=lambda words: words[0],
)
def test_a_command_that_reads_files_does_not_import_torch(words, runs):
    words = [word.replace("RUNS", str(runs)) for word in words]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", TYPED.format(words=words)], capture_output=True, text=True, timeout=60)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < SECONDS


def test_what_can_be_refused_without_torch_is_refused_at_once(tmp_path):
    (tmp_path / "there.png").touch()
    (tmp_path / "read.me").touch()
    before = ["modle=gan"], ["model=vae", "penalty=r1"], ["turns=3.5"], ["resume=maybe"], ["study=a"], ["spec=3"]
    before = *before, ["trainer.devices=abc"], ["+trainer.num_nodes=0"], ["trainer.accelerator=gpuu"]
    before = *before, ["+trainer.strategy=dpp"], ["trainer.precision=bf16"], ["trainer=ddp", "trainer.strategy=fsdp"]
    nowhere = [[name, "nowhere", *words] for name, words in OPENING.items()]
    lines = [*(["train", *words] for words in before), *nowhere, ["sample", "read.me"], ["compare", "nowhere"]]
    code = REFUSED.format(lines=[*lines, ["tournament", "nowhere"], ["explore", "nowhere", "--no-browser"]])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr

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

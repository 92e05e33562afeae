"""The examples run as they stand, in an empty directory, and their notebooks say the same."""

import ast
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted(path.with_suffix(".py") for path in (ROOT / "examples").glob("*.ipynb"))


@pytest.mark.slow
@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_it_runs(script, tmp_path):
    """In a process of its own, as its reader would; with fewer turns it would not be what they run."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_its_notebook_says_the_same(script):
    notebook = runpy.run_path(str(ROOT / "scripts" / "notebook.py"))["notebook"]
    written = script.with_suffix(".ipynb").read_text("utf-8")
    cells = [cell for cell in json.loads(written)["cells"] if cell["cell_type"] == "code"]
    code = "\n".join("".join(cell["source"]) for cell in cells)
    assert ast.dump(ast.parse(code)) == ast.dump(ast.parse(script.read_text("utf-8")))
    assert written == notebook(script.read_text("utf-8")), f"run: python scripts/notebook.py examples/{script.name}"

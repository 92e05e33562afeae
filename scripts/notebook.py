"""Write the notebook of a script in cells: `python scripts/notebook.py examples/first_steps.py`."""

import json
import sys
from pathlib import Path
from typing import Any

CELL = "# %%"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def notebook(script: str) -> str:
    """Give the notebook, without outputs, of a script whose cells begin with `# %%` or `# %% [markdown]`."""
    cells = [_cell(number, part) for number, part in enumerate(script.split(CELL)[1:])]
    content = {"cells": cells, "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _cell(number: int, part: str) -> dict[str, Any]:
    head, _, text = part.partition("\n")
    shared: dict[str, Any] = {"id": f"cell-{number}", "metadata": {}}
    if "[markdown]" in head:
        lines = [line.removeprefix("#").removeprefix(" ") for line in text.strip().splitlines()]
        return {"cell_type": "markdown", **shared, "source": _lines("\n".join(lines))}
    return {"cell_type": "code", **shared, "execution_count": None, "outputs": [], "source": _lines(text.strip())}


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name)
        path.with_suffix(".ipynb").write_text(notebook(path.read_text("utf-8")), "utf-8")

"""Model card: what an exported model is, what it was trained on and how well it does, from what its run noted.

After Mitchell et al. (2019), https://arxiv.org/abs/1810.03993.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from gen_models.metrics.record import Record, rounded
from gen_models.reports.catalogue import entry
from gen_models.reports.finished import Finished
from gen_models.run.conf import CONF
from gen_models.run.plugins import named_by

LOADING: Mapping[str, str] = {
    ".safetensors": """```python
import gen_models

model = gen_models.load("{file}"{plugins})
x = model.sample(16)  # (16, *shape) in [-1, 1]
```""",
    ".pt2": """```python
import numpy as np
import torch

given = np.load("{draws}")  # draws of the prior: z, and y where there are classes
x = torch.export.load("{file}").module()(*(torch.from_numpy(given[name][:16]) for name in sorted(given)[::-1]))
```""",
    ".onnx": """```python
import numpy as np
import onnxruntime

given = np.load("{draws}")  # draws of the prior: z, and y where there are classes
session = onnxruntime.InferenceSession("{file}")
(x,) = session.run(["x"], {{name: given[name][:16] for name in given}})
```""",
}
"""How each kind of file is used."""


def card(run: Finished, file: Path, draws: Path, networks: str) -> str:
    """Write the card of a file.

    Args:
        run: The run that it comes from.
        file: The file.
        draws: Where draws of the prior lie, for a program.
        networks: What is in it, in words.
    """
    parts = [
        f"# {run.model} on {run.data}",
        "\n".join(_about(run, networks)),
        "## Data\n\n" + "\n".join(_data(run)),
        "## Training\n\n" + "\n".join(_training(run)),
        "## Figures\n\n" + _figures(run),
        "## Use\n\n" + _use(run, file, draws),
        "## Limits\n\n" + "\n".join(_limits(run)),
    ]
    return "\n\n".join(parts) + "\n"


def _about(run: Finished, networks: str) -> Iterator[str]:
    source = CONF / "model" / f"{run.model}.yaml"
    if source.is_file():
        found = entry(source)
        paper = f" ({found.paper}, {found.year}, {found.url})" if found.url else ""
        yield f"{found.title or run.model}: {found.purpose}{paper}. {networks}"
    else:
        yield networks


def _data(run: Finished) -> Iterator[str]:
    source = CONF / "data" / f"{run.data}.yaml"
    if source.is_file():
        yield f"- {entry(source).purpose}"
    shape = " × ".join(str(side) for side in run.config.get("spec.shape") or ())
    count = run.config.get("spec.num_train")
    yield f"- {f'{count:,}' if isinstance(count, int) else 'unknown'} training items of {shape}"
    if classes := run.config.get("spec.num_classes"):
        yield f"- {classes} classes"


def _training(run: Finished) -> Iterator[str]:
    yield f"- {run.turn:,} turns, {run.images:,.0f} images, seed {run.config.get('seed')}"
    if run.version:
        yield f"- gen_models {run.version}"
    if run.command:
        yield f"- `{run.command}`"
    for alarm in run.alarms:
        yield f"- gone wrong: {alarm}"


def _use(run: Finished, file: Path, draws: Path) -> str:
    named = named_by(run.config)
    plugins = f", plugins={tuple(named)}" if named else ""
    code = LOADING[file.suffix].format(file=file.name, draws=draws.name, plugins=plugins)
    if not named or file.suffix != ".safetensors":
        return code
    return f"{code}\n\nIt is made of classes of {' and '.join(named)}, which Python has to find."


def _figures(run: Finished) -> str:
    if not run.records:
        return "None were taken."
    head = "| figure | value | real data | untrained | protocol |\n|---|---|---|---|---|"
    return "\n".join([head, *map(_row, run.records)])


def _row(record: Record) -> str:
    cells = ["" if number is None else rounded(number, 4) for number in (record.value, record.real, record.untrained)]
    direction = "↑" if record.higher_is_better else "↓"
    protocol = json.dumps({**record.protocol, **record.way}, ensure_ascii=False).replace("|", "\\|")
    return f"| {record.label} {direction} | {cells[0]}{record.margin} | {cells[1]} | {cells[2]} | `{protocol}` |"


def _limits(run: Finished) -> Iterator[str]:
    yield f"- It draws what resembles {run.data}, with what these data leave out or repeat; it knows nothing else."
    yield "- Samples may be near copies of training items: `gen-models neighbours` looks for them in the run."
    yield "- Figures compare with others of the same protocol only."
    if not run.records:
        yield "- Nobody has measured it."
    if any(record.disappoints for record in run.records):
        yield "- By some of its figures it is worse than before its training: see above."

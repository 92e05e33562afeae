"""docs/benchmarks.md, written from docs/benchmarks.json."""

import json
import platform
from pathlib import Path
from typing import Any

from benchmarks.contests import CONTESTS
from benchmarks.rounds import ROOT

PAGE, RECORD = ROOT / "docs" / "benchmarks.md", ROOT / "docs" / "benchmarks.json"
Row = dict[str, Any]

HEAD = """# Benchmarks

How many times as fast this project is as its yardsticks: lean loops of our own, and other libraries in environments of
their own (`make bench`, five to ten minutes on two cores; this page is written by it, from
[benchmarks.json](benchmarks.json)). Above 1 this project is faster.

Two processes, pinned to one core with one thread each, play in alternating rounds; a round compares the processor time
of a turn of both, so that whatever else the machine does hits both alike. Median and quartiles of {rounds} rounds are
shown; seconds are not, as they mean nothing elsewhere. This project trains with all its default callbacks and loggers,
from bytes that become floats in each turn, and keeps the memory that a turn frees for the next one, as no other side
does; peers run their own trainers, or the loop of their documentation, on floats that are in memory. Networks are this
project's on both sides where the peer's trainer takes any (torchgan, mimicry, torchcfm, diffusers), else of the same
sizes.

| what | against | times as fast | quartiles | goal | |
|---|---|---|---|---|---|
"""

FOOT = """
## What was looked at and left

- VAE/GAN (`model=vaegan`): as in its authors' program the critic makes two passes in the decoder's move, one over
  originals and reconstructions for their distance, one over originals and draws for the game, so that batch norm sees
  in each what belongs there. Left are the three moves: the algorithm of Larsen et al. takes all losses of one pass,
  while players here move one after another, each against what the others have become. One pass for all would be another
  algorithm. The encoder's pass could be kept for the decoder's move; the running statistics of its batch norm would
  then be others.

Measured on {processor}, with {versions}.

`make peers` makes the environments in `.cache/peers`, by name from the package index, or from the archive of a peer's
repository where it is no package. `make bench ARGS="glow"` races only rows that name a word, `ARGS="--rounds 15"`
longer. A bench that was interrupted has written the rows before, and `ARGS="--fresh 3"` goes on: it leaves out those of
the last three hours. A slow test (`tests/test_benchmarks.py`) holds the rows against the lean loops: it fails where one
has lost more than 15 %.

`make bench-gpu` measures turns on a CUDA device: images a second, memory, and the share of the matrix products' speed
measured there. No row on this page is from a GPU.
"""


def processor() -> str:
    """Name this machine's processor."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def page(record: dict[str, Any]) -> str:
    """Write the page.

    Args:
        record: What `make bench` found: `processor`, and `rows`.
    """
    rows = record["rows"]
    found = [row for row in rows if "median" in row]
    versions = dict(sorted({name: text for row in found for name, text in row["versions"].items()}.items()))
    rounds = " or ".join(str(number) for number in sorted({row["rounds"] for row in found}))
    foot = FOOT.format(processor=record["processor"], versions=", ".join(map(" ".join, versions.items())))
    return HEAD.format(rounds=rounds) + "".join(map(_line, rows)) + _misses(found) + _absences(rows) + foot


def figure(value: float) -> str:
    """Three digits, or whole numbers."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _line(row: Row) -> str:
    start = f"| {row['what']} | {row['against']} "
    if "absent" in row:
        return f"{start}| – | – | {row['goal']:g} | not measured |\n"
    mark = "✓" if row["median"] >= row["goal"] else "missed"
    middle, low, high = (figure(row[name]) for name in ("median", "low", "high"))
    return f"{start}| **{middle}** | {low} to {high} | {row['goal']:g} | {mark} |\n"


def _misses(found: list[Row]) -> str:
    """Say by how much goals are missed, and why."""
    reasons = {(each.what, each.against): each.why for each in CONTESTS}
    missed = [row for row in found if row["median"] < row["goal"]]
    lines = [
        f"- {row['what']}, against {row['against']}: {1 - row['median'] / row['goal']:.0%} short. "
        f"{reasons[row['what'], row['against']]}".strip()
        for row in missed
    ]
    return "\n## Where a goal is missed\n\n" + "\n".join(lines) + "\n" if lines else ""


def _absences(rows: list[Row]) -> str:
    """Say who could not play, and what was not raced on this machine."""
    lines = [f"- {row['against']}: {row['absent']}" for row in rows if "absent" in row]
    raced = {(row["what"], row["against"]) for row in rows}
    waiting = [f"{each.what} ({each.against})" for each in CONTESTS if (each.what, each.against) not in raced]
    lines += [f"- Not raced yet: {'; '.join(waiting)}."] if waiting else []
    return "\n## Who could not play\n\n" + "\n".join(lines) + "\n" if lines else ""


if __name__ == "__main__":
    PAGE.write_text(page(json.loads(RECORD.read_text())))

"""What figures make of stand-ins for samples, real items spoilt in known ways: verdicts, and their file beside a run.

A figure that takes blurred, noised, shuffled or few real items for as good as real ones can't rank models by that on
these data. After Xu et al. (2018), An empirical study on evaluation metrics of generative adversarial networks,
https://arxiv.org/abs/1806.07755.
"""

from collections.abc import Mapping, Sequence
from math import hypot
from pathlib import Path

from gen_models.files import inside, read_json, write_json
from gen_models.metrics.record import COPYING, NORMAL, Record
from gen_models.metrics.records import merged, parsed

REAL = "real"
NEAREST = "nearest copies"
"""Of each held-out item the nearest training item, by pixels: copies, chosen to please."""
FILE = Path("evaluation", "sanity.json")
"""Where they are kept, in a run directory."""

Judged = Mapping[str, Sequence[Record]]
"""The figures of each stand-in, by its name."""


def verdicts(found: Judged) -> dict[str, dict[str, str]]:
    """Say what each figure makes of each spoilt stand-in: that it is "worse" than real items, "alike", or "better".

    Returns:
        By the figure's label, for each stand-in but the real items and the copies, that it is within two standard
        errors of them, or on which side it is. A figure is sane on these data if all are worse. A figure of copying is
        asked about the copies alone.
    """
    told: dict[str, dict[str, str]] = {}
    for position, real in enumerate(found[REAL]):
        of_copies = real.metric == COPYING
        asked = [name for name in found if name != REAL and (name == NEAREST) == of_copies]
        told[real.label] = {name: verdict(real, found[name][position]) for name in asked}
    return told


def failures(found: Judged) -> list[str]:
    """Say in a line for each figure that is not sane on these data which stand-ins it does not find worse."""
    return [failure(label, blind) for label, told in verdicts(found).items() if (blind := blind_to(told))]


def blind_to(told: Mapping[str, str]) -> list[str]:
    """The stand-ins that a figure does not find worse than real items."""
    return [name for name, said in told.items() if said != "worse"]


def failure(label: str, blind: Sequence[str]) -> str:
    """The sentence for a figure that is blind to some stand-ins."""
    return f"{label} fails on these data: real items are no better to it than {' or '.join(blind)}."


def verdict(real: Record, other: Record) -> str:
    """Say whether a stand-in is "worse" than real items, "better", or "alike": within twice their errors."""
    if real.value is None or other.value is None:
        return "alike"
    better = (other.value - real.value) * (1 if real.higher_is_better else -1)
    if abs(better) <= NORMAL * hypot(real.error or 0, other.error or 0):
        return "alike"
    return "better" if better > 0 else "worse"


def read_stand_ins(run: Path) -> dict[str, list[Record]]:
    """What was judged on a run's data; nothing where nothing was, or where the file is damaged."""
    content = read_json(run / FILE)
    if not isinstance(content, dict):
        return {}
    found = {name: parsed(records) for name, records in content.items()}
    alike = len({len(records) for records, _ in found.values()}) == 1  # the figures of one stand by those of another
    whole = alike and REAL in found and not any(others for _, others in found.values())
    return {name: records for name, (records, _) in found.items()} if whole else {}


def add_stand_ins(found: Judged, run: Path) -> Path:
    """Keep what was judged beside a run, with what was there of other figures or protocols."""
    kept = read_stand_ins(run)
    records = {name: merged(some, kept.get(name, [])) for name, some in found.items()}
    path = inside(run, FILE)
    write_json(path, {name: [record.to_dict() for record in some] for name, some in records.items()})
    return path

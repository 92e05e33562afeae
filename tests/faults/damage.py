"""Files that rot after they were written: checkpoints, and the manifest that lists them."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from gen_models.errors import UsageError
from gen_models.run.checkpoints import CHECKPOINTS, Store
from tests.faults.bench import GAN, Bench, newest
from tests.faults.trial import Trial

OPTIONS = (*GAN, "turns=8", "callbacks.checkpoint.every=4")
RESUMED = 7
"""Each so many-th damaged run is also continued to its end, and held against a whole one."""
PAGE = 4096

Harm = Callable[[Path, Random], None]


def _flip(path: Path, random: Random) -> None:
    content = bytearray(path.read_bytes())
    content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    path.write_bytes(content)


def _cut(path: Path, random: Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: random.randrange(1, len(content))])


def _zero_page(path: Path, random: Random) -> None:
    """A page that never reached the disk; one that holds something, or nothing would be damaged."""
    content = bytearray(path.read_bytes())
    held = [start for start in range(0, len(content), PAGE) if any(content[start : start + PAGE])]
    start = random.choice(held)
    content[start : start + PAGE] = bytes(len(content[start : start + PAGE]))
    path.write_bytes(content)


def _empty(path: Path, random: Random) -> None:
    path.write_bytes(b"")


def _grown(path: Path, random: Random) -> None:
    path.write_bytes(path.read_bytes() + random.randbytes(random.randrange(1, 100)))


def _missing(path: Path, random: Random) -> None:
    path.unlink()


def _folder(path: Path, random: Random) -> None:
    path.unlink()
    path.mkdir()


CHECKPOINT: tuple[Harm, ...] = (_flip, _cut, _zero_page, _flip, _cut, _zero_page, _empty, _grown, _missing, _folder)


def checkpoints(bench: Bench, count: int) -> Iterator[Trial]:
    """Damage the newest checkpoint, with and without a manifest: it is passed over by name, the older one counts."""
    random, original = Random(0), _original(bench)
    for number in range(count):
        run, harm = _copied(bench, original), CHECKPOINT[number % len(CHECKPOINT)]
        entries = Store(run / CHECKPOINTS).entries()
        harm(run / CHECKPOINTS / entries[-1].file, random)
        listed = number // len(CHECKPOINT) % 2 == 0
        if not listed:
            (run / CHECKPOINTS / "manifest.json").unlink()
        found = Store(run / CHECKPOINTS).newest()
        gone = harm in (_missing, _folder) and not listed  # nothing then says that it was ever there
        passed_over = [] if gone else [entries[-1].file]
        held = found is not None and found[0] == entries[-2] and found[2] == passed_over
        difference = bench.differs(run, *OPTIONS) if number % RESUMED == 0 else ""
        what = f"{harm.__name__[1:]}{'' if listed else ' without manifest'}"
        yield Trial(held and not difference, f"{what}: {difference or ('passed over' if held else 'not noticed')}")
        shutil.rmtree(run)


MANIFESTS = (
    b"",
    b"[]",
    b"null",
    b'"text"',
    b"\xff\xfe",
    b"{}",
    b'{"checkpoints": []}',
    b'{"checkpoints": [{}]}',
    b"\0" * 500,
)
"""What takes a manifest's place; besides, it is deleted, cut and bits of it are flipped."""


def manifests(bench: Bench, count: int) -> Iterator[Trial]:
    """Damage the manifest: the files themselves say which checkpoints there are, and no run starts over."""
    random, original = Random(0), _original(bench)
    for number in range(count):
        run = _copied(bench, original)
        path = run / CHECKPOINTS / "manifest.json"
        what = _harmed(path, number, random)
        try:
            turn, seen = newest(run)[0], "a checkpoint was found"
        except UsageError as error:  # a flipped bit may make it of a later version: refused, nothing is lost
            turn, seen = (4 if "later version" in str(error) else 0), str(error)[:100]
        difference = bench.differs(run, *OPTIONS) if number % RESUMED == 0 else ""
        held = turn in (4, 8) and not difference
        yield Trial(held, f"{what}: {difference or (seen if turn else 'the run would start over')}")
        shutil.rmtree(run)


def _harmed(path: Path, number: int, random: Random) -> str:
    if (way := number % (len(MANIFESTS) + 3)) < len(MANIFESTS):
        path.write_bytes(MANIFESTS[way])
        return repr(MANIFESTS[way][:20])
    harm = (_missing, _cut, _flip)[way - len(MANIFESTS)]
    harm(path, random)
    return harm.__name__[1:]


def _original(bench: Bench) -> Path:
    run = bench.place("original")
    bench.ended(run, *OPTIONS)
    return run


def _copied(bench: Bench, original: Path) -> Path:
    run = bench.place("damaged")
    shutil.copytree(original, run)
    (run / "finished.json").unlink()
    return run

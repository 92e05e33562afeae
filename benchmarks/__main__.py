"""`make bench`: race everything, and write docs/benchmarks.md and its record.

Options: `--rounds 7`, `--cores 0,1` (one race on each at a time), `--fresh 3` (leave out what was raced within three
hours, so that a bench that was interrupted goes on), and words: only contests that name them, whose rows are replaced
in the record. Others keep theirs.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime, timedelta
from queue import Queue

from benchmarks.contests import CONTESTS, Contest
from benchmarks.page import PAGE, RECORD, Row, page, processor
from benchmarks.rounds import Absent, race


def run(contest: Contest, rounds: int, core: int | None) -> Row:
    """Hold a race; a side that can't play makes a row as well, with the reason."""
    now = datetime.now(UTC).isoformat(timespec="minutes")
    key = {"what": contest.what, "against": contest.against, "goal": contest.goal, "raced": now}
    try:
        outcome = race(contest.first, contest.second, rounds, contest.seconds, core)
    except Absent as reason:
        return {**key, "absent": str(reason)}
    low, high = (round(end, 3) for end in outcome.spread)
    found = {"median": round(outcome.median, 3), "low": low, "high": high, "rounds": rounds}
    return {**key, **found, "versions": outcome.facts}


def cores(chosen: str) -> list[int | None]:
    """The cores that races are held on."""
    if sys.platform != "linux":
        return [None]
    return [int(core) for core in chosen.split(",")] if chosen else sorted(os.sched_getaffinity(0))


def chosen(words: Sequence[str]) -> list[Contest]:
    """Contests that name all of these words; all of them where there are none."""
    return [each for each in CONTESTS if all(word in f"{each.what} | {each.against}" for word in words)]


def without_fresh(contests: Sequence[Contest], rows: Sequence[Row], hours: float) -> list[Contest]:
    """Leave out contests whose row is younger; rows of earlier versions do not say when they were raced."""
    limit = datetime.now(UTC) - timedelta(hours=hours)
    dated = {(row["what"], row["against"]): datetime.fromisoformat(row["raced"]) for row in rows if "raced" in row}
    return [each for each in contests if not dated.get((each.what, each.against), limit) > limit]


def hold(contests: Sequence[Contest], rounds: int, places: Sequence[int | None]) -> Iterator[Row]:
    """Hold them, one at a time on each core; give their rows as they end."""
    free: Queue[int | None] = Queue()
    for core in places:
        free.put(core)

    def held(contest: Contest) -> Row:
        core = free.get()
        try:
            return run(contest, rounds, core)
        finally:
            free.put(core)

    with ThreadPoolExecutor(len(places)) as pool:
        for future in as_completed([pool.submit(held, contest) for contest in contests]):
            yield future.result()


def recorded() -> list[Row]:
    """Rows of the record."""
    return json.loads(RECORD.read_text())["rows"] if RECORD.exists() else []


def write(row: Row) -> None:
    """Put a row into the record, in the order of the contests, without those that are no more, and write the page."""
    known = recorded()
    by_key = {(each["what"], each["against"]): each for each in [*known, row]}
    rows = [by_key[each.what, each.against] for each in CONTESTS if (each.what, each.against) in by_key]
    record = {"processor": processor(), "rows": rows}
    RECORD.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    PAGE.write_text(page(record))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--cores", default="")
    parser.add_argument("--fresh", type=float, default=0.0, metavar="HOURS")
    options = parser.parse_args()
    contests, places = without_fresh(chosen(options.words), recorded(), options.fresh), cores(options.cores)
    for number, row in enumerate(hold(contests, options.rounds, places), start=1):
        write(row)
        print(f"{number} of {len(contests)}: {json.dumps(row, ensure_ascii=False)}", flush=True)


if __name__ == "__main__":
    main()

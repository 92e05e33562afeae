"""`make bench`: race everything, and write docs/benchmarks.md and its record.

Options: `--rounds 7`, `--cores 0,1` (one race on each at a time), and words: only contests that name them, whose rows
are replaced in the record. Others keep theirs.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from queue import Queue

from benchmarks.contests import CONTESTS, Contest
from benchmarks.page import PAGE, RECORD, Row, page, processor
from benchmarks.rounds import Absent, race


def run(contest: Contest, rounds: int, core: int | None) -> Row:
    """Hold a race; a side that can't play makes a row as well, with the reason."""
    key = {"what": contest.what, "against": contest.against, "goal": contest.goal}
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


def write(row: Row) -> None:
    """Put a row into the record, in the order of the contests, without those that are no more, and write the page."""
    known = json.loads(RECORD.read_text())["rows"] if RECORD.exists() else []
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
    options = parser.parse_args()
    for row in hold(chosen(options.words), options.rounds, cores(options.cores)):
        write(row)
        print(json.dumps(row, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()

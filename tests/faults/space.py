"""A disk that is full, or a quota that is used up, at one write and not at others."""

from collections.abc import Iterator
from dataclasses import dataclass

from gen_models.errors import EXIT_USAGE
from tests.faults.bench import GAN, JUDGED, Bench, newest
from tests.faults.patches import full_disk, wrapped
from tests.faults.trial import Trial

OPTIONS = (*GAN, *JUDGED, "turns=8", "callbacks.checkpoint.every=3", "callbacks.grids.every=4")


@dataclass(frozen=True)
class Place:
    """A write that finds no room.

    Attributes:
        call: What writes.
        limit: Bytes that still fit.
        last: The last call that finds no room; None: none ever does.
        code: How the run ends: 0 where it goes on without what was to be written, 2 where it can't.
        options: More of the command.
        first: The first call that finds no room.
    """

    call: str
    limit: int
    last: int | None = 1
    code: int = 0
    options: tuple[str, ...] = ()
    first: int = 1


SAVE, LIST = "gen_models.run.checkpoints:Store.save", "gen_models.run.checkpoints:write_json"
CONFIG, COMMAND = "gen_models.run.beginning:Beginning._write_config", "gen_models.run.beginning:note_command"
ROWS, GRID = "gen_models.run.csv_logger:RunCSV.log_metrics", "gen_models.callbacks.grids:SampleGrids.show"
FINISH, FIGURES, REPORT = "gen_models.job:conclude", "gen_models.job:store", "gen_models.job:report"
PROBE, FIT = "gen_models.callbacks.checkpoint:write_whole", "lightning:Trainer.fit"
EVENTS = "tensorboard.summary.writer.record_writer:RecordWriter.write"
TENSORBOARD = ("logger=tensorboard",)

PLACES = (
    *(Place(SAVE, limit) for limit in (0, 1, 4096, 1_000_000, 5_000_000)),
    *(Place(SAVE, limit, None, EXIT_USAGE) for limit in (0, 4096, 5_000_000)),
    Place(LIST, 0),
    Place(LIST, 100),
    Place(LIST, 100, None, EXIT_USAGE),
    Place(PROBE, 0, 1, EXIT_USAGE),
    *(Place(CONFIG, limit, 1, EXIT_USAGE) for limit in (0, 1000)),
    Place(COMMAND, 0, 1, EXIT_USAGE),
    *(Place(ROWS, limit, last) for limit, last in ((0, 1), (0, None), (60, 2), (150, None))),
    *(Place(GRID, limit, last) for limit, last in ((0, 1), (1000, None))),
    *(Place(FINISH, limit, 1, EXIT_USAGE) for limit in (0, 50)),
    *(Place(FIGURES, limit, 1, EXIT_USAGE) for limit in (0, 1)),
    *(Place(REPORT, limit) for limit in (0, 1000)),
    *(Place(EVENTS, 0, last, 0, TENSORBOARD, first) for first, last in ((3, 3), (4, 9), (3, None))),
    Place(EVENTS, 0, 1, 0, TENSORBOARD),
    Place(FIT, 0, None, EXIT_USAGE),
    Place(FIT, 6_000, None, EXIT_USAGE),
)


def full(bench: Bench, count: int) -> Iterator[Trial]:
    """No room at one write: a sentence or a warning, the older checkpoint whole; with room, the same bits."""
    for place in _spread(count):
        run, options = bench.place("full"), (*OPTIONS, *place.options)
        ended = bench.ended(run, *options, broken=lambda place=place: _fill(place))
        newest(run)  # which raises where none is whole
        what = f"{place.call.rpartition(':')[2]} with room for {place.limit} bytes"
        if ended.code != place.code or not ended.quietly:
            yield Trial(False, f"{what}: {ended}")
        else:
            difference = bench.differs(run, *options)
            yield Trial(not difference, f"{what}: {difference or f'exit {ended.code}, then the same bits'}", ended.code)


def _fill(place: Place) -> None:
    wrapped(place.call, full_disk(place.limit), place.first, place.last)


def _spread(count: int) -> list[Place]:
    """Some of the places, evenly picked, where fewer trials are wanted than there are."""
    return list(PLACES[:: max(1, len(PLACES) // count)])

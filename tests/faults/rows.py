"""The matrix: every row of it, by name."""

from tests.faults import damage, kills, leaving, numbers, ranks, space, strangers, together
from tests.faults.trial import Row

ROWS = {
    "kills": Row(
        "SIGKILL, a third of them aimed into a write, until the run is done: newest checkpoint whole and never older, "
        "the end in the same bits",
        kills.kills, 300, 6,
    ),
    "checkpoints": Row(
        "newest checkpoint: bit flipped, cut, a page zeroed, emptied, grown, deleted, a folder; with and without a "
        "manifest: passed over by name, the older one counts",
        damage.checkpoints, 300, 20,
    ),
    "manifests": Row(
        "manifest emptied, cut, deleted, bits flipped, other JSON: no run starts over", damage.manifests, 120, 12
    ),
    "space": Row(
        "no room at one write (checkpoint, manifest, config.yaml, metrics.csv, samples, figures, finished.json, "
        "report, TensorBoard): a warning or a sentence; with room, the same bits",
        space.full, len(space.PLACES), 5,
    ),
    "signals": Row(
        "SIGTERM, SIGINT, SIGUSR1, SIGUSR2, once and twice, in every phase: exit 75 or 130, saved, the same bits",
        leaving.signals, len(leaving.TRIALS), 6,
    ),
    "ranks": Row(
        "two ranks: signals to one or both, one killed or stopped: the others end in time, a checkpoint stays",
        ranks.ranks, len(ranks.SCENES), 1,
    ),
    "numbers": Row(
        "NaN and infinity in a loss, gradient, weight, moment, buffer, average, pixel: exit 76, nothing of it saved",
        numbers.numbers, len(numbers.TRIALS), 3,
    ),
    "images": Row("odd and damaged pictures: read, or refused with a reason", strangers.images, 5000, 200),
    "strangers": Row(
        "payloads in somebody's run directory: refused in a sentence, nothing executed", strangers.strangers, 400, 45
    ),
    "two": Row("two processes in one directory: the second is refused, the first unharmed", together.two, 10, 1),
    "clocks": Row("the clock is set back by a day: the same bits", together.clocks, 8, 1),
    "soak": Row("many turns: memory flat, files bounded (counted in turns)", together.soak, 20_000, 300),
    "models": Row("every model cut twice and continued: the same bits", together.models, 100, 2),
}  # fmt: skip

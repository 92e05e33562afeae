"""The tables of a tournament, as Markdown and as plain JSON."""

from typing import Any

from gen_models.analysis.tournament import Standings
from gen_models.metrics.gam import Reading
from gen_models.reports.tables import markdown_table

HELD_OUT = "held-out data"


def tables(standings: Standings) -> str:
    """Who took whose samples for real, the verdicts of pairs, and the ratings."""
    names = standings.names
    crossed = zip([*names, HELD_OUT], standings.taken.tolist(), strict=True)
    cross = [
        [f"samples of {name}" if name != HELD_OUT else name, *(f"{share:.3f}" for share in row)]
        for name, row in crossed
    ]
    pairs = [
        [f"{pair.first} : {pair.second}", *_words(pair.by_accuracies, pair.first, pair.second)]
        + [*_words(pair.by_errors, pair.first, pair.second)]
        for pair in standings.pairs
    ]
    rated = sorted(_rated(standings), key=lambda row: -row[1])
    ratings = [[name, f"{points:z.0f} ± {error:.0f}", *critic] for name, points, error, critic in rated]
    readings = [
        f"{ratio} by {kind}" for kind in ("accuracies", "errors") for ratio in ("sample ratio", "test ratio", "better")
    ]
    return (
        "Share taken for real by the critic of:\n\n"
        + markdown_table(["", *names], cross)
        + "\nGenerative adversarial metric:\n\n"
        + markdown_table(["pair", *readings], pairs)
        + "\nRatings (400 points are odds of ten to one; ± is the standard error):\n\n"
        + markdown_table(["", "generator", "critic"], ratings)
        + "\nA star marks a critic that was trained afterwards.\n"
    )


def plain(standings: Standings) -> dict[str, Any]:
    """Everything, ready for JSON."""
    return {
        "names": list(standings.names),
        "taken": standings.taken.tolist(),
        "pairs": [
            {"first": pair.first, "second": pair.second}
            | {"accuracies": pair.by_accuracies._asdict(), "errors": pair.by_errors._asdict()}
            for pair in standings.pairs
        ],
        "ratings": {name: values.tolist() for name, values in standings.ratings._asdict().items()},
    }


def _words(reading: Reading, first: str, second: str) -> list[str]:
    verdict = {"first": first, "second": second}.get(reading.verdict, reading.verdict)
    return [f"{reading.sample_ratio:.2f}", f"{reading.test_ratio:.2f}", verdict]


def _rated(standings: Standings) -> list[tuple[str, float, float, list[str]]]:
    judged, error, judges, judges_error = (values.tolist() for values in standings.ratings)
    critics = [f"{points:z.0f} ± {spread:.0f}" for points, spread in zip(judges, judges_error, strict=True)]
    names = [*standings.names, HELD_OUT]
    return list(zip(names, judged, error, [*([critic] for critic in critics), [""]], strict=True))

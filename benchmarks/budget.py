"""How long a training is to be for it to last so many minutes on this machine: what `make board` gives each family.

`python -m benchmarks.budget 5 'turns={1}' model=vae data=digits` prints `turns=…`. Options of `train.py` in which
{1} stands for the length, or {2/17} for that share of it, are printed with numbers, a line each. They are told by whole
trainings of short lengths, so that stages of a network that grows cost what they will.
"""

import argparse
import logging
import re
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter, process_time
from typing import Any

import torch
from lightning import Callback

from gen_models import compose
from gen_models.run.build import build_data, build_model, build_stream, build_trainer

SHARE = re.compile(r"\{(\d+)(?:/(\d+))?\}")
QUIET = ("metrics=none", "callbacks=none", "objective=null")
"""The training alone: what is drawn and measured around it is no part of its minutes."""

FIRST, PROBE, LONGEST = 16, 0.1, 20.0
"""Length of the first trial; share of the minutes that the last one takes, and the most seconds."""


def filled(option: str, length: int) -> str:
    """Give an option with the numbers that belong to a length; each is at least 1."""
    return SHARE.sub(lambda found: str(max(1, length * int(found[1]) // int(found[2] or 1))), option)


CLOCKS = {"wall": perf_counter, "processor": process_time}
"""What tells the time: the machine's clock, or that of all cores that this process had, whatever else ran."""


def seconds(options: Sequence[str], clock: Callable[[], float] = perf_counter) -> float:
    """Train from the first turn to the last, and give the seconds between them."""
    cfg = compose([*options, *QUIET])
    data = build_data(cfg)
    model, trainer = build_model(cfg), build_trainer(cfg, data)
    trainer.callbacks.append(watch := Stopwatch(clock))  # type: ignore[attr-defined]
    trainer.fit(model, datamodule=build_stream(cfg, data, model))
    return watch.seconds


class Stopwatch(Callback):
    """Seconds of a training, once the device has done its work."""

    seconds = 0.0

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock

    def on_train_start(self, *_: Any) -> None:
        """Start."""
        self._start = self._clock()

    def on_train_end(self, *_: Any) -> None:
        """Stop."""
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        self.seconds = self._clock() - self._start


def length(options: Sequence[str], minutes: float, timed: Callable[[Sequence[str]], float] = seconds) -> int:
    """Find the length of a training that lasts so many minutes.

    Trials become longer until one lasts long enough to tell the pace.

    Args:
        options: Of the training, with its length left open.
        minutes: How long it is to last.
        timed: Gives the seconds of a training.
    """
    tried, least = FIRST, min(LONGEST, 60 * minutes * PROBE)
    while (taken := timed([filled(option, tried) for option in options])) < least:
        tried = int(tried * min(16, max(2, 1.2 * least / taken)))
    return max(1, round(tried * 60 * minutes / taken))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.budget", description=__doc__)
    parser.add_argument("minutes", type=float)
    parser.add_argument("options", nargs="+")
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    asked = parser.parse_args()
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    found = length(asked.options, asked.minutes, partial(seconds, clock=CLOCKS[asked.clock]))
    print(*(filled(option, found) for option in asked.options if SHARE.search(option)), sep="\n")


if __name__ == "__main__":
    main()

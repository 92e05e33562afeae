"""A training on the page: a thread whose turns can be held, let go one by one, or played."""

from contextlib import suppress
from threading import Thread
from typing import Any, NamedTuple, final

from lightning import Trainer
from omegaconf import DictConfig, open_dict
from omegaconf.errors import OmegaConfBaseException

from gen_models.api.composing import compose, sentences
from gen_models.core.model import GenerativeModel
from gen_models.data.arrays import Arrays
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.experiments.theory import Watch
from gen_models.explore.turns import History, Turns
from gen_models.explore.work import Desk, Stopped
from gen_models.run.boundary import explained
from gen_models.run.build import build, build_data, build_model, build_stream, build_trainer

TURNS = 100_000
QUIET = ("metrics=none", "callbacks=none", "trainer=cpu", "log_every=5")
"""Nothing around the training, and nothing that it writes."""
NETWORKS = ("network=mlp", "network=mlp_denoiser")
"""What models whose own network is for images take for points."""


class Job(NamedTuple):
    """A training that the page asks for.

    Attributes:
        options: As for `gen-models train`.
        arrays: The data, where no file holds them.
        endless: Whether it goes on until it is ended; otherwise it has the turns of its configuration.
    """

    options: tuple[str, ...]
    arrays: Arrays | None = None
    endless: bool = True


@final
class Training:
    """A training of a small model in the server's process.

    Args:
        job: What is trained.
        desk: Where is drawn, which the training shares: random numbers belong to the whole process.

    Attributes:
        watch: A theorem beside it, where its configuration has one.
        last: The turn that it ends with; None where it is endless.

    Raises:
        UsageError: The options do not fit.
    """

    def __init__(self, job: Job, desk: Desk) -> None:
        with sentences():
            self.job, cfg, self.source, self.model = _built(job)
            self.watch = _watch(cfg)
            self.last = None if job.endless else int(cfg.turns)
            if self.watch is not None:
                self.watch.check(self.model, self.source)
        self.turns, self.history, self.error = Turns(desk), History(), ""
        trainer = build_trainer(cfg, self.source)
        trainer.callbacks.append(self.turns)  # type: ignore[attr-defined]
        trainer.loggers = [self.history]
        stream = build_stream(cfg, self.source, self.model)
        # a daemon, so that a turn that takes long does not keep the program
        self._thread = Thread(target=self._train, args=(trainer, stream), daemon=True)
        self._thread.start()

    def _train(self, trainer: Trainer, stream: Any) -> None:
        self.turns.hold()
        try:
            with suppress(Stopped):  # another takes its place
                trainer.fit(self.model, datamodule=stream)
        except Exception as error:
            told = explained(error)
            self.error = told[0] if told else f"{type(error).__name__}: {error}"
        finally:
            self.turns.release()
            self.turns.reached.set()

    @property
    def ended(self) -> bool:
        """Whether the training has come to its end."""
        return not self._thread.is_alive()

    @property
    def playing(self) -> bool:
        """Whether the training plays turns, or is about to."""
        return not self.ended and self.turns.allowed != 0

    @property
    def command(self) -> str:
        """What trains the same model for as many turns, or for all where rates depend on their number."""
        turns = [f"turns={self.model.clock.turn}"] if self.job.endless else []
        return " ".join(["gen-models train", *self.job.options, *turns])

    def end(self) -> None:
        """End the training, and wait until it has ended."""
        self.turns.end()
        self._thread.join()


def _built(job: Job) -> tuple[Job, DictConfig, Source, GenerativeModel]:
    """Build data and model, with networks for points where the model's own are for images."""
    try:
        return _tried(job)
    except UsageError as own:
        for network in NETWORKS if job.endless else ():
            with suppress(UsageError, OmegaConfBaseException):  # it lacks a role of the model, or is of another kind
                return _tried(job._replace(options=(*job.options, network)))
        raise own


def _tried(job: Job) -> tuple[Job, DictConfig, Source, GenerativeModel]:
    cfg = compose([*job.options, *QUIET], **({"turns": TURNS} if job.endless else {}))
    with open_dict(cfg):
        cfg.logger = {}
    source = build_data(cfg, job.arrays)
    return job, cfg, source, build_model(cfg)


def _watch(cfg: DictConfig) -> Watch[Any] | None:
    """Take the theorem out of a configuration, whose callbacks would write files."""
    with open_dict(cfg):
        cfg.callbacks = {name: one for name, one in (cfg.callbacks or {}).items() if name == "theory"}
        built = build(cfg, "callbacks") or {}
        cfg.callbacks = {}
    return built.get("theory")

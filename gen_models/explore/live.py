"""A training on the page: a thread whose turns can be held, let go one by one, or played."""

from collections.abc import Mapping
from contextlib import suppress
from threading import Condition, Event, Thread
from time import sleep
from typing import Any, final

from lightning import Callback, Trainer
from lightning.pytorch.loggers import Logger
from omegaconf import DictConfig, open_dict
from omegaconf.errors import OmegaConfBaseException

from gen_models.api.composing import compose, sentences
from gen_models.core.model import GenerativeModel
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.explore.work import Desk, Stopped
from gen_models.run.boundary import explained
from gen_models.run.build import build_data, build_model, build_stream, build_trainer

TURNS = 100_000
QUIET = ("metrics=none", "callbacks=none", "trainer=cpu", "+trainer.enable_progress_bar=false", "log_every=5")
"""Nothing around the training, and nothing that it writes."""
BREATH = 0.001
"""Seconds after each turn in which a drawing may begin."""
NETWORKS = ("network=mlp", "network=mlp_denoiser")
"""What models whose own network is for images take for points."""


@final
class Turns(Callback):
    """Hold a training before each turn until it may play it, and while something is drawn.

    Args:
        desk: Where is drawn.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.allowed: int | None = 0
        self.reached = Event()
        """Whether it has come to its first turn, or to its end."""
        self._ending = self._held = False
        self._changed = Condition()

    def allow(self, turns: int | None) -> None:
        """Let it play so many turns from now; None for as many as it likes."""
        with self._changed:
            self.allowed = turns
            self._changed.notify_all()

    def end(self) -> None:
        """End it before its next turn."""
        with self._changed:
            self._ending = True
            self._changed.notify_all()

    def hold(self) -> None:
        """Let nobody draw."""
        self.desk.turn.acquire()
        self._held = True

    def release(self) -> None:
        """Let others draw."""
        if self._held:
            self._held = False
            self.desk.turn.release()

    def on_train_batch_start(self, *_: Any) -> None:
        """Wait for what may be played.

        Raises:
            Stopped: It should end.
        """
        self.release()
        self.reached.set()
        with self._changed:
            self._changed.wait_for(lambda: self._ending or self.allowed != 0)
            if self._ending:
                raise Stopped
            self.allowed = None if self.allowed is None else self.allowed - 1
        self.hold()

    def on_train_batch_end(self, *_: Any) -> None:
        """Let others draw."""
        self.release()
        sleep(BREATH)


@final
class History(Logger):
    """Rows of losses by turn, in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[tuple[int, dict[str, float]]] = []

    @property
    def name(self) -> str:
        """No directory."""
        return ""

    @property
    def version(self) -> str:
        """None of several."""
        return ""

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Keep what the players minimise and note."""
        losses = {name: float(value) for name, value in metrics.items() if "/" in name and not name.startswith("lr/")}
        self.rows.append((step or 0, losses))

    def log_hyperparams(self, *_: Any, **__: Any) -> None:
        """They stand in the command."""


@final
class Training:
    """A training of a model on points in the plane.

    Args:
        options: As for `gen-models train`.
        desk: Where is drawn, which the training shares: random numbers belong to the whole process.

    Raises:
        UsageError: The options do not fit.
    """

    def __init__(self, options: tuple[str, ...], desk: Desk) -> None:
        with sentences():
            self.options, cfg, self.source, self.model = _built(options)
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
    def playing(self) -> bool:
        """Whether it plays turns, or is about to."""
        return self._thread.is_alive() and self.turns.allowed != 0

    @property
    def command(self) -> str:
        """What trains the same model for as many turns."""
        return " ".join(["gen-models train", *self.options, f"turns={self.model.clock.turn}"])

    def end(self) -> None:
        """End it, and wait until it has."""
        self.turns.end()
        self._thread.join()


def _built(options: tuple[str, ...]) -> tuple[tuple[str, ...], DictConfig, Source, GenerativeModel]:
    """Build data and model, with networks for points where the model's own are for images."""
    try:
        return _tried(options)
    except UsageError as own:
        for network in NETWORKS:
            with suppress(UsageError, OmegaConfBaseException):  # it lacks a role of the model, or is of another kind
                return _tried((*options, network))
        raise own


def _tried(options: tuple[str, ...]) -> tuple[tuple[str, ...], DictConfig, Source, GenerativeModel]:
    cfg = compose([*options, *QUIET], turns=TURNS)
    with open_dict(cfg):
        cfg.logger = {}
    source = build_data(cfg)
    return options, cfg, source, build_model(cfg)

"""When a signal of a training becomes an alarm, and when that is over."""

from collections.abc import Mapping
from typing import Any

from gen_models.callbacks.alarms import History, Rule
from gen_models.run.events import Event


class Judgement:
    """Remembers signals, and lets the rule of each kind raise an alarm once, until a look at which all is well.

    Args:
        rules: By kind: what stands before the first `/` of a signal's name, or the whole name.
        warmup: Looks without judgement, for kinds that don't say it otherwise.
        young: The same by kind.
    """

    def __init__(self, rules: Mapping[str, Rule], warmup: int, young: Mapping[str, int] | None = None) -> None:
        self.rules = dict(rules)
        self._warmup = warmup
        self._young = young or {}
        self._histories: dict[str, History] = {}
        self._raised: list[str] = []

    def look(self, turn: int, signal: str, value: float, *, last: bool = False) -> Event | None:
        """Remember a value; give an alarm if the rule finds one that is new, or the end of one that was raised.

        What is young is judged all the same where it is the `last` look.
        """
        kind, _, name = signal.partition("/")
        rule, warmup = self.rules[kind], self._young.get(kind, self._warmup)
        history = [*self._histories.get(signal, ()), (turn, value)]
        self._histories[signal] = history[-max(rule.memory, warmup + 1) :] if rule.memory else history
        message = rule(name, history) if last or len(history) > warmup else None
        if (message is not None) == (signal in self._raised):
            return None
        if message is None:
            self._raised.remove(signal)
            return Event(turn, signal, f"{signal} is well again", value, over=True)
        self._raised.append(signal)
        return Event(turn, signal, message, value)

    def raised(self, signal: str) -> bool:
        """Whether there is an alarm that is not over."""
        return signal in self._raised

    def history(self, signal: str) -> History:
        """What is remembered of a signal, oldest first."""
        return self._histories.get(signal, ())

    def state(self) -> dict[str, Any]:
        """What was seen and said, for a checkpoint."""
        return {"histories": dict(self._histories), "raised": list(self._raised)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where the checkpoint was written."""
        self._histories, self._raised = dict(state["histories"]), list(state["raised"])

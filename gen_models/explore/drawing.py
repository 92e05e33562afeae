"""How a question is answered: in its turn, without gradients, by the model in the way that is asked for."""

from collections.abc import Callable
from typing import TypeVar

from gen_models.explore.asked import Asked
from gen_models.explore.session import Session, Variant
from gen_models.explore.work import Desk

Question = TypeVar("Question", bound=Asked)
Answer = TypeVar("Answer")


def answered(
    session: Session, desk: Desk, view: str, asked: Question, answer: Callable[[Variant, Question], Answer]
) -> Answer:
    """Wait for the turn of a question, and answer it.

    Raises:
        Stopped: It was stopped, or has become obsolete.
        UsageError: The run can't do that.
    """
    with desk.work(asked.lane, f"{view} {asked.kind}"):
        return answer(session.run(asked.run).variant(asked.way), asked)

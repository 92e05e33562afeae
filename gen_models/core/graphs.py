"""CUDA graphs: the kernels of a player's move, captured once and then launched all at once.

Of small networks a GPU does the work faster than Python can launch it. Losses and their gradients are captured; the
optimizer's step, clipping, averages and what ranks exchange are launched as ever, so that schedules reach them. See
https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs. Not measured yet: no GPU was at hand.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple, final

import torch

from gen_models.errors import UsageError


class GraphBackend(ABC):
    """Capture of work on a device as something that can be done again, without Python."""

    @abstractmethod
    def check(self, device: torch.device) -> None:
        """Raise UsageError for a device that can't capture."""

    @abstractmethod
    def warm(self) -> AbstractContextManager[None]:
        """Do the work within where its like is captured later: libraries get ready there."""

    @abstractmethod
    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        """Note what `work` launches, on the tensors that it takes, without doing it; give what does it."""


@final
class CudaGraphs(GraphBackend):
    """Capture by CUDA.

    Noise is drawn anew in each replay, by the seed that the device's generator then has: torch gives it to the graph.
    """

    def __init__(self) -> None:
        self._stream: torch.cuda.Stream | None = None

    def check(self, device: torch.device) -> None:
        """Refuse what is no CUDA device."""
        if device.type != "cuda":
            raise UsageError(
                f"model.graphs=true captures CUDA graphs, and this training is on {device.type}: leave it out."
            )

    @contextmanager
    def warm(self) -> Iterator[None]:
        """Work on the stream of the captures, between what was launched before and what comes after."""
        if self._stream is None:
            self._stream = torch.cuda.Stream()
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream):
            yield
        torch.cuda.current_stream().wait_stream(self._stream)

    def capture(self, work: Callable[[], None]) -> Callable[[], None]:
        """Capture on that stream; the thread that pins batches may go on allocating meanwhile.

        Raises:
            UsageError: CUDA refused.
        """
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph, stream=self._stream, capture_error_mode="thread_local"):
                work()
        except RuntimeError as error:
            raise UsageError(f"CUDA can't capture a move ({error}): choose model.graphs=false.") from error
        return graph.replay


class Circumstances(NamedTuple):
    """What a training has that graphs do not go together with.

    Attributes:
        compiled: Networks are compiled.
        scaled: Losses are scaled, for 16 bit.
        wrapped: The strategy averages gradients itself.
        deciding: Players without `variant` in a model that decides something before each turn.
        scheduled: Schedules of numbers of Python that losses may read.
    """

    compiled: bool
    scaled: bool
    wrapped: bool
    deciding: Sequence[str]
    scheduled: Sequence[str]

    def check(self) -> None:
        """Refuse what graphs would change.

        Raises:
            UsageError: The first thing of that kind.
        """
        for wrong, reason in self._reasons():
            if wrong:
                raise UsageError(f"model.graphs=true does not go together with {reason}.")

    def _reasons(self) -> Iterator[tuple[bool, str]]:
        yield self.compiled, "model.compile: choose one of them"
        yield self.scaled, "trainer.precision=16-mixed: choose bf16-mixed"
        yield self.wrapped, "a strategy that wraps the model: choose trainer=ddp"
        scheduled = " and ".join(self.scheduled)
        yield (
            bool(scheduled),
            f"the schedule of {scheduled}, which a graph would hold still: choose model.graphs=false",
        )
        deciding = " and ".join(self.deciding)
        yield (
            bool(deciding),
            f"what Python decides before a turn of {deciding}: choose model.graphs=false",
        )

"""DRAW: its LSTM cells, and reading and writing whole pictures (Gregor et al. 2015, https://arxiv.org/abs/1502.04623)."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn

State = tuple[Tensor, Tensor]
"""Output and memory of an LSTM cell, each (B, hidden)."""


class LearnedStartLSTMCell(nn.LSTMCell):
    """LSTM cell with a learned initial state: `inputs` entries to a state of `hidden`.

    It begins as the published small setting's (ericjang/draw): weights by Glorot, and a bias of 1 to remember.
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__(inputs, hidden)
        for weight in (self.weight_ih, self.weight_hh):
            nn.init.xavier_uniform_(weight)
        for bias, remember in ((self.bias_ih, 1.0), (self.bias_hh, 0.0)):
            nn.init.zeros_(bias)
            nn.init.constant_(bias[hidden : 2 * hidden], remember)
        self.initial = nn.Parameter(torch.zeros(2, hidden))

    def forward(self, input: Tensor, hx: State | None = None) -> State:  # noqa: A002 (as torch calls it)
        """Give the next state, in float32 also under autocast: in bf16 a memory would forget what it adds up."""
        with torch.autocast(input.device.type, enabled=False):
            return super().forward(input.float(), hx and (hx[0].float(), hx[1].float()))

    def start(self, n: int) -> State:
        """Give the state before the first step."""
        output, memory = self.initial.unsqueeze(1).expand(-1, n, -1)
        return output, memory


class Reader(nn.Module, ABC):
    """Read operation: what the encoder sees of a picture.

    Attributes:
        num_features: Size of what is read.
    """

    num_features: int

    @abstractmethod
    def forward(self, x: Tensor, error: Tensor, state: Tensor) -> Tensor:
        """Give (B, num_features).

        Args:
            x: (B, *shape) in [0, 1].
            error: (B, *shape) what the canvas lacks of it: the paper's x̂ = x - σ(c).
            state: (B, hidden) output of the decoder in the last step.
        """


class Writer(nn.Module, ABC):
    """Write operation: what the decoder adds to a canvas, and the blank canvas (*shape) that it starts on.

    Args:
        shape: Shape of a sample.
    """

    def __init__(self, shape: Sequence[int]) -> None:
        super().__init__()
        self.blank = nn.Parameter(torch.zeros(*shape))

    def start(self, n: int) -> Tensor:
        """Give n blank canvases (n, *shape)."""
        return self.blank.expand(n, *self.blank.shape)

    @abstractmethod
    def forward(self, state: Tensor) -> Tensor:
        """Give what is added to the canvas, (B, *shape), by the decoder's output (B, hidden)."""


class PlainReader(Reader):
    """Read operation without attention: [x, x̂] (equation 17).

    Args:
        shape: Shape of a sample.
    """

    def __init__(self, shape: Sequence[int]) -> None:
        super().__init__()
        self.num_features = 2 * math.prod(shape)

    def forward(self, x: Tensor, error: Tensor, state: Tensor) -> Tensor:
        """Lay the two side by side, wherever the decoder looks."""
        return torch.cat([x.flatten(1), error.flatten(1)], dim=1)


class PlainWriter(Writer):
    """Write operation without attention: an affine map onto the whole canvas (equation 18).

    Args:
        shape: Shape of a sample.
        hidden: Size of the decoder's output.
    """

    def __init__(self, shape: Sequence[int], hidden: int) -> None:
        super().__init__(shape)
        self.to_canvas = nn.Linear(hidden, math.prod(shape))

    def forward(self, state: Tensor) -> Tensor:
        """Map the state."""
        return self.to_canvas(state).view(-1, *self.blank.shape)

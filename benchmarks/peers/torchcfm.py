"""A side of races: torchcfm's loop and sampler, as in its examples, with this project's lean U-Net.

`train`: 32x32 pictures in batches of 64. `sample`: 16 of them by Euler's method of torchdyn's NeuralODE, which the
examples use, with 20 evaluations of the network.
"""

import sys

import torch
from torch import Tensor, nn
from torchcfm.conditional_flow_matching import ConditionalFlowMatcher
from torchdyn.core import NeuralODE

from benchmarks.pace import Pace
from benchmarks.peers.sides import loader, pace_of
from gen_models.networks import LeanUNet

SHAPE, BATCH, DRAWN, EVALUATIONS = (3, 32, 32), 64, 16, 20


class Field(nn.Module):
    """The network in the way of torchdyn: time comes first, and is one for all."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, t: Tensor, x: Tensor, *_: object, **__: object) -> Tensor:
        """Give the velocity of states (B, C, H, W) at a time."""
        return self.network(x, t.expand(len(x)), None)


def train(pace: Pace) -> None:
    """The loop of its examples for pictures: Adam, clipping, an average of the weights."""
    network = LeanUNet(SHAPE, width=48, multipliers=(1, 2), blocks=1, patch=2)
    average = [p.detach().clone() for p in network.parameters()]
    optimizer, matcher = torch.optim.Adam(network.parameters(), lr=2e-3), ConditionalFlowMatcher(sigma=0.0)
    for x, _ in pace.through(loader(SHAPE, BATCH)):
        optimizer.zero_grad()
        t, between, velocity = matcher.sample_location_and_conditional_flow(torch.randn_like(x), x)
        torch.mean((network(between, t, None) - velocity) ** 2).backward()
        optimizer.step()
        with torch.no_grad():
            for kept, now in zip(average, network.parameters(), strict=True):
                kept.copy_(kept * 0.9999 + now * 0.0001)


@torch.no_grad()
def sample(pace: Pace) -> None:
    """The sampler of its examples."""
    network = LeanUNet(SHAPE, width=48, multipliers=(1, 2), blocks=1, patch=2).eval()
    node = NeuralODE(Field(network), solver="euler", sensitivity="adjoint")
    for _ in pace:
        node.trajectory(torch.randn(DRAWN, *SHAPE), t_span=torch.linspace(0, 1, EVALUATIONS + 1))


if __name__ == "__main__":
    {"train": train, "sample": sample}[sys.argv[1]](pace_of("torchcfm"))

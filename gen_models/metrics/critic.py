"""Lopez-Paz and Oquab (2017): Revisiting classifier two-sample tests: what a classifier makes of real and generated.

https://arxiv.org/abs/1610.06545
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from gen_models.metrics.classifier import Convnet
from gen_models.metrics.precision import whole
from gen_models.randomness import isolated
from gen_models.waiting import awaited

BATCH = 128
TURNS = 300
HIDDEN = 64


class TwoSampleClassifier(nn.Module):
    """Classifier of a two-sample test: logits (B,) that samples (B, *shape) in [-1, 1] are real.

    It is a `Convnet` for images, and has two hidden layers for points.

    Args:
        shape: Of a sample.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        hidden = [nn.Linear(math.prod(shape), HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU()]
        points = nn.Sequential(nn.Flatten(), *hidden, nn.Linear(HIDDEN, 1))
        self.network = Convnet(shape, 1) if len(shape) == 3 else points

    def forward(self, x: Tensor) -> Tensor:
        """Give the logits (B,)."""
        found = self.network(x)
        return (found[1] if isinstance(found, tuple) else found).squeeze(1)


def trained_critic(real: Tensor, fake: Tensor, device: torch.device, seed: int = 0) -> TwoSampleClassifier:
    """A critic fitted to as many real as generated samples (N, *shape) by `TURNS` turns of AdamW, ready to judge."""
    with isolated("critic", seed), torch.inference_mode(False), torch.enable_grad(), whole(device):
        critic = TwoSampleClassifier(tuple(real.shape[1:])).to(device)
        optimizer = torch.optim.AdamW(critic.parameters(), weight_decay=0.1)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=2e-3, total_steps=TURNS)
        targets = torch.arange(BATCH, device=device).lt(BATCH // 2).float()
        for _ in awaited(range(TURNS), "training a critic that judges", TURNS):
            picked = [x[torch.randint(len(x), (BATCH // 2,))] for x in (real, fake)]
            optimizer.zero_grad()
            binary_cross_entropy_with_logits(critic(torch.cat(picked).to(device)), targets).backward()
            optimizer.step()
            schedule.step()
    return critic.eval().requires_grad_(False)


class Verdict(NamedTuple):
    """Share of held-out samples that a classifier tells right, and the probability of as large a share by guessing."""

    accuracy: float
    p: float
    n: int


def classifier_test(real: Tensor, fake: Tensor, device: torch.device, seed: int = 0) -> Verdict:
    """Fit a classifier to one half of as many real as generated samples, and count how it does on the other half.

    Without a difference the accuracy is that of guessing: N(½, 1 / 4n) for n samples (section 3.1).
    """
    size = min(len(real), len(fake))
    half = size // 2
    critic = trained_critic(real[:half], fake[:half], device, seed)
    with whole(device):
        right = [
            critic(part.to(device)).gt(0).eq(truth).double().cpu()
            for x, truth in ((real[half:size], True), (fake[half:size], False))
            for part in x.split(BATCH)
        ]
    n = 2 * (size - half)
    accuracy = float(torch.cat(right).mean())
    return Verdict(accuracy, 0.5 * math.erfc((accuracy - 0.5) * math.sqrt(2 * n)), n)

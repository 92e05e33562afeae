"""A side of races: normflows, by its documentation: `realnvp` and `spline` on points, `glow` on 32x32 pictures."""

import sys
from functools import partial

import normflows as nf
import torch

from benchmarks.pace import Pace
from benchmarks.peers.points import AFFINE, DIMS, HIDDEN, SPLINES, train
from benchmarks.peers.sides import loader, pace_of

LEVELS, STEPS, WIDTH, BATCH = 2, 4, 64, 16


def realnvp(pace: Pace) -> None:
    """Affine couplings of the two halves, which change places after each."""
    flows = []
    for _ in range(AFFINE):
        net = nf.nets.MLP([DIMS // 2, *HIDDEN, DIMS], init_zeros=True)
        flows += [nf.flows.AffineCouplingBlock(net), nf.flows.Permute(DIMS, mode="swap")]
    model = nf.NormalizingFlow(nf.distributions.DiagGaussian(DIMS, trainable=False), flows)
    train(pace, model.parameters(), model.forward_kld)


def spline(pace: Pace) -> None:
    """Rational-quadratic couplings of eight bins on [-3, 3]; its networks are residual, two blocks of two layers."""
    flow = partial(nf.flows.CoupledRationalQuadraticSpline, DIMS, 1, HIDDEN[0], num_bins=8, tail_bound=3.0)
    flows = [flow(reverse_mask=i % 2 == 1) for i in range(SPLINES)]
    model = nf.NormalizingFlow(nf.distributions.DiagGaussian(DIMS, trainable=False), flows)
    train(pace, model.parameters(), model.forward_kld, clip=5.0)


def glow(pace: Pace) -> None:
    """Its example for CIFAR-10, with fewer steps and channels, and actnorm within couplings as in the paper."""
    bases, merges, flows = [], [], []
    for level in range(LEVELS):
        channels, halvings = 3 * 2 ** (LEVELS + 1 - level), LEVELS - level
        block = partial(nf.flows.GlowBlock, channels, WIDTH, split_mode="channel", scale=True, net_actnorm=True)
        flows.append([*(block() for _ in range(STEPS)), nf.flows.Squeeze()])
        if level:
            merges.append(nf.flows.Merge())
        side, kept = 32 // 2**halvings, channels // 2 if level else channels
        bases.append(nf.distributions.DiagGaussian((kept, side, side)))
    model = nf.MultiscaleFlow(bases, flows, merges, class_cond=False)
    optimizer = torch.optim.Adamax(model.parameters(), lr=1e-3)
    for x, _ in pace.through(loader((3, 32, 32), BATCH)):
        optimizer.zero_grad()
        model.forward_kld(x).backward()
        optimizer.step()


if __name__ == "__main__":
    {"realnvp": realnvp, "spline": spline, "glow": glow}[sys.argv[1]](pace_of("normflows"))

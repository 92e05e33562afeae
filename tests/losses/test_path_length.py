import math

import pytest
import torch

from gen_models.losses.path_length import PathLength, path_lengths
from gen_models.networks.layers.running import RunningMean


def test_the_length_of_a_linear_map_is_known():
    """A picture that is one layer's style has the noise itself as slope: of length 1, over √L layers."""
    styles = torch.randn(64, 4, 16 * 16, requires_grad=True)
    lengths = path_lengths(styles[:, 2].view(64, 1, 16, 16), styles)
    assert lengths.mean().item() == pytest.approx(1 / math.sqrt(4), rel=0.02)


@pytest.mark.parametrize("side", [8, 32])
def test_a_weight_of_two_is_the_papers_gamma(side):
    """Appendix B: γ = ln 2 / (r² (ln r - ln 2)), of ‖Jᵀ y‖² by unit noise y; here J is the identity, layer by layer."""
    layers = 2 * int(math.log2(side)) - 2
    gamma = math.log(2) / (side**2 * (math.log(side) - math.log(2)))
    styles = torch.zeros(1, layers, side**2, requires_grad=True)
    lengths = path_lengths(styles.sum(1).view(1, 1, side, side), styles)
    length = lengths.square().item() * side**2 * layers
    assert length == pytest.approx(side**2 * layers, rel=0.9)
    assert PathLength()(lengths, torch.zeros(())).item() == pytest.approx(gamma * length)


def test_the_mean_follows_and_the_penalty_is_the_distance_to_it():
    measure, running = PathLength(weight=3.0), RunningMean()
    styles = torch.randn(8, 2, 9, requires_grad=True)
    gain = torch.tensor(2.0, requires_grad=True)
    lengths = path_lengths(gain * styles[:, 0].view(8, 1, 3, 3), styles)
    penalty = measure(lengths, running.observed(lengths.mean(), 0.25))
    assert running.mean.item() == pytest.approx(0.25 * lengths.mean().item())
    assert penalty.item() == pytest.approx(3 * (lengths - running.mean).square().mean().item(), rel=1e-4)
    penalty.backward()
    assert gain.grad > 0, "shorter paths are nearer to a mean that began at 0"

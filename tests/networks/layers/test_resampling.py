"""Filters by matrices are the convolutions that they stand for, at any side, and on maps in any order of memory."""

import pytest
import torch
from torch import nn

from gen_models.networks.layers import resampling
from gen_models.networks.layers.resampling import Double, Filter, Halve

TAPS = (1, 3, 3, 1)
RESAMPLING = [Filter(TAPS, 2, 4.0), Filter((1, 2, 1), 0), Halve(TAPS), Halve(TAPS, fits=False), Double(TAPS)]


@pytest.mark.parametrize("order", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("resample", RESAMPLING, ids=lambda resample: type(resample).__name__)
def test_matrices_do_what_convolutions_do(
    resample: nn.Module, order: torch.memory_format, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = torch.randn(2, 3, 7, 10, dtype=torch.float64).to(memory_format=order).requires_grad_()
    resample = resample.double()
    made = resample(x)
    monkeypatch.setattr(resampling, "SMALL", 0)
    expected = resample(x)
    torch.testing.assert_close(made, expected)
    assert made.is_contiguous(memory_format=order)
    weights = torch.randn_like(made)
    torch.testing.assert_close(*(torch.autograd.grad((y * weights).sum(), x)[0] for y in (made, expected)))


def test_halving_and_doubling_are_each_others_adjoint() -> None:
    small, large = torch.randn(1, 2, 5, 4, dtype=torch.float64), torch.randn(1, 2, 10, 8, dtype=torch.float64)
    halve, double = Halve(TAPS).double(), Double(TAPS).double()
    torch.testing.assert_close((double(small) * large).sum(), 4 * (small * halve(large)).sum())


def test_a_filter_of_one_pixel_spreads_its_taps() -> None:
    matrix = resampling.filtering(torch.tensor([1.0, 3.0, 3.0, 1.0]), 4, 2, 1)
    torch.testing.assert_close(matrix, torch.tensor([[3.0, 3.0, 1.0, 0.0], [0.0, 1.0, 3.0, 3.0]]))

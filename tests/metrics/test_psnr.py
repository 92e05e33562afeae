"""The ratio in closed form."""

import pytest
import torch

from gen_models.metrics.psnr import decibels, psnr


def test_black_for_white_has_no_decibel_and_a_tenth_of_the_error_ten_more():
    black = -torch.ones(2, 1, 4, 4)
    assert psnr(-black, black).tolist() == [0, 0]
    assert decibels(torch.tensor([0.4, 0.04])).tolist() == pytest.approx([10, 20])


def test_an_exact_copy_has_a_finite_ratio():
    assert psnr(torch.zeros(1, 3), torch.zeros(1, 3)).item() == pytest.approx(126.02, abs=0.01)

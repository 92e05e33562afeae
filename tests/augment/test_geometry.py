import math

import torch
from torch.nn.functional import affine_grid, grid_sample

from gen_models.augment.filtering import filtered_warp
from gen_models.augment.geometry import random_shift, rotation, scaling, translation, warp

X = torch.randn(2, 3, 6, 8, generator=torch.Generator().manual_seed(0))


def test_whole_moves_are_exact_and_borders_are_mirrored():
    moved = warp(X, translation(torch.tensor([[2.0, 0.0], [0.0, -1.0]])))
    assert torch.equal(moved[0], torch.cat([X[0, :, :, 2:], X[0, :, :, [7, 6]]], dim=2))
    assert torch.equal(moved[1], torch.cat([X[1, :, :1], X[1, :, :-1]], dim=1))
    one = torch.ones(2)
    assert torch.equal(warp(X, scaling(-one, one)), X.flip(-1))
    square = X[..., :6]
    quarter = warp(square, rotation(one * math.pi / 2))
    torch.testing.assert_close(quarter, square.rot90(1, (2, 3)), rtol=0, atol=1e-5)


def test_it_agrees_with_grid_sample_and_differentiates_twice():
    x = X[..., :6].double().requires_grad_()
    matrix = (rotation(torch.tensor([0.5, 2.0])) @ scaling(torch.tensor([1.7, 0.6]), torch.tensor([0.8, 1.1]))).double()
    grid = affine_grid(matrix[:, :2], list(x.shape), align_corners=False)
    expected = grid_sample(x, grid, padding_mode="reflection", align_corners=False)
    torch.testing.assert_close(warp(x, matrix), expected)
    assert torch.autograd.gradgradcheck(lambda x: warp(x, matrix[:1]).square(), x[:1, :1].detach().requires_grad_())


def test_random_shifts_are_whole_and_reach_their_limit():
    x = torch.zeros(200, 1, 16, 8)
    x[:, :, 8, 4] = 1
    item, _, row, column = random_shift(x, 1 / 8, "constant").nonzero().T
    assert item.tolist() == list(range(200))
    assert row.unique().tolist() == [6, 7, 8, 9, 10]
    assert column.unique().tolist() == [3, 4, 5]
    assert random_shift(x + 1, 1 / 8, "constant").min() == 0
    assert random_shift(x + 1, 1 / 8, "reflect").min() == 1


def test_filters_leave_a_picture_that_stays_and_differentiate_twice():
    torch.testing.assert_close(filtered_warp(X, torch.eye(3).repeat(2, 1, 1)), X, rtol=0, atol=1e-5)
    moved = filtered_warp(X, translation(torch.tensor([[2.0, 0.0], [0.0, 1.0]])))
    torch.testing.assert_close(moved[0, :, :, :-2], X[0, :, :, 2:], rtol=0, atol=1e-5)
    torch.testing.assert_close(moved[1, :, -1], X[1, :, -2], rtol=0, atol=1e-5)  # mirrored without the last row itself
    x = X[:1, :1, :3, :4].double().requires_grad_()
    matrix = rotation(torch.tensor([0.5])).double()
    assert torch.autograd.gradgradcheck(lambda x: filtered_warp(x, matrix).square(), x)

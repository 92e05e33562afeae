"""The adaptive weight of VQGAN in closed form, and feature matching."""

import pytest
import torch

from gen_models.losses.adaptive import adaptive_weight
from gen_models.losses.matching import matching


def test_the_weight_is_the_ratio_of_gradients_of_the_last_layer():
    last = torch.tensor([3.0, 4.0], requires_grad=True)
    reconstruction, adversarial = last.square().sum(), 0.5 * last[0] - 7
    found = adaptive_weight(reconstruction, adversarial, last)
    assert found.item() == pytest.approx(10 / (0.5 + 1e-4))  # ‖(6, 8)‖ and ‖(½, 0)‖
    assert not found.requires_grad
    (reconstruction + found * adversarial).backward()  # the graph is still there
    assert last.grad[0].item() == pytest.approx(6 + 0.5 * found.item())


@pytest.mark.parametrize(("pull", "expected"), [(0.0, 1e4), (1e6, 1e-6)])
def test_a_game_without_pull_has_the_largest_weight_and_a_strong_one_is_held(pull, expected):
    last = torch.ones(1, requires_grad=True)
    assert adaptive_weight(last.sum(), pull * last.sum(), last).item() == pytest.approx(expected)


def test_matching_is_zero_for_the_same_features_and_a_mean_over_layers():
    layers = [torch.randn(2, 3, 4, 4, requires_grad=True), torch.randn(2, 5, 2, 2, requires_grad=True)]
    wanted = [(layer + step).detach().requires_grad_() for layer, step in zip(layers, (1, -3), strict=True)]
    assert matching(layers, layers).item() == 0
    found = matching(layers, wanted)
    assert found.item() == pytest.approx(2)
    found.backward()
    assert all(layer.grad is None for layer in wanted)
    assert all(layer.grad is not None for layer in layers)

"""Guidance: its convention, its null class, and what it costs."""

import pytest
import torch

from gen_models.diffusion.guidance import Guidance
from tests.diffusion.stand_in import Formula


def classes_as_numbers(x, noise, y):
    return x + (torch.full((len(x),), 3) if y is None else y).view(-1, 1).float()


def test_one_is_unguided_and_more_exaggerates_what_the_class_changes():
    denoiser, y = Formula(classes_as_numbers, classes=3), torch.tensor([0, 1, 2])
    x, noise = torch.zeros(3, 1), torch.zeros(3)
    assert Guidance(1.0)(denoiser, x, noise, y).flatten().tolist() == [0, 1, 2]
    assert denoiser.calls == 1
    assert Guidance(0.0)(denoiser, x, noise, y).flatten().tolist() == [3, 3, 3]
    assert Guidance(2.0)(denoiser, x, noise, y).flatten().tolist() == [-3, -1, 1]
    assert denoiser.calls == 3
    assert Guidance(2.0)(denoiser, x, noise, None).flatten().tolist() == [3, 3, 3]


def test_a_share_of_the_classes_is_hidden_in_training():
    torch.manual_seed(0)
    y = torch.arange(10_000) % 5
    dropped = Guidance(dropout=0.1).drop_labels(y, 5)
    assert float((dropped == 5).float().mean()) == pytest.approx(0.1, abs=0.01)
    assert torch.equal(dropped[dropped != 5], y[dropped != 5])
    assert torch.equal(Guidance(dropout=0.5).drop_labels(y, 0), y)

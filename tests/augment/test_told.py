"""Augmentation that the network is told of: its geometry and labels are the authors'."""

import pytest
import torch

from gen_models.augment.geometry import warp
from gen_models.augment.told import Change, Told

CHANGE = Change(
    torch.tensor([[1.0, 0.0]]), torch.tensor([0.7]), torch.tensor([0.5]), torch.tensor([-1.2]), torch.tensor([0.9]),
    torch.tensor([[0.3, -0.8]]),
)  # fmt: skip
LABELS = [1.0, 0.0, 0.7, -0.1224174, 0.4794255, -0.7459320, -0.9399923, 0.3, -0.8]
PLACES = [[-0.8480, 0.5873, 2.6425], [0.2950, 0.7669, 2.1886], [0.0, 0.0, 1.0]]
"""Of pictures of 32 x 24; the first row is negative, since the authors exchange left and right beforehand."""
WARPED = [[0.4361, -0.4551, -0.5746, 0.6235], [1.7063, 1.5220, 0.4095, 0.0360]]
# source of all three: NVlabs/edm 008a4e5, training/augment.py, with these numbers in the place of random ones


def silhouettes(n, height=32, width=24):
    across, down = torch.arange(width) - (width - 1) / 2, torch.arange(height) - (height - 1) / 2
    return ((0.3 * across).sin() + (0.2 * down).cos()[:, None]).expand(n, 1, height, width)


def test_labels_and_geometry_are_the_authors():
    assert CHANGE.labels().flatten().tolist() == pytest.approx(LABELS, abs=1e-6)
    places = CHANGE.places((32, 24))
    torch.testing.assert_close(places[0], torch.tensor(PLACES), rtol=0, atol=1e-4)
    x = silhouettes(1)
    warped = warp(x, places)[0, 0, [4, 11], 4:20:5]
    torch.testing.assert_close(warped, torch.tensor(WARPED), rtol=0, atol=0.03)  # they filter, we interpolate


def test_filtered_pictures_are_the_authors():
    changed = Told(filtered=True).changed(silhouettes(1), CHANGE)[0, 0, [4, 11], 4:20:5]
    torch.testing.assert_close(changed, torch.tensor(WARPED), rtol=0, atol=1e-4)


def test_labels_of_zero_are_pictures_as_they_are():
    x, (changed, labels) = silhouettes(400), Told(0.0)(silhouettes(400))
    assert torch.equal(labels[:, 1:], torch.zeros(400, 8))
    mirrored = labels[:, 0] == 1  # half of them, with whatever probability the others come
    assert 150 < mirrored.sum() < 250
    torch.testing.assert_close(changed[~mirrored], x[~mirrored], rtol=0, atol=1e-4)
    torch.testing.assert_close(changed[mirrored], x[mirrored].flip(3), rtol=0, atol=1e-4)


def test_upright_pictures_have_six_labels_and_are_neither_turned_nor_upside_down():
    """source: Gsunshine/py-meanflow 1f6d72d, meanflow/training/train_loop.py: neither yflip nor rotate_frac."""
    told, x = Told(upright=True), silhouettes(1)
    told.drawn = lambda n, device: CHANGE._replace(mirrored=torch.ones(1, 2))
    changed, labels = told(x)
    assert labels.flatten().tolist() == pytest.approx([LABELS[each] for each in (0, 2, 5, 6, 7, 8)], abs=1e-6)
    upright = CHANGE._replace(angle=torch.zeros(1))
    assert torch.equal(changed, warp(x, upright.places((32, 24))))
    assert told.size == labels.shape[1]


def test_each_change_comes_with_its_probability():
    labels = Told(0.2)(torch.zeros(5000, 1, 4, 4))[1]
    shares = (labels != 0).float().mean(0).tolist()
    assert shares == pytest.approx([0.5, 0.1, *[0.2] * 4, 0.1, 0.2, 0.2], abs=0.02)
    assert labels[:, 2][labels[:, 2] != 0].std().item() == pytest.approx(1, abs=0.1)

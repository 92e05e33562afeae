"""Changes of ADA beside those of the authors' program, with the same numbers in the place of random ones."""

import math

import pytest
import torch

from gen_models.augment.bgc import random_colours
from gen_models.augment.filtering import filtered_warp
from gen_models.augment.geometry import rotation, scaling, translation
from tests.waves import digest, waves

X = waves(1, 3, 16, 16)
NORMAL, UNIFORM = 0.476936, 0.75  # what the authors' `debug_percentile=0.75` draws
# source: NVlabs/stylegan2-ada-pytorch d72cc7d, training/augment.py: AugmentPipe, of all geometry, then of all colours
WARPED = [0.990161, -0.806841, 0.419275, 0.007176, 0.618344, 0.052121]
COLOURED = [-1.087403, -1.094908, 0.596602, -0.109546, 1.060440, -0.403734]


def test_geometry_has_the_authors_order_and_filters():
    one, size, moved = torch.ones(1), 2 ** (0.2 * NORMAL), 0.125 * NORMAL * 16
    blit = scaling(-one, one) @ rotation(3 * one * math.pi / 2) @ translation(torch.tensor([[-1.0, -1.0]]))
    shape = scaling(one / size, one / size) @ rotation(one * math.pi / 2) @ scaling(one / size, one * size)
    found = filtered_warp(X, blit @ shape @ translation(torch.tensor([[-moved, -moved]])))
    assert digest(found) == pytest.approx(WARPED, abs=1e-5)


def test_colours_are_the_authors(monkeypatch):
    monkeypatch.setattr(torch, "randn", lambda *shape, **_: torch.full(shape, NORMAL))
    monkeypatch.setattr(torch, "rand", lambda *shape, **_: torch.full(shape, UNIFORM))
    monkeypatch.setattr(torch, "randint", lambda most, shape, **_: torch.ones(shape, dtype=torch.long))
    assert digest(random_colours(X, torch.tensor(1.0))) == pytest.approx(COLOURED, abs=1e-5)

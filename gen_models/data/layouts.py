"""Shapes without noise, of which the toy distributions are made; all lie in [-1, 1]."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

NODES = 512  # of a curve: closer together than any noise is wide


class Layout(NamedTuple):
    """A shape without noise: `groups` of points (K_i, D) that make one class each, and the weights of the groups."""

    groups: Sequence[np.ndarray]
    weights: Sequence[float]


def _equal(groups: Sequence[np.ndarray]) -> Layout:
    return Layout(groups, [1 / len(groups)] * len(groups))


def _arc(start: float, stop: float, nodes: int) -> np.ndarray:
    """Points of the unit circle at the midpoints of equal steps of the angle."""
    angle = start + (stop - start) * (np.arange(nodes) + 0.5) / nodes
    return np.stack([np.cos(angle), np.sin(angle)], 1)


def ring() -> Layout:
    """Eight modes on a circle."""
    return _equal(np.split(_arc(0, 2 * np.pi, 8), 8))


def grid() -> Layout:
    """Twenty-five modes on a 5 by 5 grid."""
    axis = np.linspace(-1, 1, 5)
    return _equal([np.array([[a, b]]) for a in axis for b in axis])


def two_rings() -> Layout:
    """Two concentric circles of equal mass."""
    circle = _arc(0, 2 * np.pi, NODES)
    return _equal([circle, circle / 2])


def moons() -> Layout:
    """Two interleaved half circles."""
    upper = _arc(0, np.pi, NODES)
    return _equal([(upper - [0.5, 0.25]) / 1.5, (-upper + [0.5, 0.25]) / 1.5])


def swiss_roll() -> Layout:
    """A spiral of one and a half turns, uniform in the angle."""
    angle = np.pi * (1.5 + 3 * (np.arange(NODES) + 0.5) / NODES)
    return _equal([np.stack([np.cos(angle), np.sin(angle)], 1) * (angle / (4.5 * np.pi))[:, None]])


def gaussian() -> Layout:
    """One mode at the origin."""
    return _equal([np.zeros((1, 1))])


def mixture() -> Layout:
    """Three modes of unequal mass."""
    return Layout([np.array([[centre]]) for centre in (-0.8, 0.1, 0.8)], [0.5, 0.3, 0.2])


def comb() -> Layout:
    """Eight modes of equal mass."""
    return _equal([np.array([[centre]]) for centre in np.linspace(-1, 1, 8)])


LINE = {shape.__name__: shape for shape in (gaussian, mixture, comb)}
PLANE = {shape.__name__: shape for shape in (ring, grid, two_rings, moons, swiss_roll)}

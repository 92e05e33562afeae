"""Modes of points that samples reach."""

import math

import pytest
import torch
from lightning import LightningModule

from gen_models.analysis.figures import asked_for, taken, usual
from gen_models.analysis.subject import Subject
from gen_models.data.digits import Digits
from gen_models.data.toys import Toy2D
from gen_models.errors import UsageError
from gen_models.metrics.extractors import DataSpace
from gen_models.metrics.scorer import Scorer

RING = {"kind": "ring", "noise": 0.01 / 1.05}
GRID = {"kind": "grid", "noise": 0.0125 / 1.0625}


class Fixed(LightningModule):
    """Draws the first of given points."""

    classes = 0

    def __init__(self, points):
        super().__init__()
        self.points = points

    def sample(self, n, y=None):
        return self.points[:n]


def found(source, points):
    subject = Subject(Fixed(points), source, Scorer(DataSpace(), (), len(points), 10_000))
    chosen = asked_for(subject, ["modes", "mode_divergence"])
    return {record.metric: record for record in taken(subject, chosen)}


@pytest.mark.parametrize(("layout", "modes"), [(RING, 8), (GRID, 25)])
def test_data_reach_all_modes_and_one_in_ninety_lies_beyond_three_deviations(layout, modes):
    source = Toy2D(**layout, count=10, test_count=10_000)
    records = found(source, source.test.gather(range(10_000))[0])
    assert records["modes"].value == records["modes"].real == modes
    assert records["share of good samples"].value == pytest.approx(1 - math.exp(-4.5), abs=0.003)  # Rayleigh
    assert records["share of good samples"].real == pytest.approx(1 - math.exp(-4.5), abs=0.003)
    assert records["KL of modes"].value == pytest.approx((modes - 1) / 20_000, abs=1e-3)
    assert not records["KL of modes"].higher_is_better


@pytest.mark.parametrize(("layout", "radii"), [(RING, 100), (GRID, 40)])
def test_the_layouts_are_the_published_ones_but_for_a_factor(layout, radii):
    """Standard deviation 0.01 on a circle of radius 1, and 0.05 at a spacing of 2: fjxmlzn/PacGAN, config.py."""
    mixture = Toy2D(**layout).modes
    distances = torch.pdist(torch.as_tensor(mixture.centres))
    unit = distances.min() if radii == 40 else distances.max() / 2
    assert unit.item() / mixture.std == pytest.approx(radii, rel=1e-6)


def test_a_mode_is_reached_by_a_sample_within_three_deviations_of_it():
    source = Toy2D(**RING, count=10, test_count=100)
    mixture = source.modes
    centres = torch.as_tensor(mixture.centres, dtype=torch.float32)
    step = torch.tensor([[mixture.std, 0.0]])
    near, far = centres[:2] + 2.9 * step, centres[2:4] + 3.1 * step
    records = found(source, torch.cat([near, far]))
    assert records["modes"].value == 2
    assert records["share of good samples"].value == 0.5
    assert records["KL of modes"].value == pytest.approx(math.log(4))
    none = found(source, far)
    assert none["modes"].value == none["share of good samples"].value == 0
    assert none["KL of modes"].value is None


def test_they_are_taken_of_points_with_modes_and_of_no_others(copier):
    points = Subject(Fixed(torch.zeros(5, 2)), Toy2D(**RING, count=10, test_count=10))
    assert {"modes", "mode_divergence"} <= {figure.name for figure in usual(points)}
    curves = Subject(Fixed(torch.zeros(5, 2)), Toy2D(kind="moons", count=10, test_count=10))
    for subject in (curves, Subject(copier, Digits())):
        with pytest.raises(UsageError, match="points with modes: choose data=ring"):
            asked_for(subject, ["modes"])

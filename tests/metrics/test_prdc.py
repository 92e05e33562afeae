import pytest
import torch

from gen_models.metrics import prdc
from gen_models.metrics.features import Features
from gen_models.metrics.prdc import K, coverage, density, precision, recall


def naive(fake, real):
    """The four definitions, point by point."""

    def radius(points, i):
        return sorted(float((points[i] - other).norm()) for j, other in enumerate(points) if j != i)[K - 1]

    hits = [[float((f - r).norm()) < radius(real, i) for i, r in enumerate(real)] for f in fake]
    back = [any(float((f - r).norm()) < radius(fake, i) for i, f in enumerate(fake)) for r in real]
    return [
        sum(map(any, hits)) / len(fake),
        sum(back) / len(real),
        sum(map(sum, hits)) / (K * len(fake)),
        sum(map(any, zip(*hits, strict=True))) / len(real),
    ]


def measured(fake, real):
    return [take(Features(fake), Features(real)).value for take in (precision, recall, density, coverage)]


def test_they_are_the_published_definitions():
    torch.manual_seed(0)
    fake, real = torch.randn(17, 3).double() + 0.5, torch.randn(23, 3).double()
    assert measured(fake, real) == pytest.approx(naive(fake, real))
    line = torch.arange(10.0)[:, None]
    assert measured(torch.tensor([[4.5]]).expand(6, 1), line)[2] == 10 / K  # every ball holds it


def test_distances_are_computed_once_for_all_four_and_a_block_at_a_time(monkeypatch):
    torch.manual_seed(0)
    fake, real, asked = torch.randn(40, 3), torch.randn(30, 3), []
    whole, cdist = measured(fake.clone(), real.clone()), torch.cdist
    monkeypatch.setattr(prdc, "BLOCK", 10 * 30)
    monkeypatch.setattr(torch, "cdist", lambda a, b: asked.append(len(a) * len(b)) or cdist(a, b))
    assert measured(fake, real) == whole
    assert sum(asked) == 40 * 40 + 30 * 30 + 40 * 30
    assert max(asked) <= 300


def test_a_model_of_half_the_data_is_precise_and_forgets_the_other_half():
    torch.manual_seed(0)
    clusters = torch.cat([torch.randn(200, 2), torch.randn(200, 2) + 50])
    p, r, d, c = measured(torch.randn(400, 2), clusters)
    assert (p > 0.9, abs(r - 0.5) < 0.05, abs(c - 0.5) < 0.05) == (True, True, True)
    assert 0.8 < d < 1.2
    assert measured(torch.randn(100, 2) - 500, clusters) == [0, 0, 0, 0]


def test_copies_among_real_items_are_counted():
    torch.manual_seed(0)
    items = torch.randn(20, 3)
    real = Features(items.repeat(K + 2, 1))
    found = precision(real, real)
    assert found.value == 0  # every ball is empty: its radius is the distance to a copy
    assert found.protocol["duplicates"] == found.found["duplicates"] == 20 * (K + 1)
    assert "120 of 140 real items are copies" in found.found["warning"]
    assert "duplicates" not in precision(real, Features(items)).protocol

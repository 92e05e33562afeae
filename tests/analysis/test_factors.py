"""Codes against what is known of the data."""

import numpy as np
import pytest
import torch

from gen_models.analysis.factors import askable, moved, understanding
from gen_models.data.items import ArrayItems
from gen_models.latents.code_parts import Category, Interval
from gen_models.latents.codes import Codes

SHADES = np.random.default_rng(0).integers(0, 4, (600, 3))


class Known:
    """Three pixels, each a factor; the class is the first."""

    spec = {"num_classes": 4}  # noqa: RUF012
    reference = test = ArrayItems(SHADES.astype(np.uint8)[:, None, :, None] * 60, SHADES[:, 0])

    def part(self, split):
        return self.test

    def factors(self, split):
        known = {name: (SHADES[:, i], ["a", "b", "c", "d"]) for i, name in enumerate(["hair", "eyes", "skin"])}
        return {**known, "constant": (np.zeros(600, np.int64), ["a"])}


class Reader:
    device = torch.device("cpu")

    def __init__(self, order):
        self.order = order

    def codes(self):
        return Codes({"kind": Category(4), "style": Interval(2)})

    def draw_latents(self, n):
        return self.codes().sample(n, 6, self.device)

    def labels(self, n):
        return torch.zeros(n, dtype=torch.long)

    def decode_latents(self, z, y=None):
        coarse, fine = z[:, 4, None, None, None], z[:, 5, None, None, None]
        board = torch.tensor([[1.0, -1.0], [-1.0, 1.0]]).repeat(4, 4)
        return coarse.expand(-1, 1, 8, 8) + fine * board

    def sample(self, n):
        return self.decode_latents(self.draw_latents(n))

    def encode(self, x, y=None):
        return ((x.flatten(1) + 1) * 127.5 / 60).round()[:, self.order]

    def eval(self):
        return self

    def to(self, device):
        return self


def test_a_model_that_reads_the_factors_gets_full_marks_and_an_untrained_one_none():
    records = {r.title: r for r in understanding(Reader([0, 1, 2]), Known(), untrained=lambda: Reader([0, 0, 0]))}
    assert len(records) == 7
    assert records.pop("SAP").value > 0.3  # lines can't tell the middle values
    for record in records.values():
        assert record.value == pytest.approx(1, abs=0.02)
        assert record.protocol["n"] == 600
    assert records["FactorVAE score"].chance == pytest.approx(1 / 3)
    assert records["MIG"].protocol["factors"] == ["hair", "eyes", "skin"]
    assert records["MIG"].untrained == pytest.approx(0, abs=0.05)
    assert records["unsupervised accuracy of kind"].untrained == 1


def test_codes_as_large_as_pictures_are_not_asked():
    assert askable(Reader([0, 1, 2]), Known())
    assert not askable(Reader([0, 1, 2] * 100), Known())


def test_each_code_is_seen_to_change_its_band():
    record = moved(Reader([0, 1, 2]))
    kind, coarse, fine = record.found["changes"].values()
    assert record.protocol["bands"] == ["4 px", "8 px"]
    assert kind == [0, 0]
    assert coarse[1] == fine[0] == 0
    assert record.value == pytest.approx(1, abs=0.01)

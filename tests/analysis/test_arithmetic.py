"""Differences of mean codes, added to other codes."""

import pytest
import torch
from lightning import LightningModule

from gen_models.analysis.arithmetic import Question, changed
from gen_models.data.interface import gathered, some
from gen_models.latents.codes import Codes


class Told(LightningModule):
    """Whole latents are training digits, and codes with a meaning a part of them, as InfoGAN's."""

    classes = 0

    def __init__(self, source):
        super().__init__()
        self.x, self.y = gathered(source.reference, torch.arange(len(source.reference)))

    def labels(self, n, y=None):
        return torch.zeros(n, dtype=torch.int64)

    def encode(self, x, y=None):
        return x.flatten(1)[:, :3]

    def codes(self):
        return Codes({})

    def draw_latents(self, n):
        return self.x[torch.randint(len(self.x), (n,))].flatten(1)

    def decode_latents(self, z, y=None):
        return z.view(-1, 1, 8, 8)


@pytest.mark.parametrize("kind", ["items", "latents"])
def test_a_difference_of_means_is_added_in_growing_doses(kind, copier, digits):
    torch.manual_seed(0)
    model = Told(digits) if kind == "latents" else copier
    rows = changed(model, digits, Question("class", "1", "7"), rows=3)
    drawn = rows if kind == "latents" else rows[:, 1:]
    assert drawn.shape == (3, 5, 1, 8, 8)
    step = drawn[:, 1] - drawn[:, 0]
    assert torch.allclose(step, step[:1].expand_as(step), atol=1e-5)
    assert torch.allclose(drawn[:, 4] - drawn[:, 0], 4 * step, atol=1e-5)
    x, y = gathered(digits.reference, torch.arange(len(digits.reference)))
    difference = (x[y == 1].mean(0) - x[y == 7].mean(0)) / 2
    assert torch.cosine_similarity(step[0].flatten(), difference.flatten(), 0) > 0.9
    if kind == "items":
        assert torch.equal(rows[:, 0], gathered(digits.test, some(digits.test, 3))[0])
        assert torch.allclose(step[0], difference, atol=1e-5)
    else:
        nearest = torch.cdist(drawn[:, 0].flatten(1), x.flatten(1)).argmin(1)
        assert (y[nearest] == 7).sum() >= 2  # samples that look like what is taken away

"""Models that are nothing but an answer, on 8x8 digits."""

import pytest
import torch
from lightning import LightningModule

from gen_models.analysis.subject import Subject
from gen_models.data.digits import Digits
from gen_models.data.interface import gathered
from gen_models.metrics.extractors import DataSpace
from gen_models.metrics.scorer import Scorer


class Copier(LightningModule):
    """Draws training digits, of a class on demand; its codes are the pixels."""

    classes = 10

    def __init__(self, source):
        super().__init__()
        self.x, self.y = gathered(source.reference, torch.arange(len(source.reference)))

    def labels(self, n, y=None):
        return torch.arange(n) % 10 if y is None else y

    def sample(self, n, y=None):
        wanted = self.labels(n, y)[:, None] == self.y
        return self.x[torch.multinomial(wanted.float(), 1).squeeze(1)]

    def encode(self, x, y=None):
        return x.flatten(1)

    def decode(self, z, y=None):
        return z.view(-1, 1, 8, 8)

    def draw_codes(self, n, y=None):
        return torch.randn(n, 64)

    def reconstruct(self, x, y=None):
        return -x

    def complete(self, x, keep, y=None):
        return torch.cat([x[:, :, :keep], torch.rand_like(x[:, :, keep:])], 2)


@pytest.fixture(scope="session")
def digits():
    return Digits()


@pytest.fixture(scope="session")
def copier(digits):
    return Copier(digits)


@pytest.fixture
def judged(digits):
    """Put a model before the judges."""

    def subject(model, n=300, draw=None):
        return Subject(model, digits, Scorer(DataSpace(), (), n, 100), draw)

    return subject

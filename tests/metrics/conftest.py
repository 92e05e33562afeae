"""Real data for the metrics: scikit-learn's digits, which count how many of them were asked for."""

import pytest
import torch
from sklearn.datasets import load_digits


class Stored:
    """The smallest thing that satisfies `Items`."""

    def __init__(self, x, y=None):
        self.x, self.y, self.served = x, torch.zeros(len(x), dtype=torch.long) if y is None else y, 0

    def __len__(self):
        return len(self.x)

    def gather(self, indices):
        self.served += len(indices)
        return self.x[indices], self.y[indices]


@pytest.fixture(autouse=True)
def _one_thread():
    """Sets this small are faster without threads, above all on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def stored():
    """Make items of tensors."""
    return Stored


@pytest.fixture
def digits():
    """1200 training and 597 test digits, (1, 8, 8) uint8."""
    x, y = map(torch.from_numpy, load_digits(return_X_y=True))
    x = x.mul(255 / 16).byte().view(-1, 1, 8, 8)
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
    return [Stored(x[part], y[part]) for part in (order[:1200], order[1200:])]

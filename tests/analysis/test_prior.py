import pytest
import torch

from gen_models.analysis.prior import compare_codes
from gen_models.data.digits import Digits
from gen_models.errors import UsageError


class Raw:
    """Codes are the pixels of the upper rows."""

    device = "cpu"

    def encode(self, x, y=None):
        return x[:, 0, 2:4].flatten(1)


class Knowing(Raw):
    """Its prior is the data itself, class by class."""

    classes = 10

    def draw_codes(self, n, y=None):
        x, classes = Digits().train.gather(range(1000))
        position = torch.stack([(classes == c).nonzero()[torch.randint(50, (1,))][0] for c in y])[:, 0]
        return self.encode(x[position].float() / 127.5 - 1)


def test_codes_are_compared_with_the_prior_of_their_classes():
    torch.manual_seed(0)
    sets, record = compare_codes(Knowing(), Digits().test, 120)
    assert [len(codes) for codes, _ in sets.values()] == [120, 120]
    assert record.found["p"] > 0.01
    _, record = compare_codes(Knowing(), Digits().test, 120, "normal")
    assert record.found["p"] == 1 / 501
    assert record.value > 0.05
    assert record.protocol["against"] == "N(0, 1)"


def test_a_model_without_a_prior_is_mapped_alone():
    sets, record = compare_codes(Raw(), Digits().test, 1000)
    assert [codes.shape for codes, _ in sets.values()] == [(300, 16)]
    assert record is None
    with pytest.raises(UsageError, match="--against normal"):
        compare_codes(Raw(), Digits().test, 10, "prior")

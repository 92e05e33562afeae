import pytest
import torch

from gen_models.metrics.classes import apportioned


@pytest.mark.parametrize("n", [7, 20, 1001])
def test_classes_are_as_frequent_as_in_the_data_in_the_whole_and_in_parts(n):
    y = torch.tensor([0] * 70 + [2] * 20 + [3] * 10)[torch.randperm(100)]
    shares = torch.tensor([0.7, 0.0, 0.2, 0.1])
    asked = apportioned(y, n)
    assert asked.shape == (n,)
    for part in (asked, asked[: n // 2]):
        assert (torch.bincount(part, minlength=4) - shares * len(part)).abs().max() <= 1
    assert torch.equal(asked, apportioned(y.flip(0), n))


def test_classes_of_one_frequency_come_in_turn():
    assert apportioned(torch.arange(3).repeat(5), 8).tolist() == [0, 1, 2, 0, 1, 2, 0, 1]

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from gen_models.networks.layers.statistics import standing_statistics


@pytest.fixture
def generator():
    net = nn.Sequential(spectral_norm(nn.Linear(2, 3)), nn.BatchNorm1d(3, momentum=0.1))
    net(torch.randn(7, 2) + 50)
    return net.eval()


def test_running_statistics_become_those_of_all_batches(generator):
    batches = torch.randn(4, 32, 2)
    drawn = iter(batches)
    standing_statistics(generator, lambda: generator(next(drawn)), passes=4)
    seen = generator[0](batches)
    torch.testing.assert_close(generator[1].running_mean, seen.flatten(0, 1).mean(0))
    torch.testing.assert_close(generator[1].running_var, seen.var(1).mean(0))


def test_nothing_else_changes(generator):
    before = {key: value.clone() for key, value in generator.state_dict().items() if not key.startswith("1.")}
    standing_statistics(generator, lambda: generator(torch.randn(8, 2)), passes=2)
    assert all(torch.equal(value, generator.state_dict()[key]) for key, value in before.items())
    assert generator[1].momentum == 0.1
    assert not any(module.training for module in generator.modules())


def test_no_batch_is_no_average(generator):
    with pytest.raises(ValueError, match="at least one batch, not 0"):
        standing_statistics(generator, lambda: generator(torch.randn(8, 2)), passes=0)

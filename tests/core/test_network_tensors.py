"""Where tensors of a network are, and averages that follow them."""

import torch
from torch import nn

from gen_models.core.average import Averages, Averaging, PowerAveraging
from gen_models.core.network_tensors import NetworkTensors, statistics_of
from gen_models.networks.flows.batchnorm import BatchNormalisation


def network() -> nn.Module:
    layer = nn.Linear(3, 3)
    tied = nn.Linear(3, 3)
    tied.weight = layer.weight
    return nn.Sequential(layer, nn.BatchNorm1d(3), tied, nn.utils.parametrizations.spectral_norm(nn.Linear(3, 2)))


def same(ours: list[torch.Tensor], theirs: list[torch.Tensor]) -> bool:
    return [id(tensor) for tensor in ours] == [id(tensor) for tensor in theirs]


def test_places_hold_what_torch_walks_to():
    net = network()
    places = NetworkTensors(net)
    assert same(places.parameters(), list(net.parameters()))
    assert same(places.statistics(), [net[1].running_mean, net[1].running_var])
    assert same(places.others(), [net[1].num_batches_tracked, *net[3].buffers()])
    net[1].running_mean = torch.ones(3)  # as a move to another device does
    assert same(places.statistics(), [net[1].running_mean, net[1].running_var])
    assert list(statistics_of(net)) == ["1.running_mean", "1.running_var"]
    assert not statistics_of(nn.BatchNorm1d(3, track_running_stats=False))


def test_an_average_is_of_weights_and_statistics_and_takes_other_buffers_as_they_are():
    net = network()
    averages = Averages({"net": net}, Averaging(["net"], halflife=1.0, ramp=None))
    before = [parameter.detach().clone() for parameter in net.parameters()]
    seen = []
    for _ in range(2):  # that weights are tied does not move them twice
        net(torch.randn(8, 3))
        seen.append(net[1].running_var.clone())
        with torch.no_grad():
            net[0].weight.fill_(1.0)
        averages.update("net", net, averages.get_extra_state()["net"] + 1)
    copy = averages.copies["net"]
    assert torch.allclose(copy[0].weight, 0.25 * before[0] + 0.75)
    assert torch.allclose(copy[1].running_var, 0.25 + 0.25 * seen[0] + 0.5 * seen[1])
    assert all(map(torch.equal, copy[3].buffers(), net[3].buffers())), "directions of a power iteration are no means"
    assert copy[1].num_batches_tracked == 2


class Moved(nn.Module):
    """Moves a batch (B, 2) by a weight."""

    def __init__(self):
        super().__init__()
        self.by = nn.Parameter(torch.zeros(2))

    def forward(self, x):
        return x + self.by


def test_an_average_normalises_by_statistics_of_its_own():
    """Statistics are linear in a weight that moves: then those of the average are the average of them."""
    x = torch.randn(64, 2)
    net = nn.Sequential(Moved(), nn.BatchNorm1d(2, momentum=1.0, affine=False))
    net(x)
    averages = Averages({"net": net}, PowerAveraging(["net"], std=0.1))
    for turn in range(1, 20):
        net[0].by.data.copy_(torch.tensor([turn, turn**2]))
        net(x)
        averages.update("net", net, turn)
    copy = averages.copies["net"].eval()
    assert 10 < copy[0].by[0] < 19, "far from where the network is"
    torch.testing.assert_close(copy(x), net(x), atol=1e-3, rtol=0.01)  # in training mode, by the biased variance
    torch.testing.assert_close(copy[1].running_mean, x.mean(0) + copy[0].by.detach())


def test_a_flows_batch_normalisation_has_running_statistics_too():
    norm = BatchNormalisation(torch.ones(1, 1, 1), channels=2)
    assert set(statistics_of(norm)) == {"mean", "variance"}

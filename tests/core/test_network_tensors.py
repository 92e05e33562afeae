"""Where tensors of a network are, and averages that follow them."""

import torch
from torch import nn

from gen_models.core.average import Averages, Averaging
from gen_models.core.network_tensors import NetworkTensors


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
    assert same(places.buffers(), list(net.buffers()))
    net[1].running_mean = torch.ones(3)  # as a move to another device does
    assert same(places.buffers(), list(net.buffers()))


def test_an_average_is_of_weights_and_takes_buffers_as_they_are():
    net = network()
    averages = Averages({"net": net}, Averaging(["net"], halflife=1.0, ramp=None))
    before = [parameter.detach().clone() for parameter in net.parameters()]
    for _ in range(2):  # that weights are tied does not move them twice
        net(torch.randn(8, 3))
        with torch.no_grad():
            net[0].weight.fill_(1.0)
        averages.update("net", net, averages.get_extra_state()["net"] + 1)
    copy = averages.copies["net"]
    assert torch.allclose(copy[0].weight, 0.25 * before[0] + 0.75)
    assert all(map(torch.equal, copy.buffers(), net.buffers()))
    assert copy[1].num_batches_tracked == 2

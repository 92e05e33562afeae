"""What every causal network must do, whichever way it is asked."""

import itertools

import torch

from gen_models.losses.categorical import Softmax
from gen_models.media.pixels import from_levels


def noise(network, levels, n=3):
    """Random samples and classes for a network."""
    x = from_levels(torch.randint(levels, (n, *network.shape)), levels)
    return x, torch.randint(network.classes, (n,)) if network.classes else None


def walked(network, x, y=None):
    """What `forward` gives, asked for dimension by dimension of a canvas that holds nothing of what comes."""
    channels, *positions = network.shape
    share = network.outputs // channels
    canvas, given = torch.full_like(x, torch.nan), torch.empty(len(x), network.outputs, *positions)
    step = network.stepper(len(x), y)
    with torch.no_grad():
        for position in range(given[0, 0].numel()):
            for channel in range(channels):
                own = slice(channel * share, (channel + 1) * share)
                canvas.flatten(2)[:, channel:, position] = 0
                given.flatten(2)[:, own, position] = step(canvas, position, channel)[:, own]
                canvas.flatten(2)[:, channel, position] = x.flatten(2)[:, channel, position]
    return given


def total_probability(network):
    """Σ p(x) over all binary samples of a network's shape."""
    size = torch.Size(network.shape).numel()
    x = torch.tensor(list(itertools.product([-1.0, 1.0], repeat=size))).view(-1, *network.shape)
    with torch.no_grad():
        return Softmax().log_prob(network(x), x, 2).exp().sum().item()


def dependencies(network, levels):
    """Which dimension's (row) parameters follow from which others, both in the order of drawing."""
    x, _ = noise(network.double(), levels, 1)
    x = x.double().requires_grad_()
    channels, *positions = network.shape
    parameters = network(x).unflatten(1, (channels, -1)).movedim((1, 2), (-2, -1)).flatten(0, -2)
    rows = [torch.autograd.grad(p @ torch.randn_like(p), x, retain_graph=True)[0] for p in parameters]
    return torch.stack([row[0].movedim(0, -1).flatten() for row in rows]) != 0


def nats_of_copies(network, shape, lag, steps=60):
    """Train on random bits that repeat after `lag`, and give (nats per sample, the least possible)."""
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    size = torch.Size(shape).numel()
    for _ in range(steps):
        bits = torch.randint(2, (32, lag)).repeat(1, size // lag)
        x = from_levels(bits, 2).view(-1, *shape)
        nats = -Softmax().log_prob(network(x), x, 2).mean()
        optimizer.zero_grad()
        nats.backward()
        optimizer.step()
    return nats.item(), lag * 0.6931

"""WaveNet (van den Oord et al. 2016, https://arxiv.org/abs/1609.03499)."""

import math
from collections.abc import Iterator, Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from gen_models.media.pixels import to_levels
from gen_models.networks.autoregressive.causal import Causal, ClassBias
from gen_models.networks.layers.typed import Layers


class WaveNet(Causal):
    """WaveNet: stacks of dilated causal convolutions with gates, residual and skip connections (figure 4).

    Van den Oord et al. (2016), https://arxiv.org/abs/1609.03499.

    A dimension sees the `stacks` · (2 ** `depth` - 1) + 2 before it, in the order of the sequence that samples are
    flattened to; that order is time for sounds, and raster order, channels last, for images. Kernels start by Glorot,
    each as a convolution of its own, and biases at 0 (ibab/tensorflow-wavenet, model.py).

    Args:
        shape: (1, T) of a sound, or (C, H, W) of an image.
        levels: Levels of a dimension, which the first layer reads one-hot.
        residual: Channels between the layers.
        dilated: Channels of a gate.
        skip: Channels of the sum of all layers and of the output's hidden layer.
        depth: Layers in a stack, of dilations 1, 2, 4, …
        stacks: Stacks.
        entrance: How the first layer starts: near levels alike (`cosines`), or as the other ones.
        classes: Classes that each layer has a bias for (section 2.5, global conditioning); 0 for none.

    Raises:
        ValueError: The data is made of points.
    """

    def __init__(
        self,
        shape: Sequence[int],
        levels: int | None,
        residual: int = 32,
        dilated: int = 32,
        skip: int = 128,
        depth: int = 10,
        stacks: int = 1,
        entrance: Literal["cosines", "glorot"] = "cosines",
        classes: int = 0,
    ) -> None:
        super().__init__(shape, levels, classes, axes=None)
        self.dilations = [2**power for power in range(depth)] * stacks
        self.entrance = nn.Embedding(self.levels, 2 * residual)  # the causal convolution of one-hot vectors
        self.layers = Layers[GatedActivationUnit](
            GatedActivationUnit(residual, dilated, dilation, classes) for dilation in self.dilations
        )
        self.links = Layers[nn.Conv1d](nn.Conv1d(dilated, residual, 1) for _ in self.dilations[1:])
        # One convolution of all gates is the sum of their skip connections.
        self.head = nn.Sequential(
            nn.Conv1d(dilated * len(self.dilations), skip, 1),
            nn.ReLU(),
            nn.Conv1d(skip, skip, 1),
            nn.ReLU(),
            nn.Conv1d(skip, self.levels, 1),
        )
        for kernel in kernels(self):
            nn.init.xavier_uniform_(kernel)
        if entrance == "cosines":
            self.entrance.weight.data = cosines(self.levels, residual).repeat(1, 2)
        for layer in self.modules():
            if isinstance(layer, nn.Conv1d) and layer.bias is not None:
                nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give logits (B, C · levels, *positions) of samples (B, *shape) in [-1, 1]."""
        channels, *positions = self.shape
        sequence = to_levels(x, self.levels).movedim(1, -1).flatten(1)
        last, before_last = self.entrance(sequence).mT.chunk(2, dim=1)
        features = pad(last, (1, 0))[..., :-1] + pad(before_last, (2, 0))[..., :-2]
        gates = [self.layers[0](features, y)]
        for link, layer in zip(self.links, self.layers[1:], strict=True):
            features = features + link(gates[-1])
            gates.append(layer(features, y))
        logits = self.head(torch.cat(gates, dim=1))
        return logits.unflatten(2, (*positions, channels)).movedim(-1, 1).flatten(1, 2)

    def stepper(self, n: int, y: Tensor | None = None) -> "QueueSteps":
        """Walk through a canvas with a queue for each layer."""
        return QueueSteps(self, n, y)


def cosines(levels: int, features: int) -> Tensor:
    """Cosine initialisation of an embedding (levels, features), of this project: near levels start alike."""
    phase = (torch.arange(levels) + 0.5) / levels
    return math.sqrt(2) * (math.pi * torch.arange(1, features + 1) * phase[:, None]).cos()


def kernels(network: WaveNet) -> Iterator[Tensor]:
    """Give the kernel of each convolution of the paper, as a view of the weight in which some lie side by side."""
    yield network.entrance.weight.unflatten(1, (2, -1)).permute(2, 0, 1)
    for layer in network.layers:
        yield from layer.taps.weight.chunk(2)  # signal and gate
    for link in network.links:
        yield link.weight
    skips, *others = (layer.weight for layer in network.head if isinstance(layer, nn.Conv1d))
    yield from skips.chunk(len(network.layers), dim=1)
    yield from others


class GatedActivationUnit(nn.Module):
    """Gated activation unit (equation 2): tanh of one half of a dilated convolution, times σ of the other.

    Args:
        inputs: Channels that it reads.
        outputs: Channels that it gives.
        dilation: Distance of the two taps.
        classes: Classes that it has a bias for.
    """

    def __init__(self, inputs: int, outputs: int, dilation: int, classes: int) -> None:
        super().__init__()
        self.taps = nn.Conv1d(inputs, 2 * outputs, 2, dilation=dilation)
        self.bias = ClassBias(classes, 2 * outputs)

    def forward(self, x: Tensor, y: Tensor | None) -> Tensor:
        """Give (B, outputs, T) for (B, inputs, T)."""
        signal, gate = self.bias(self.taps(pad(x, (*self.taps.dilation, 0))), y).chunk(2, dim=1)
        return signal.tanh() * gate.sigmoid()


class QueueSteps:
    """Fast WaveNet generation: one dimension at a time, a layer of dilation d keeps its last d inputs.

    Paine et al. (2016), https://arxiv.org/abs/1611.09482.

    Args:
        network: The network.
        n: Samples.
        y: Classes (n,).
    """

    def __init__(self, network: WaveNet, n: int, y: Tensor | None) -> None:
        products = list(joint_products(network))
        self.embed, self.levels = network.entrance.weight, network.levels
        self.products = [matrix for _, matrix in products]
        self.width, size = self.products[0].shape
        biases = [layer.bias(affine(layer.taps)[0].expand(n, -1), y) for layer in network.layers]
        self.bias = torch.stack([pad(b, (self.width, 0)) + c for b, (c, _) in zip(biases, products, strict=True)])
        self.past = torch.stack([pad(affine(layer.taps, 0)[1], (self.width, 0)) for layer in network.layers])
        self.head = [affine(conv) for conv in network.head if isinstance(conv, nn.Conv1d)]
        self.dilations = torch.tensor(network.dilations, device=self.past.device)
        self.starts = self.dilations.cumsum(0) - self.dilations
        # The queues of all layers one behind the other: rings, whose oldest entry is replaced by the newest.
        self.queues = self.past.new_zeros(sum(network.dilations), n, self.width)
        # For each layer the past's share of its sum, its input, and what becomes its gate: views that are taken once.
        self.from_past = torch.empty_like(self.bias)
        cells = self.past.new_empty(len(products), n, size)
        self.inputs, *halves = cells.split([self.width, (size - self.width) // 2, (size - self.width) // 2], dim=2)
        self.gates = halves[0].transpose(0, 1)
        pairs = cells[..., : (size + self.width) // 2]  # (input, gate)
        self.layers = list(zip(self.from_past, self.products, cells, *halves, pairs, strict=True))
        self.before_last = self.past.new_zeros(n, self.width)
        self.logits = self.past.new_zeros(n, network.shape[0], network.levels)

    def __call__(self, x: Tensor, position: int, channel: int) -> Tensor:
        """Give logits (n, C · levels): see `Stepper`."""
        time = position * x.shape[1] + channel
        oldest = self.starts + time % self.dilations
        torch.baddbmm(self.bias, self.queues[oldest], self.past, out=self.from_past)
        before = self._entrance(x, time)
        for past, product, cell, signal, gate, pair in self.layers:
            torch.addmm(past, before, product, out=cell)
            signal.tanh_().mul_(gate.sigmoid_())
            before = pair
        self.queues[oldest] = self.inputs
        features = self.gates.flatten(1)
        for bias, matrix in self.head[:-1]:
            features = torch.addmm(bias, features, matrix).relu_()
        bias, matrix = self.head[-1]
        self.logits[:, channel] = torch.addmm(bias, features, matrix)
        return self.logits.flatten(1).clone()

    def _entrance(self, x: Tensor, time: int) -> Tensor:
        """Give the first layer's input (n, residual), of the two dimensions before a time."""
        if not time:
            return self.before_last
        position, channel = divmod(time - 1, x.shape[1])
        index = to_levels(x.flatten(2)[:, channel, position], self.levels)
        last, before_last = self.embed[index].chunk(2, dim=1)
        features, self.before_last = last + self.before_last, before_last
        return features


def joint_products(network: WaveNet) -> Iterator[tuple[Tensor, Tensor]]:
    """Give bias and matrix of each layer's one product, since what costs time in a walk is the number of calls.

    A layer's input is the input before it plus a link from the gate before it, and its gate takes a linear map of that:
    both are linear in the pair (input, gate) of the layer before.
    """
    same = torch.eye(network.entrance.embedding_dim // 2).to(network.entrance.weight)
    links = [(bias, torch.cat([same, matrix])) for bias, matrix in map(affine, network.links)]
    for layer, (bias, link) in zip(network.layers, [(same.new_zeros(len(same)), same), *links], strict=True):
        read = torch.cat([same, affine(layer.taps, 1)[1]], dim=1)
        yield bias @ read, link @ read


def affine(conv: nn.Conv1d, tap: int = 0) -> tuple[Tensor, Tensor]:
    """Give the bias, and the matrix (inputs, outputs) of one tap: what `addmm` takes."""
    assert conv.bias is not None
    return conv.bias, conv.weight[:, :, tap].T.contiguous()

"""Transformer over the pixels of a picture, one after another, as over the words of a text."""

import math
from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn

from gen_models.networks.autoregressive.causal import Causal
from gen_models.networks.layers.conditioning import required
from gen_models.networks.layers.levels import LevelEmbedding
from gen_models.networks.layers.weights import normal_weight, silenced
from gen_models.networks.transformer.attention import TokenAttention
from gen_models.networks.transformer.blocks import Gelu, Trunk
from gen_models.networks.transformer.positions import SPREAD, EachPlace, LearnedPlaces, Places, turns_of


class CausalTransformer(Causal):
    """Causal transformer: each channel of each pixel is a token, which sees those before it.

    Image Transformer: Parmar et al. (2018), https://arxiv.org/abs/1802.05751, whose attention is local; with attention
    to all that is before, Image GPT: Chen et al. (2020), https://openai.com/index/image-gpt/, whose tokens are colours.
    Its weights begin as Image GPT's (openai/image-gpt, model.py): from N(0, 0.02²), in attention with a variance of one
    over the width, and once more over the depth where it is added to what it reads.

    Args:
        shape: (C, H, W) of an image.
        levels: Levels of a channel.
        width: Size of a token; a multiple of the heads.
        depth: Blocks.
        heads: Of the attention.
        ratio: Hidden units of a perceptron, as a multiple of the width.
        dropout: Share that is dropped in training.
        gelu: How the perceptrons take GELU; Image GPT's is "sigmoid".
        places: Learned vectors of rows, columns and channels, which are added; or, as Image GPT's, of each place.
        rotary: Beside learned vectors of places, turn queries and keys by angles of rows and columns.
        classes: Classes, each with a first token of its own; 0 for none.

    Raises:
        ValueError: The data is not made of images.
    """

    def __init__(
        self,
        shape: Sequence[int],
        levels: int | None,
        width: int = 128,
        depth: int = 4,
        heads: int = 4,
        ratio: int = 4,
        dropout: float = 0.0,
        gelu: Gelu = "tanh",
        places: Places = "axes",
        rotary: bool = False,
        classes: int = 0,
    ) -> None:
        super().__init__(shape, levels, classes)
        channels, *sides = self.shape
        self.count = self.outputs // channels
        turns = turns_of(sides, channels, width // heads) if rotary else None
        self.embed = LevelEmbedding(channels, self.count, width, SPREAD)
        self.start = nn.Embedding(max(1, classes), width)
        nn.init.normal_(self.start.weight, 0.0, SPREAD)
        self.places: EachPlace | LearnedPlaces = LearnedPlaces(sides, channels, width)
        if places == "each":
            self.places = EachPlace(channels * math.prod(sides), width)
        self.trunk = Trunk(
            width, depth, lambda: TokenAttention(width, heads, causal=True, turns=turns), ratio * width, dropout, gelu
        )
        for block in self.trunk.blocks:
            block.perceptron.apply(partial(normal_weight, std=SPREAD))
            normal_weight(block.attention.qkv, 1 / math.sqrt(width))
            normal_weight(block.attention.out, 1 / math.sqrt(width * depth))
        self.head = silenced(nn.Linear(width, self.count))

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give logits (B, C · levels, H, W) of images in [-1, 1]."""
        tokens = self.embed(x).flatten(2, 3).transpose(1, 2).flatten(1, 2)
        tokens = torch.cat([self.first(len(x), y), tokens[:, :-1]], dim=1)
        logits = self.head(self.trunk(self.places(tokens)))
        return logits.unflatten(1, (-1, self.shape[0])).permute(0, 2, 3, 1).flatten(1, 2).unflatten(2, self.shape[1:])

    def first(self, n: int, y: Tensor | None) -> Tensor:
        """Give the tokens (n, 1, width) that samples of classes (n,) begin with."""
        if self.classes:
            return self.start(required(y))[:, None]
        return self.start.weight.expand(n, 1, -1)

    def stepper(self, n: int, y: Tensor | None = None) -> "TransformerStepper":
        """Walk through a canvas with a memory of the keys and values of what is on it."""
        return TransformerStepper(self, n, y)


class TransformerStepper:
    """Cached sampler of `CausalTransformer`: a token at a time, whose queries meet the keys that are there.

    Args:
        network: The network.
        n: Samples.
        y: Classes (n,).
    """

    def __init__(self, network: CausalTransformer, n: int, y: Tensor | None) -> None:
        self.network = network
        self.token = network.first(n, y)
        self.places = network.places.table()
        self.memories = network.trunk.memories(n, len(self.places))
        self.parameters = self.token.new_zeros(n, network.outputs)

    def __call__(self, x: Tensor, position: int, channel: int) -> Tensor:
        """Give the parameters (n, outputs) at a position: see `Stepper`."""
        network, channels = self.network, self.network.shape[0]
        place = position * channels + channel
        if place:
            before, last = divmod(place - 1, channels)
            self.token = network.embed(x.flatten(2)[:, :, before])[:, last, None]
        hidden = network.trunk(self.token + self.places[place], self.memories)
        self.parameters.unflatten(1, (channels, -1))[:, channel] = network.head(hidden)[:, 0]
        return self.parameters

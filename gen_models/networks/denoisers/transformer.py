"""Transformer blocks told the noise level: adaptive layer normalisation around attention and perceptrons."""

from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from gen_models.networks.denoisers.style import silenced
from gen_models.networks.layers.weights import glorot


class AdaptiveBlock(nn.Module):
    """Transformer block with adaLN-Zero: shifts, scales and gates follow from an embedding, and are zero at first.

    Peebles and Xie (2023), section 3.2, https://arxiv.org/abs/2212.09748.

    Args:
        size: Size D of a token, and of the embedding.
        attention: From tokens (B, N, D) to tokens.
        perceptron: The same, token by token.
        affine: Give the normalisations gains and biases of their own.
    """

    def __init__(self, size: int, attention: nn.Module, perceptron: nn.Module, affine: bool = False) -> None:
        super().__init__()
        self.norm_in = nn.LayerNorm(size, eps=1e-6, elementwise_affine=affine)
        self.attention = attention
        self.norm_out = nn.LayerNorm(size, eps=1e-6, elementwise_affine=affine)
        self.perceptron = perceptron
        self.modulation = silenced(nn.Linear(size, 6 * size))

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        """Give tokens of the same shape (B, N, D) for an embedding (B, D)."""
        shift, scale, gate, shift_out, scale_out, gate_out = self.modulation(embedding)[:, None].chunk(6, dim=2)
        x = x + gate * self.attention(modulated(self.norm_in(x), shift, scale))
        return x + gate_out * self.perceptron(modulated(self.norm_out(x), shift_out, scale_out))


class TokenAttention(nn.Module):
    """Multi-head self-attention over tokens (Vaswani et al. 2017, https://arxiv.org/abs/1706.03762).

    Its forward-mode derivative wants `torch.nn.attention.sdpa_kernel(SDPBackend.MATH)` around it.

    Args:
        size: Size D of a token.
        heads: How many.

    Raises:
        ValueError: The size is no multiple of the heads.
    """

    def __init__(self, size: int, heads: int) -> None:
        super().__init__()
        if size % heads:
            raise ValueError(f"a width of {size} can't be shared by {heads} heads: choose a multiple of the heads.")
        self.heads = heads
        self.qkv = linear(size, 3 * size)
        self.out = linear(size, size)

    def forward(self, x: Tensor) -> Tensor:
        """Give tokens of the same shape (B, N, D)."""
        query, key, value = self.qkv(x).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        return self.out(scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2))


def perceptron(size: int, hidden: int) -> nn.Module:
    """Perceptron of one hidden layer, with GELU by its approximation with tanh."""
    return nn.Sequential(linear(size, hidden), nn.GELU("tanh"), linear(hidden, size))


def linear(inputs: int, outputs: int, bias: bool = True) -> nn.Linear:
    """Fully connected layer with Glorot's weights, and biases of zero."""
    layer = nn.Linear(inputs, outputs, bias)
    glorot(layer)
    return layer


def modulated(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """Shift and scale: x (1 + scale) + shift."""
    return x * (1 + scale) + shift

"""Losses of tokens that a network fills in."""

from torch import Tensor
from torch.nn.functional import cross_entropy


def hidden_cross_entropy(logits: Tensor, tokens: Tensor, hidden: Tensor, smoothing: float = 0.0) -> Tensor:
    """Cross-entropy of hidden tokens in nats, a mean over all of them (Chang et al. 2022, equation 1).

    https://arxiv.org/abs/2202.04200

    Args:
        logits: (B, K, *grid).
        tokens: (B, *grid) int64.
        hidden: (B, *grid) which of them count.
        smoothing: Share of the label that is spread over all K.
    """
    nats = cross_entropy(logits, tokens, reduction="none", label_smoothing=smoothing)
    return (nats * hidden).sum() / hidden.sum()

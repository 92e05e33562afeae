"""Losses of tokens that a network fills in."""

from torch import Tensor
from torch.nn.functional import cross_entropy


def hidden_cross_entropy(logits: Tensor, tokens: Tensor, hidden: Tensor, smoothing: float = 0.0) -> Tensor:
    """Cross-entropy of hidden tokens in nats, a mean over those of a sample, and over samples.

    Chang et al. (2022), equation 1, https://arxiv.org/abs/2202.04200, and google-research/maskgit, libml/losses.py: a
    sample with few of them counts as much as one with many.

    Args:
        logits: (B, K, *grid).
        tokens: (B, *grid) int64.
        hidden: (B, *grid) which of them count; one of each sample at least.
        smoothing: Share of the label that is spread over all K.
    """
    nats = cross_entropy(logits, tokens, reduction="none", label_smoothing=smoothing)
    shares = hidden.flatten(1).float()
    return ((nats.flatten(1) * shares).sum(1) / shares.sum(1)).mean()

"""Settings of sampling that several families have."""

import torch
from torch import Tensor

from gen_models.errors import UsageError
from gen_models.families.parts.masking import gumbel


def at_temperature(temperature: float) -> float:
    """Give the temperature of samples.

    Raises:
        UsageError: It is not positive.
    """
    if temperature <= 0:
        raise UsageError(f"a temperature is positive, not {temperature}: change model.temperature.")
    return temperature


def drawn_among(logits: Tensor, top_k: int, top_p: float) -> Tensor:
    """Top-k and nucleus sampling: draw one of the likeliest.

    Fan et al. (2018), https://arxiv.org/abs/1805.04833, and Holtzman et al. (2020), https://arxiv.org/abs/1904.09751.

    Args:
        logits: (B, K, …).
        top_k: How many are kept; 0 for all.
        top_p: The probability that those kept have together at least; 1 for all.

    Returns:
        (B, …) int64.
    """
    if 0 < top_k < logits.shape[1]:
        logits = logits.masked_fill(logits < logits.topk(top_k, dim=1).values.amin(1, keepdim=True), -torch.inf)
    if top_p < 1:
        rising, order = logits.sort(dim=1)
        unlikely = rising.softmax(1).cumsum(1) <= 1 - top_p
        unlikely[:, -1] = False
        logits = logits.masked_fill(torch.zeros_like(unlikely).scatter(1, order, unlikely), -torch.inf)
    return (logits + gumbel(logits)).argmax(1)

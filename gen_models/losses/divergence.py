"""Divergences in closed form."""

from torch import Tensor


def kl_to_standard_normal(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, exp(log_variance)) ‖ N(0, 1)) in nats (Kingma and Welling 2014, appendix B).

    Args:
        mean: (B, D).
        log_variance: (B, D).

    Returns:
        (B,), summed over the D dimensions.
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(1)

"""Kullback-Leibler divergences in closed form."""

from torch import Tensor


def kl_to_standard_normal(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, exp(log_variance)) ‖ N(0, 1)) in nats.

    Kingma and Welling (2014), appendix B, https://arxiv.org/abs/1312.6114.

    Args:
        mean: (B, D).
        log_variance: (B, D).

    Returns:
        (B,), summed over the D dimensions.
    """
    return kl_by_dimension(mean, log_variance).sum(1)


def kl_by_dimension(mean: Tensor, log_variance: Tensor) -> Tensor:
    """The summands (B, D) of `kl_to_standard_normal`: zero where posterior and prior agree, else positive."""
    return 0.5 * (mean.square() + log_variance.expm1() - log_variance)


def kl_of_normals(mean: Tensor, log_sigma: Tensor, other_mean: Tensor, other_log_sigma: Tensor) -> Tensor:
    """KL(N(mean, σ²) ‖ N(other mean, other σ²)) in nats, of each dimension.

    Args:
        mean: Any shape, that of the result.
        log_sigma: Logarithms of the deviations, of that shape.
        other_mean: The same of the other distributions.
        other_log_sigma: The same.
    """
    narrower = log_sigma - other_log_sigma
    distance = (mean - other_mean) * (-other_log_sigma).exp()
    return 0.5 * ((2 * narrower).expm1() + distance.square()) - narrower


def free_bits(kl: Tensor, floor: float) -> Tensor:
    """Σ max(λ, E KL): what a dimension carries up to λ costs nothing (Kingma et al. 2016, appendix C.8).

    The mean over the batch comes first, so that single samples may stay below.

    Args:
        kl: (B, D) nats.
        floor: λ in nats a dimension; 0 leaves the mean KL alone.
    """
    return kl.mean(0).clamp(min=floor).sum()

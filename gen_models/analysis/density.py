"""Sampling an autoencoder after the fact: fit a density to the codes of its training items, and decode draws of it.

Ghosh et al. (2020): From variational to deterministic autoencoders, section 4 (ex-post density estimation),
https://arxiv.org/abs/1903.12436. Their densities are a Gaussian with a full covariance, and a mixture of ten.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from gen_models.analysis.latent_space import decoder_of
from gen_models.core.model import GenerativeModel
from gen_models.errors import UsageError

Kind = Literal["gaussian", "mixture"]
Sampler = Callable[..., Tensor]
"""(n, y = None) -> (n, *shape) float32 in [-1, 1]."""


@dataclass(frozen=True)
class Density:
    """A mixture of K Gaussians in D dimensions.

    Attributes:
        name: For files: "gaussian", or "mixture-10".
        weights: (K,) probabilities.
        means: (K, D).
        factors: (K, D, D) lower triangular: L Lᵀ is a covariance.
        protocol: What it was fitted to, and how, as plain JSON.
    """

    name: str
    weights: Tensor
    means: Tensor
    factors: Tensor
    protocol: Mapping[str, Any]

    def sample(self, n: int) -> Tensor:
        """Draw codes (n, D) by torch's default generator."""
        component = torch.multinomial(self.weights, n, replacement=True)
        noise = torch.randn(n, self.means.shape[1], 1)
        return self.means[component] + (self.factors[component] @ noise).squeeze(2)


def fit(codes: Tensor, kind: Kind = "gaussian", components: int = 10) -> Density:
    """Maximise the likelihood of codes (N, D), by expectation maximisation where there are several components.

    Args:
        codes: What to fit.
        kind: One Gaussian, or a mixture.
        components: Gaussians of the mixture.

    Raises:
        UsageError: There are fewer codes than components.
    """
    from sklearn.mixture import GaussianMixture

    count = 1 if kind == "gaussian" else components
    if len(codes) < max(2, count):
        raise UsageError(f"{len(codes)} codes are too few for {count} Gaussians: lower --components.")
    mixture = GaussianMixture(count, random_state=0).fit(codes.double().numpy())
    weights, means, covariances = map(torch.from_numpy, (mixture.weights_, mixture.means_, mixture.covariances_))
    name = kind if kind == "gaussian" else f"{kind}-{components}"
    protocol = {"density": name, "n_codes": len(codes), "density_seed": 0}
    return Density(name, weights.float(), means.float(), torch.linalg.cholesky(covariances).float(), protocol)


def ex_post(model: GenerativeModel, density: Density) -> Sampler:
    """Give a sampler that decodes draws of the density; a model that is told the class draws it evenly.

    Raises:
        UsageError: The model has no decoder.
    """
    decode = decoder_of(model)
    if decode is None:
        raise UsageError(
            "this model decodes no codes, so a density of codes has no samples: choose model=vae or another."
        )

    def sample(n: int, y: Tensor | None = None) -> Tensor:
        with torch.no_grad():
            return decode(density.sample(n).to(model.device), model.labels(n, y))

    return sample

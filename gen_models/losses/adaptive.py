"""Adaptive weight of an adversarial loss beside a reconstruction (VQGAN: Esser et al. 2021).

https://arxiv.org/abs/2012.09841
"""

import torch
from torch import Tensor

LARGEST = 1e4


def adaptive_weight(reconstruction: Tensor, adversarial: Tensor, last: Tensor, delta: float = 1e-4) -> Tensor:
    """Adaptive weight: λ = ‖∇ reconstruction‖ / (‖∇ adversarial‖ + δ) with gradients of the decoder's last layer.

    Esser et al. (2021), equation 7, https://arxiv.org/abs/2012.09841. It makes both losses pull equally hard. No
    gradient passes through it, and it is at most 10,000.

    Args:
        reconstruction: A scalar.
        adversarial: A scalar.
        last: The weight of that layer.
        delta: δ.
    """
    pulls = [torch.autograd.grad(loss, last, retain_graph=True)[0].norm() for loss in (reconstruction, adversarial)]
    return (pulls[0] / (pulls[1] + delta)).clamp(max=LARGEST).detach()

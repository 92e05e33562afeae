"""Auxiliary classifier loss of AC-GAN (Odena et al. 2017, https://arxiv.org/abs/1610.09585)."""

from torch import Tensor
from torch.nn.functional import cross_entropy


class ClassLoss:
    """Auxiliary classifier loss: the cross-entropy of the class that the critic predicts.

    Odena et al. (2017), https://arxiv.org/abs/1610.09585.

    Args:
        weight: Factor on it, beside the adversarial loss.
    """

    def __init__(self, weight: float = 1.0) -> None:
        self.weight = weight

    def __call__(self, class_logits: Tensor, y: Tensor) -> Tensor:
        """λ E -log p(y | x), of class logits (B, K) and classes (B,)."""
        return self.weight * cross_entropy(class_logits, y)

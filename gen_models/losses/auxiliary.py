"""Auxiliary classifier loss of AC-GAN (Odena et al. 2017, https://arxiv.org/abs/1610.09585)."""

from typing import Literal

from torch import Tensor
from torch.nn.functional import cross_entropy

from gen_models.bounds import Weight


class ClassLoss:
    """Auxiliary classifier loss: the cross-entropy of the class that the critic predicts.

    Odena et al. (2017), equation 3, https://arxiv.org/abs/1610.09585.

    Args:
        weight: Factor on it, beside the adversarial loss.
        guessed: Whose classes the critic learns to guess: those of real and of generated samples, as published, or of
            real ones only.
    """

    def __init__(self, weight: Weight = 1.0, guessed: Literal["both", "real"] = "both") -> None:
        self.weight = weight
        self.guessed = guessed

    def __call__(self, class_logits: Tensor, y: Tensor) -> Tensor:
        """λ E -log p(y | x), of class logits (B, K) and classes (B,)."""
        return self.weight * cross_entropy(class_logits, y)

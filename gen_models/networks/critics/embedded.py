"""Class vectors in critics and generators: rows of a matrix that multiplies one-hot classes.

Huang et al. (2024), the authors' code, https://arxiv.org/abs/2501.05441.
"""

import math

from torch import Tensor, nn

from gen_models.networks.critics.heads import BodiedCritic, Body
from gen_models.networks.layers.conditioning import required


class EmbeddedCritic(BodiedCritic):
    """Critic by class vectors: ⟨W φ, v_y⟩, which has no part that all classes share.

    Huang et al. (2024), the authors' code, https://arxiv.org/abs/2501.05441.

    Args:
        body: Gives the features φ.
        classes: How many class vectors v there are; 0 makes W one row, and its product the logit.
    """

    def __init__(self, body: Body, classes: int = 0) -> None:
        super().__init__()
        self.body, self.classes = body, classes
        size = body.num_features if classes else 1
        self.head = body.readout(size, bias=False)
        self.embed = class_vectors(classes, size, 1 / math.sqrt(size)) if classes else None

    def logits(self, features: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the logits (B,) of features (B, num_features) of classes (B,)."""
        vectors = self.head(features)
        return vectors.squeeze(1) if self.embed is None else (vectors * self.embed(required(y))).sum(1)


def class_vectors(classes: int, size: int, gain: float = 1.0) -> nn.Embedding:
    """Vectors of classes from N(0, gain² / classes): the authors multiply one-hot classes by a matrix."""
    vectors = nn.Embedding(classes, size)
    nn.init.normal_(vectors.weight, 0.0, gain / math.sqrt(classes))
    return vectors

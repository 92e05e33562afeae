"""Path length regularisation (Karras et al. 2020, StyleGAN2, section 3.2, https://arxiv.org/abs/1912.04958)."""

import torch
from torch import Tensor

from gen_models.bounds import Positive, Share, Weight


class PathLength:
    """Path length regularisation: a step in style space should change the picture by one and the same length.

    Karras et al. (2020), section 3.2, equation 4, https://arxiv.org/abs/1912.04958. Lengths are those of
    `path_lengths`, whose squares are the paper's over pixels and layers: so 2 is the γ of its appendix B, ln 2 / (r²
    (ln r - ln 2)) for pictures of r pixels a side, at all sizes.

    Args:
        weight: Factor on the penalty.
        decay: Share of a batch in the moving mean of lengths, which is the family's.
        every: Moves of the generator from one measurement to the next; the family multiplies the penalty by it, and
            above 1 gives it a step of its own.
        shrink: Times fewer samples than in the batch are measured.
    """

    def __init__(self, weight: Weight = 2.0, decay: Share = 0.01, every: Positive = 4, shrink: Positive = 2) -> None:
        self.weight, self.decay, self.every, self.shrink = weight, decay, every, shrink

    def __call__(self, lengths: Tensor, mean: Tensor) -> Tensor:
        """E (‖Jᵀ y‖ - a)²: of lengths (B,), a their moving mean; weighted, a scalar."""
        return self.weight * (lengths - mean).square().mean()


def path_lengths(pictures: Tensor, styles: Tensor) -> Tensor:
    """Lengths ‖Jᵀ y‖ (B,) of noise y with variance 1 / pixels, root mean square over the L layers.

    Args:
        pictures: (B, C, H, W), of which J is the derivative.
        styles: (B, L, D) that they were drawn with.
    """
    noise = torch.randn_like(pictures) / (pictures.shape[2] * pictures.shape[3]) ** 0.5
    (slopes,) = torch.autograd.grad((pictures * noise).sum(), styles, create_graph=True)
    return slopes.square().sum(2).mean(1).sqrt()

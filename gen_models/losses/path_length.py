"""Path length regularisation (Karras et al. 2020, StyleGAN2, section 3.2, https://arxiv.org/abs/1912.04958)."""

import torch
from torch import Tensor, nn
from torch import distributed as dist


class PathLength(nn.Module):
    """Path length regularisation: a step in style space should change the picture by one and the same length.

    Karras et al. (2020), section 3.2, equation 4, https://arxiv.org/abs/1912.04958.

    Args:
        weight: Factor on the penalty.
        decay: Share of a batch in the moving mean of lengths.
        every: Moves of the generator from one measurement to the next; the family multiplies the penalty by it.
        shrink: Times fewer samples than in the batch are measured.
    """

    mean: Tensor

    def __init__(self, weight: float = 2.0, decay: float = 0.01, every: int = 4, shrink: int = 2) -> None:
        super().__init__()
        if every < 1 or shrink < 1:
            raise ValueError(f"path lengths need every ≥ 1 and shrink ≥ 1, not {every} and {shrink}.")
        self.weight, self.decay, self.every, self.shrink = weight, decay, every, shrink
        self.register_buffer("mean", torch.zeros(()))

    def forward(self, pictures: Tensor, styles: Tensor) -> Tensor:
        """E (‖Jᵀ y‖ - a)²: J of pictures (B, C, H, W) by styles (B, L, D), y noise, a the moving mean of lengths."""
        lengths = path_lengths(pictures, styles)
        mean = self.mean.lerp(_over_ranks(lengths.mean()), self.decay)
        self.mean.copy_(mean.detach())
        return self.weight * (lengths - mean).square().mean()


def path_lengths(pictures: Tensor, styles: Tensor) -> Tensor:
    """Lengths ‖Jᵀ y‖ (B,) of noise y with variance 1 / pixels, root mean square over the L layers."""
    noise = torch.randn_like(pictures) / (pictures.shape[2] * pictures.shape[3]) ** 0.5
    (slopes,) = torch.autograd.grad((pictures * noise).sum(), styles, create_graph=True)
    return slopes.square().sum(2).mean(1).sqrt()


def _over_ranks(value: Tensor) -> Tensor:
    """Replace the value by its mean over all ranks, so that the buffers never differ; gradients stay the rank's own."""
    if not dist.is_available() or not dist.is_initialized():
        return value
    shared = value.detach().clone()
    dist.all_reduce(shared)
    return value + shared / dist.get_world_size() - value.detach()

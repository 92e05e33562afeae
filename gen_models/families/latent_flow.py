"""Latent flow matching: a flow in the codes of an autoencoder.

Dao et al. 2023, Flow matching in latent space, https://arxiv.org/abs/2307.08698, after latent diffusion (Rombach et al.
2022, https://arxiv.org/abs/2112.10752).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

import torch
from torch import Tensor, nn

from gen_models.core.batch import Batch
from gen_models.core.player import Losses
from gen_models.core.training import Training
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.families.ae import AE
from gen_models.families.flow_matching import FlowMatching
from gen_models.families.parts.latent_space import Space
from gen_models.families.parts.pretrained import SpaceImages
from gen_models.families.parts.trajectory import last
from gen_models.families.parts.two_stages import TwoStages


class LatentFlow(TwoStages):
    """Latent flow matching: noise to codes by a flow, codes to samples by the decoder of an autoencoder.

    The autoencoder is another run's, which then stays as it is, or this run's own, which is trained first.

    Args:
        flow: From noise to codes.
        autoencoder: This run's own, unless there is a `space`.
        latent_dim: Dimensions D of a code.
        shape: Of a sample.
        space: Run directory of a model that encodes and decodes.
        space_images: Images by which the own autoencoder is trained; afterwards the flow is.
        training: Options of the engine.

    Raises:
        UsageError: There is neither a trained autoencoder nor a training of one.
    """

    stages = ("autoencoder", "flow")
    space: Space

    def __init__(
        self,
        flow: FlowMatching,
        autoencoder: AE,
        latent_dim: int,
        shape: Sequence[int],
        space: str | None = None,
        space_images: SpaceImages = 64_000,
        **training: Unpack[Training],
    ) -> None:
        if space is None and not space_images:
            raise UsageError("model.space_images=0 leaves an autoencoder untrained: raise it, or name model.space=RUN.")
        super().__init__(Space(autoencoder, latent_dim, shape), space, space_images, **training)
        self.flow = flow

    @property
    def drawer(self) -> nn.Module:
        """The flow."""
        return self.flow

    def prepare(self, source: Source) -> None:
        """Keep the data at hand until codes can be measured."""
        super().prepare(source)
        self._source = source

    def on_turn_start(self) -> None:
        """Freeze the space when it is learned, and measure its codes before the flow's first move."""
        super().on_turn_start()
        if self.drawing and not self.clock.moves.get("flow"):
            self.space.measure(self._source, self.device)

    def coded(self, batch: Batch) -> Batch:
        """Give the codes (B, D) of the batch's items, paired with noise."""
        return self.flow.coupling(batch._replace(x=self.space.encode(batch.x, batch.y)))

    def drawer_losses(self, batch: Batch) -> Losses:
        """Losses of flow matching between noise and codes."""
        return self.flow.losses(batch)

    def draw_codes(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw the noise (n, D) that samples begin with, from N(0, 1)."""
        return self.flow.draw_codes(n, y)

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the noise (B, D) that leads to samples: the flow backwards from their codes."""
        return self.flow.encode(self.space.encode(x, y), y)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] that noise (B, D) leads to."""
        return self.space.decode(last(self.flow.states(z, y))[1].float(), y)

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Go to noise and back."""
        return self.decode(self.encode(x, y), y)

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw noise, let it flow to codes, and decode them to (n, *shape) in [-1, 1]."""
        return self.decode(self.draw_codes(n), self.labels(n, y))

    @torch.no_grad()
    def trajectory(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw n samples, and give what the decoder makes of each state on the way, (T, n, *shape) in [-1, 1]."""
        y = self.labels(n, y)
        return torch.stack([self.space.decode(z.float(), y) for _, z in self.flow.states(self.draw_codes(n), y)])

    @property
    def evaluations(self) -> int | None:
        """Evaluations of the flow's network for a sample (NFE)."""
        return self.flow.evaluations

    @property
    def way(self) -> Mapping[str, Any]:
        """Settings of the flow: solver, steps, guidance."""
        return self.flow.way

    def set_way(self, **settings: Any) -> None:
        """Change the settings of the flow; raise UsageError for what there is not."""
        self.flow.set_way(**settings)

"""MeanFlow (Geng et al. 2025, Mean flows for one-step generative modeling, https://arxiv.org/abs/2505.13447).

And improved MeanFlow (Geng et al. 2025, https://arxiv.org/abs/2512.02012), which differs in the tangent of du/dt. Time
is as in the papers: from 0, data, to 1, noise.
"""

from collections.abc import Callable, Sequence
from typing import Literal, Unpack

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from gen_models.augment.told import Told
from gen_models.bounds import Length, Positive, Scale
from gen_models.core.batch import Batch
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.diffusion.grids import UniformGrid
from gen_models.diffusion.guidance import Guidance
from gen_models.diffusion.solvers import Solver, wide
from gen_models.diffusion.spread import spread
from gen_models.diffusion.time_pairs import TimePairs
from gen_models.diffusion.velocity_guidance import VelocityGuidance
from gen_models.errors import UsageError
from gen_models.families.denoising import Denoising
from gen_models.families.parts.augmentation_labels import augmented, check_labels
from gen_models.families.parts.trajectory import last
from gen_models.networks.denoisers.base import Denoiser
from gen_models.randomness import replayed

Tangent = Literal["sampled", "predicted"]
"""By which velocity states move in du/dt: e - x of the batch, or the network's own, u(z, t, t) (improved MeanFlow)."""


class MeanFlow(Denoising):
    """MeanFlow: a network learns the mean velocity between any two times, so that one step is the whole way.

    Args:
        denoiser: u(z, r, t), told t and t - r; as they are, since du/dt grows with the frequencies it sees them by.
        shape: Of a sample.
        levels: Levels of a pixel; None for points.
        pairs: Of the times r ≤ t at which it is trained.
        guidance: Of classes, in sampling, by two evaluations a step.
        augment: Changes training pictures, and tells the denoiser how; it draws pictures without changes.
        velocity_guidance: Of classes, in training, so that sampling is guided by itself; None for none.
        power: p of the loss's weight, (|Δ|² + c)^-p; 0 is the squared error, 0.5 nearly the distance.
        offset: c of it.
        tangent: Of du/dt; with the network's own, what u + (t - r) du/dt is compared with is no part of it.
        steps: From noise to data.
        solver: Of the equation dz/dt = u(z, t, t), by which samples are encoded.
        encoding_steps: Of that solver.
        training: Options of the engine.

    Raises:
        UsageError: The network is told one time only, no class that could be guided, or not of the augmentation.
    """

    def __init__(
        self,
        denoiser: Denoiser,
        shape: Sequence[int],
        levels: int | None,
        pairs: TimePairs,
        guidance: Guidance,
        solver: Solver,
        power: Length = 0.75,
        offset: Scale = 1e-3,
        steps: Positive = 1,
        encoding_steps: Positive = 20,
        augment: Told | None = None,
        velocity_guidance: VelocityGuidance | None = None,
        tangent: Tangent = "sampled",
        **training: Unpack[Training],
    ) -> None:
        super().__init__(denoiser, shape, levels, steps, guidance, times=2, **training)
        check_told(denoiser, velocity_guidance)
        check_labels(denoiser, augment)
        self.augment = augment
        self.velocity_guidance = velocity_guidance
        self.pairs = pairs
        self.power, self.offset = power, offset
        self.tangent = tangent
        self.solver = solver
        self.encoding_steps = encoding_steps

    def players(self) -> tuple[Player, ...]:
        """One player."""
        return (Player("meanflow", [self.denoiser], self.losses),)

    def losses(self, batch: Batch) -> Losses:
        """Algorithm 1: the identity u = v - (t - r) du/dt, whose right side has no gradient; errors weigh less."""
        x, network = augmented(self.bins.spread(batch.x), self.denoiser, self.augment)
        e = torch.randn_like(x)
        r, t = self.pairs.draw(len(x), x.device)
        z, v = (1 - spread(t, x)) * x + spread(t, x) * e, e - x
        y_dropped = self.guidance.drop_labels(batch.y, self.classes)
        v = self.guided_velocity(network, z, t, v, batch.y, y_dropped)
        with replayed():
            u = self.mean_velocity(network, z, r, t, y_dropped)
        along = v if self.tangent == "sampled" else self.velocities(network, z, t, y_dropped)[0]
        target = v - spread(t - r, x) * self.derivative(network, z, r, t, along, y_dropped)
        squares = (u - target).flatten(1).square().sum(1)
        self.note("squared_error", squares.mean())
        return {"weighted_error": (squares * (squares.detach() + self.offset) ** -self.power).mean()}

    @torch.no_grad()
    def guided_velocity(
        self, network: Callable[..., Tensor], z: Tensor, t: Tensor, v: Tensor, y: Tensor, y_dropped: Tensor
    ) -> Tensor:
        """Guide the velocity (B, *shape) by the network's own, without dropout, where the class is told.

        Args:
            network: The denoiser, told of the augmentation.
            z: States (B, *shape).
            t: Times (B,).
            v: Velocities e - x.
            y: Classes (B,).
            y_dropped: The same, but for the null class where the label is dropped.
        """
        if self.velocity_guidance is None:
            return v
        told, untold = self.velocities(network, z, t, y, torch.full_like(y, self.classes))
        return torch.where(spread(y_dropped == self.classes, v), v, self.velocity_guidance(v, told, untold, t))

    @torch.no_grad()
    def velocities(self, network: Callable[..., Tensor], z: Tensor, t: Tensor, *classes: Tensor) -> list[Tensor]:
        """u(z, t, t) (B, *shape) without dropout, for each of several classes (B,) of the same states."""
        training = self.denoiser.training
        self.denoiser.eval()
        found = [self.mean_velocity(network, z, t, t, y) for y in classes]
        self.denoiser.train(training)
        return found

    def mean_velocity(
        self, network: Callable[..., Tensor], z: Tensor, r: Tensor, t: Tensor, y: Tensor | None
    ) -> Tensor:
        """u(z, r, t) (B, *shape) of states (B, *shape) and times (B,), by the bare or the guided network."""
        return network(z.float(), torch.stack([t, t - r], 1).float(), y).float()

    @torch.no_grad()
    def derivative(
        self, network: Callable[..., Tensor], z: Tensor, r: Tensor, t: Tensor, v: Tensor, y: Tensor | None
    ) -> Tensor:
        """du/dt = v ∂u/∂z + ∂u/∂t (B, *shape), in one forward pass (a Jacobian-vector product), in full precision."""

        def u(z: Tensor, t: Tensor) -> Tensor:
            return self.mean_velocity(network, z, r, t, y)

        # Of torch's ways to attend only the plain one has a forward derivative (pytorch issue 165517).
        with torch.autocast(z.device.type, enabled=False), sdpa_kernel(SDPBackend.MATH):
            return torch.func.jvp(u, (z, t), (v, torch.ones_like(t)))[1]

    def route(self) -> list[float]:
        """Even steps from t = 1, noise, to 0."""
        return UniformGrid().times(self.steps)[::-1]

    def advance(self, x: Tensor, t: float, end: float, y: Tensor | None) -> Tensor:
        """Algorithm 2: z_r = z_t - (t - r) u(z_t, r, t)."""
        start, until = x.new_full((len(x),), t), x.new_full((len(x),), end)
        return x - (t - end) * self.mean_velocity(self.guided, x, until, start, y)

    def decode_unrounded(self, z: Tensor, y: Tensor | None) -> Tensor:
        """Give what noise z (B, *shape) leads to."""
        return last(self.states(z, y))[1]

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the noise (B, D) that leads to samples, by the equation of the velocity u(z, t, t) itself."""

        def velocity(z: Tensor, t: float) -> Tensor:
            now = z.new_full((len(z),), t)
            return self.mean_velocity(self.guided, z, now, now, y).to(z)

        return self.solver.solve(velocity, wide(x), UniformGrid().times(self.encoding_steps)).float().flatten(1)

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Go to noise and back; what is lost is how far the mean velocity is from the mean of the velocity."""
        return self.decode(self.encode(x, y), y)

    def coefficients(self, t: float) -> tuple[float, float]:
        """Give 1 - t and t: the straight line between data and noise."""
        return 1 - t, t

    @property
    def evaluations(self) -> int:
        """Evaluations of the network for a sample (NFE)."""
        return self.steps


def check_told(denoiser: Denoiser, guidance: VelocityGuidance | None) -> None:
    """Refuse velocities that are guided by classes, where the denoiser is told none.

    Raises:
        UsageError: So it is.
    """
    if guidance is not None and not denoiser.classes:
        raise UsageError(
            "model.velocity_guidance is of classes, and this network is told none: say "
            "'network.denoiser.classes=${spec.num_classes}', too, or leave it at null."
        )

"""DRAW: a recurrent variational autoencoder (Gregor et al. 2015, https://arxiv.org/abs/1502.04623)."""

from typing import NamedTuple, Unpack

import torch
from torch import Tensor, nn

from gen_models.bounds import Positive
from gen_models.core.batch import Batch
from gen_models.core.model import GenerativeModel
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.losses.bound import importance_weighted
from gen_models.losses.divergence import kl_to_standard_normal
from gen_models.losses.reconstruction import Likelihood
from gen_models.networks.autoencoders.draw import LearnedStartLSTMCell, Reader, State, Writer
from gen_models.networks.layers.weights import start_by_glorot


class Inference(NamedTuple):
    """Result of T inference steps.

    Attributes:
        canvas: (B, *shape) the last canvas.
        z: (T, B, latent_dim) latents.
        mean: (T, B, latent_dim) of the posteriors that they were drawn from.
        log_variance: (T, B, latent_dim).
    """

    canvas: Tensor
    z: Tensor
    mean: Tensor
    log_variance: Tensor


class DRAW(GenerativeModel):
    """Deep recurrent attentive writer: a variational autoencoder that adds to a canvas in T steps.

    Weights start by Glorot, as those of the published small setting (ericjang/draw, draw.py).

    Args:
        reader: Read operation: what the encoder is given of the samples and of the error image.
        writer: Write operation: what the decoder adds to the canvas.
        loss: Negative log-likelihood of a sample given the last canvas.
        latent_dim: Size of a step's latent.
        hidden: Size of both recurrent states.
        steps: T, the number of glimpses.
        training: Options of the engine.
    """

    def __init__(
        self,
        reader: Reader,
        writer: Writer,
        loss: Likelihood,
        latent_dim: int,
        hidden: int,
        steps: Positive,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(**training)
        self.reader = reader
        self.encoder = LearnedStartLSTMCell(reader.num_features + hidden, hidden)
        self.to_posterior = nn.Linear(hidden, 2 * latent_dim)
        self.decoder = LearnedStartLSTMCell(latent_dim, hidden)
        self.writer = writer
        for net in (self.reader, self.to_posterior, self.writer):
            start_by_glorot(net)
        self.loss = loss
        self.latent_dim = latent_dim
        self.steps = steps

    @property
    def levels(self) -> int | None:
        """Levels of a pixel that the bound is about."""
        return self.loss.levels

    def players(self) -> tuple[Player, ...]:
        """One player: all parts want the same."""
        networks = [self.reader, self.encoder, self.to_posterior, self.decoder, self.writer, self.loss]
        return (Player("draw", networks, self.losses),)

    def losses(self, batch: Batch) -> Losses:
        """The negative bound with one draw of the latents (equations 9 to 12), in nats a sample."""
        canvas, _, mean, log_variance = self.infer(batch.x)
        distortion = self.loss(canvas, batch.x).mean()
        kl = kl_to_standard_normal(mean.flatten(0, 1), log_variance.flatten(0, 1)).view(self.steps, -1).mean(1)
        for half, rates in zip(("first", "second"), kl.chunk(2), strict=False):
            self.note(f"rate_{half}_half", rates.sum())
        self.note("negative_elbo", distortion + kl.sum())
        return {"distortion": distortion, "rate": kl.sum()}

    def infer(self, x: Tensor, noise: float = 1.0) -> Inference:
        """Run encoder and decoder for T steps (equations 3 to 8).

        Args:
            x: (B, *shape) in [-1, 1].
            noise: Factor on the posteriors' deviations; 0 takes their means.
        """
        fresh = noise * torch.randn(self.steps, len(x), self.latent_dim, device=x.device)
        encoding, decoding, canvas = self.encoder.start(len(x)), self.decoder.start(len(x)), self.writer.start(len(x))
        trace = []
        for epsilon in fresh:
            error = 0.5 * (x - self.loss.image(canvas))  # of pixels in [0, 1], as in the paper
            glimpse = self.reader(0.5 * (x + 1), error, decoding[0])
            encoding = self.encoder(torch.cat([glimpse, decoding[0]], dim=1), encoding)
            mean, log_variance = self.to_posterior(encoding[0]).float().chunk(2, dim=1)
            z = mean + epsilon * (0.5 * log_variance).exp()
            decoding, canvas = self._step(z, decoding, canvas)
            trace.append((z, mean, log_variance))
        return Inference(canvas, *(torch.stack(steps) for steps in zip(*trace, strict=True)))

    def paint(self, z: Tensor) -> Tensor:
        """Give the pictures (T, B, *shape) in [-1, 1] after each step, drawn from latents (T, B, latent_dim)."""
        decoding, canvas, pictures = self.decoder.start(z.shape[1]), self.writer.start(z.shape[1]), []
        for latent in z:
            decoding, canvas = self._step(latent, decoding, canvas)
            pictures.append(self.loss.image(canvas))
        return torch.stack(pictures)

    def _step(self, z: Tensor, decoding: State, canvas: Tensor) -> tuple[State, Tensor]:
        """Equations 7 and 8: the decoder's next state, and the next canvas."""
        decoding = self.decoder(z, decoding)
        return decoding, canvas + self.writer(decoding[0]).float()

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the posteriors' means of all steps, (B, steps · latent_dim)."""
        return self.infer(x, noise=0.0).mean.transpose(0, 1).flatten(1)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] that codes stand for."""
        return self.paint(z.view(len(z), self.steps, self.latent_dim).transpose(0, 1))[-1]

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Encode and decode, without noise."""
        return self.loss.image(self.infer(x, noise=0.0).canvas)

    @property
    def likelihood_rule(self) -> str:
        """The evidence bound."""
        return "bound"

    @torch.no_grad()
    def log_bound(self, x: Tensor, y: Tensor | None = None, draws: int = 1) -> Tensor:
        """Importance-weighted bound (B,) in nats, one draw of all latents at a time."""
        return importance_weighted(lambda: self._log_weight(x), draws)

    def _log_weight(self, x: Tensor) -> Tensor:
        """Give log [p(x | z) p(z) / q(z | x)], (B,), of fresh latents."""
        canvas, z, mean, log_variance = self.infer(x)
        epsilon = (z - mean) * (-0.5 * log_variance).exp()
        return 0.5 * (epsilon.square() + log_variance - z.square()).sum((0, 2)) - self.loss(canvas, x)

    @torch.no_grad()
    def trajectory(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw latents from N(0, 1) and give the pictures (T, n, *shape) after each step."""
        self.labels(n, y)  # refuses to draw a class on demand
        return self.paint(torch.randn(self.steps, n, self.latent_dim, device=self.device))

    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw (n, *shape) in [-1, 1]: the last picture of a trajectory."""
        return self.trajectory(n, y)[-1]

"""Semi-supervised adversarial autoencoders (Makhzani et al. 2015, https://arxiv.org/abs/1511.05644, section 5)."""

from collections.abc import Callable
from typing import Unpack

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from gen_models.core.batch import Batch
from gen_models.core.model import GenerativeModel
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.errors import UsageError
from gen_models.families.parts.dimensions import per_dimension
from gen_models.latents.priors import Prior
from gen_models.losses.adversarial import Adversarial
from gen_models.losses.reconstruction import Reconstruction
from gen_models.networks.critics.heads import Body


class SemiSupervisedAAE(GenerativeModel):
    """Semi-supervised adversarial autoencoder: a code is a class and a style, each matched to a prior by its critic.

    Four players move in each turn: the autoencoder reconstructs; the critics tell draws from codes, and the encoder
    deceives them; the classifier, which is the encoder, learns the labels that there are.

    Args:
        encoder: Backbone: samples to features.
        decoder: Makes, given their size, the network from codes (class probabilities, then style) to what `loss` reads.
        class_critic: Class probabilities (B, num_classes) to logits (B,).
        style_critic: Styles (B, latent_dim) to logits (B,).
        loss: Distance of a sample from the decoder's output.
        adversarial: What the critics and the encoder minimise.
        prior: What styles should look like; classes are drawn evenly.
        num_classes: How many there are to guess.
        latent_dim: Size of a style.
        training: Options of the engine.

    Raises:
        UsageError: The data has no classes.
    """

    def __init__(
        self,
        encoder: Body,
        decoder: Callable[..., nn.Module],
        class_critic: nn.Module,
        style_critic: nn.Module,
        loss: Reconstruction,
        adversarial: Adversarial,
        prior: Prior,
        num_classes: int,
        latent_dim: int,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(**training)
        if num_classes < 2:
            raise UsageError("this model guesses classes, and the data has none: choose data=digits, or another.")
        self.encoder = encoder
        self.to_class = encoder.readout(num_classes)
        self.to_style = encoder.readout(latent_dim)
        self.decoder = decoder(latent_dim=num_classes + latent_dim)
        self.class_critic = class_critic
        self.style_critic = style_critic
        self.loss = loss
        self.adversarial = adversarial
        self.prior = prior
        self.sizes = [num_classes, latent_dim]

    def players(self) -> tuple[Player, ...]:
        """The autoencoder, the critics, the encoder against them, and the encoder as a classifier."""
        encoder = [self.encoder, self.to_class, self.to_style]
        return (
            Player("autoencoder", [*encoder, self.decoder, self.loss], self.autoencoder_losses),
            Player("critics", [self.class_critic, self.style_critic], self.critics_losses),
            Player("encoder", encoder, self.encoder_losses),
            Player("classifier", [self.encoder, self.to_class], self.classifier_losses),
        )

    @property
    def classes(self) -> int:
        """Classes that a sample can be asked for."""
        return self.sizes[0]

    def autoencoder_losses(self, batch: Batch) -> Losses:
        """Reconstruct, by the error per dimension."""
        raw = self.decoder(self.encode(batch.x)).float()
        return {"reconstruction": per_dimension(self.loss(raw, batch.x), batch.x)}

    def critics_losses(self, batch: Batch) -> Losses:
        """Tell one-hot classes from probabilities, and draws of the prior from styles."""
        with torch.no_grad():
            codes = self.encode(batch.x)
        pairs = zip(self.scores(self.draw_codes(len(codes))), self.scores(codes), strict=True)
        of_class, of_style = (self.adversarial.critic(real, fake) for real, fake in pairs)
        return {"class": of_class, "style": of_style}

    def encoder_losses(self, batch: Batch) -> Losses:
        """Make the critics take probabilities for one-hot classes, and styles for draws of the prior."""
        of_class, of_style = map(self.adversarial.generator, self.scores(self.encode(batch.x)))
        return {"class": of_class, "style": of_style}

    def classifier_losses(self, batch: Batch) -> Losses:
        """The cross-entropy of the labels that there are; 0 in a batch without any, and no wait for their count."""
        labelled = (batch.y >= 0).sum()
        total = cross_entropy(self.classify(batch.x), batch.y, ignore_index=-1, reduction="sum")
        return {"labels": total / labelled.clamp(min=1)}

    def scores(self, codes: Tensor) -> tuple[Tensor, Tensor]:
        """Give the critics' logits (B,) of the classes and of the styles in codes."""
        probabilities, style = codes.split(self.sizes, dim=1)
        return self.class_critic(probabilities).float(), self.style_critic(style).float()

    def classify(self, x: Tensor) -> Tensor:
        """Give class logits (B, num_classes)."""
        return self.to_class(self.encoder(x)).float()

    def encode(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the class probabilities and the style, (B, num_classes + latent_dim)."""
        features = self.encoder(x)
        return torch.cat([self.to_class(features).float().softmax(1), self.to_style(features).float()], dim=1)

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the samples (B, *shape) in [-1, 1] that codes stand for."""
        return self.loss.image(self.decoder(z).float())

    def reconstruct(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Encode and decode."""
        return self.decode(self.encode(x))

    def draw_codes(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw one-hot classes, evenly or as given, and styles."""
        classes = one_hot(self.labels(n, y), self.classes).float()
        return torch.cat([classes, self.prior.sample(n, self.sizes[1], self.device)], dim=1)

    @torch.no_grad()
    def sample(self, n: int, y: Tensor | None = None) -> Tensor:
        """Draw a class and a style and decode them to (n, *shape) in [-1, 1]."""
        return self.decode(self.draw_codes(n, y))

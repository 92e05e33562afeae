"""VQGAN: a tokeniser with a critic of patches (Esser et al. 2021, https://arxiv.org/abs/2012.09841)."""

from collections.abc import Mapping
from typing import Unpack

import torch
from torch import Tensor

from gen_models.bounds import Weight
from gen_models.core.batch import Batch
from gen_models.core.player import Losses, Player
from gen_models.core.training import Training
from gen_models.data.source import Source
from gen_models.families.tokeniser import Tokeniser
from gen_models.judges.base import Judge, Panel
from gen_models.losses.adaptive import adaptive_weight
from gen_models.losses.adversarial import Adversarial
from gen_models.losses.matching import matching
from gen_models.losses.reconstruction import Reconstruction
from gen_models.networks.critics.patch import PatchCritic
from gen_models.networks.quantisers.base import Quantiser
from gen_models.networks.tokenisers.base import TokenDecoder, TokenEncoder


class VQGAN(Tokeniser):
    """Tokeniser whose reconstructions must also pass a critic of patches, with a weight that balances the two.

    The perceptual distance is taken in the features of that critic (feature matching), or by a judge in those of a
    network that never changes, where the authors take LPIPS, whose weights can't be installed as a package. As theirs,
    critic and judges see what leaves [-1, 1], too.

    Args:
        encoder: Pictures to maps of vectors.
        decoder: Maps of codes to what `loss` reads.
        quantiser: Vectors to codes.
        discriminator: Judges the patches of originals and of reconstructions.
        loss: Distance of a sample from the decoder's output.
        adversarial: What decoder and critic minimise in their game, given logits.
        game: Weight of the game beside the adaptive one. As long as it is 0, which a schedule says, the critic waits.
        features: Weight of the distance in the critic's features, once it plays.
        judges: Distances of reconstructions from originals, or fixed losses of reconstructions, from the beginning.
        training: Options of the engine.
    """

    def __init__(
        self,
        encoder: TokenEncoder,
        decoder: TokenDecoder,
        quantiser: Quantiser,
        discriminator: PatchCritic,
        loss: Reconstruction,
        adversarial: Adversarial,
        game: Weight = 0.8,
        features: Weight = 1.0,
        judges: Mapping[str, Judge] | None = None,
        **training: Unpack[Training],
    ) -> None:
        super().__init__(encoder, decoder, quantiser, loss, **training)
        self.discriminator = discriminator
        self.adversarial = adversarial
        self.game = game
        self.features = features
        self.judges = Panel(judges)

    def prepare(self, source: Source) -> None:
        """Let the judges see the data."""
        self.judges.prepare(source, self.device)

    def players(self) -> tuple[Player, ...]:
        """The autoencoder, then the critic of its reconstructions."""
        autoencoder = [self.encoder, self.decoder, self.quantiser, self.loss]
        return (
            Player("autoencoder", autoencoder, self.losses),
            Player("critic", [self.discriminator], self.critic_losses),
        )

    def losses(self, batch: Batch) -> Losses:
        """Equation 6: the distance in pixels and in features, the game, and what the quantiser asks for."""
        raw, asked = self.round_trip(batch)
        restored = self.loss.mean(raw)
        distances = {"reconstruction": self.distance(raw, batch), **self.judges(restored, batch.x, batch.y)}
        game = self.game_losses(restored, batch, torch.stack(list(distances.values())).sum()) if self.game else {}
        return {**distances, **game, **asked}

    def game_losses(self, restored: Tensor, batch: Batch, distance: Tensor) -> Losses:
        """The distance in the critic's features, and the game by its adaptive weight.

        Args:
            restored: What the decoder makes of the codes.
            batch: The originals.
            distance: The distance in pixels, and by judges.
        """
        fake, found = self.discriminator.trace(restored)
        losses, real = {}, None
        if self.features or self.adversarial.compares:
            real_logits, wanted = self.discriminator.trace(batch.x)
            real = real_logits.float().flatten()
            if self.features:
                losses["features"] = self.features * matching(found, wanted)
        adversarial = self.adversarial.generator(fake.float().flatten(), real)
        balance = adaptive_weight(sum(losses.values(), distance), adversarial, self.decoder.last)
        self.note("adaptive_weight", balance)
        return {**losses, "adversarial": self.game * balance * adversarial}

    def critic_losses(self, batch: Batch) -> Losses:
        """Tell patches of originals from those of reconstructions; nothing before the game begins."""
        if not self.game:
            return {}
        with torch.no_grad():
            fake = self.loss.mean(self.decoder(self.quantiser.embed(self.tokenise(batch.x))).float())
        real_logits, fake_logits = (self.logits(x).flatten() for x in (batch.x, fake))
        self.note("real", real_logits.mean())
        self.note("fake", fake_logits.mean())
        return {"adversarial": self.adversarial.critic(real_logits, fake_logits)}

    def logits(self, x: Tensor) -> Tensor:
        """Give the logits (B, P) of the patches of samples, as float32 also under autocast."""
        return self.discriminator(x).float()

    def score(self, x: Tensor, y: Tensor) -> Tensor:
        """Give the critic's logits (B,), means over patches, of samples (B, *shape) in [-1, 1]."""
        return self.logits(x).mean(1)

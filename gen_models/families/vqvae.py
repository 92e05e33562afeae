"""VQ-VAE (van den Oord et al. 2017, Neural discrete representation learning, https://arxiv.org/abs/1711.00937)."""

from gen_models.core.batch import Batch
from gen_models.core.player import Losses, Player
from gen_models.families.tokeniser import Tokeniser


class VQVAE(Tokeniser):
    """Vector-quantised autoencoder: a tokeniser that is trained by nothing but its reconstructions."""

    def players(self) -> tuple[Player, ...]:
        """One player: all want the same."""
        return (Player("vqvae", [self.encoder, self.decoder, self.quantiser, self.loss], self.losses),)

    def losses(self, batch: Batch) -> Losses:
        """Equation 3, as means over dimensions: the reconstruction error, and what the quantiser asks for."""
        raw, asked = self.round_trip(batch)
        return {"reconstruction": self.distance(raw, batch), **asked}

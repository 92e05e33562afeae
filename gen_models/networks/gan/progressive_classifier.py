"""Auxiliary classifier of ProGAN (Karras et al. 2018, https://arxiv.org/abs/1710.10196)."""

from torch import Tensor, nn

from gen_models.networks.gan.equalised import EqualisedLinear
from gen_models.networks.gan.progressive import ProgressiveCritic


class ProgressiveClassifier(nn.Module):
    """ProGAN critic with an auxiliary classifier (AC-GAN): the last layer has an output more for each class.

    Karras et al. (2018), https://arxiv.org/abs/1710.10196; tkarras/progressive_growing_of_gans, networks.py.

    Args:
        critic: Gives the logits, and the features; it is not told the class that is to be predicted.
        classes: How many classes there are to predict.

    Raises:
        ValueError: There is nothing to predict.
    """

    def __init__(self, critic: ProgressiveCritic, classes: int) -> None:
        super().__init__()
        if classes < 1 or critic.classes:
            raise ValueError("a classifying critic needs data with classes, and a body that is not told them.")
        self.critic = critic
        self.classifier = EqualisedLinear(critic.num_features, classes, gain=1.0)
        self.classes = self.predictions = classes

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Give the logits (B,) of pictures (B, C, side, side) of the present stage."""
        return self.critic(x)

    def logits_and_predictions(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give logits (B,) and class logits (B, classes) in one pass."""
        logits, (features, *_) = self.critic.trace(x)
        return logits, self.classifier(features)

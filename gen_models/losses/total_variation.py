"""Total variation GAN losses (TVGAN): a game whose value is the total variation distance.

TV(p, q) is the largest E_p D - E_q D over critics with |D| ≤ ½ (f-GAN, Nowozin et al. 2016, table 2,
https://arxiv.org/abs/1606.00709).
"""

from typing import Annotated

from torch import Tensor
from torch.nn.functional import relu

from gen_models.bounds import AtLeast, Weight
from gen_models.losses.adversarial import Adversarial


class BoundedTotalVariation(Adversarial):
    """Total variation loss, bounded by tanh: the generator's gradient vanishes where the critic is sure.

    The critic is ½ tanh of a raw logit, as in f-GAN (Nowozin et al. 2016, https://arxiv.org/abs/1606.00709).

    The logit must be raw: after a sigmoid, ½ tanh ends at 0.38, and the bound could never reach TV.
    """

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        """E T(G(z)) - E T(x) with T = ½ tanh D; at its best -TV."""
        return 0.5 * (fake.tanh().mean() - real.tanh().mean())

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """-E T(G(z))."""
        return -0.5 * fake.tanh().mean()


class PenalisedTotalVariation(Adversarial):
    """Total variation loss, bounded by a penalty: λ for every unit of |D| above a cap, on both kinds of samples.

    Without a cap this is the plain -λ E|D|. That objective grows in proportion to D, so that its supremum is 0 where
    λ ≥ |p - q| / (p + q) everywhere (as for any λ ≥ 1) and infinite elsewhere: there is no equilibrium but D = 0.
    With a cap and λ > 1, the best critic is ±cap, and the value is 2 cap TV, exactly.

    Args:
        weight: λ.
        cap: |D| that costs nothing; 0 for the plain penalty.
    """

    def __init__(self, weight: Weight = 2.0, cap: Annotated[float, AtLeast(0)] = 0.5) -> None:
        self.weight = weight
        self.cap = cap

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        """E D(G(z)) - E D(x) + λ E max(0, |D(x)| - cap) + λ E max(0, |D(G(z))| - cap); at its best -2 cap TV."""
        excess = relu(real.abs() - self.cap).mean() + relu(fake.abs() - self.cap).mean()
        return fake.mean() - real.mean() + self.weight * excess

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """-E D(G(z))."""
        return -fake.mean()


class ClippedTotalVariation(Adversarial):
    """Total variation loss, bounded by clipping: no gradient where the critic is good enough; `Hinge` minus 2.

    Args:
        clip_generator: Give the generator the same clipped objective, and so nothing to follow where the critic is
            good enough: too weak, for comparison only.
    """

    def __init__(self, clip_generator: bool = False) -> None:
        self.clip_generator = clip_generator

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        """E max(-1, D(G(z))) - E min(1, D(x)); at its best -2 TV."""
        return fake.clamp(min=-1).mean() - real.clamp(max=1).mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """-E D(G(z)), or clipped: -E max(-1, D(G(z)))."""
        return -(fake.clamp(min=-1) if self.clip_generator else fake).mean()

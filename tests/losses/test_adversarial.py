"""Losses against what is known of their games: optimal values on histograms, and gradients."""

import math

import pytest
import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf
from torch.nn.functional import binary_cross_entropy_with_logits

from gen_models.losses.adversarial import Adversarial, Hinge, LeastSquares, Minimax, NonSaturating, Wasserstein
from tests.conftest import CONF

LOSSES = {
    path.stem: loss
    for path in sorted(CONF.glob("loss/*.yaml"))
    if isinstance(loss := instantiate(OmegaConf.load(path)), Adversarial)
}


def histograms():
    """Two distributions over 20 bins, as 10,000 samples each, and as probabilities; some bins belong to one only."""
    drawn = torch.Generator().manual_seed(0)
    weights = torch.rand(2, 20, generator=drawn) * (torch.rand(2, 20, generator=drawn) < 0.8)
    samples = [torch.multinomial(w, 10_000, replacement=True, generator=drawn) for w in weights]
    return samples, [torch.bincount(s, minlength=20) / 10_000 for s in samples]


def best_value(loss, optimum):
    """The critic's loss at a table of logits, once it is seen that no change of the table lowers it."""
    (real, fake), (p, q) = histograms()
    table = optimum(p.double(), q.double())
    best = loss.critic(table[real], table[fake])
    for _ in range(50):
        other = table + torch.randn_like(table) * 0.3
        assert loss.critic(other[real], other[fake]) >= best - 1e-9
    return best.item()


def total_variation():
    p, q = histograms()[1]
    return 0.5 * (p - q).abs().sum().item()


def gradient(loss, *logits):
    leaf = logits[0].clone().requires_grad_()
    (found,) = torch.autograd.grad(loss(leaf, *logits[1:]), leaf)
    return found


@pytest.mark.parametrize("loss", [Minimax(), NonSaturating()])
def test_the_classifier_finds_the_jensen_shannon_divergence(loss):
    p, q = histograms()[1]
    mixture = (p + q) / 2
    divergence = 0.5 * sum(torch.xlogy(d, d).sum() - torch.xlogy(d, mixture).sum() for d in (p, q)).item()
    found = best_value(loss, lambda p, q: (p.log() - q.log()).clamp(-30, 30).nan_to_num())
    assert found == pytest.approx(2 * math.log(2) - 2 * divergence, abs=1e-5)


def test_the_hinge_finds_the_total_variation():
    found = best_value(Hinge(), lambda p, q: torch.sign(p - q))
    assert found == pytest.approx(2 * (1 - total_variation()), abs=1e-5)


@pytest.mark.parametrize(("a", "b", "c"), [(0, 1, 1), (-1, 1, 0)])
def test_least_squares_regresses_on_its_labels(a, b, c):
    p, q = histograms()[1]
    harmonic = (p * q / (p + q)).nan_to_num().sum().item()
    found = best_value(LeastSquares(a, b, c), lambda p, q: ((b * p + a * q) / (p + q)).nan_to_num())
    assert found == pytest.approx(0.5 * (b - a) ** 2 * harmonic, abs=1e-5)
    assert LeastSquares(a, b, c).generator(torch.full((3,), float(c))) == 0


def test_wasserstein_is_the_difference_of_means():
    assert Wasserstein().critic(torch.tensor([1.0, 2.0]), torch.tensor([5.0])) == 3.5


def test_a_sure_critic_leaves_the_saturating_generator_nothing():
    sure = torch.tensor([-10.0])
    assert gradient(Minimax().generator, sure).item() == pytest.approx(-4.54e-5, rel=1e-2)
    assert gradient(NonSaturating().generator, sure).item() == pytest.approx(-1, rel=1e-4)


@pytest.mark.parametrize("name", LOSSES)
def test_every_file_sets_critic_and_generator_against_each_other(name):
    """Around a critic that does not know yet: it raises real and lowers generated logits, the generator raises them."""
    loss, real, fake = LOSSES[name], torch.tensor([0.1, 0.4]), torch.tensor([0.4, 0.1])
    other = real if loss.compares else None
    assert (gradient(loss.critic, real, fake) < 0).all()
    assert (gradient(lambda f, r: loss.critic(r, f), fake, real) > 0).all()
    assert (gradient(loss.generator, fake, other) < 0).all()


def test_smoothed_real_samples_have_a_finite_logit():
    """Targets of 0.875 for real samples, and 0 for generated ones: tfgan.losses.modified_discriminator_loss."""
    real, fake = torch.randn(6), torch.randn(6)
    targets = torch.tensor([0.875, 0.0]).repeat_interleave(6)
    expected = 2 * binary_cross_entropy_with_logits(torch.cat([real, fake]), targets)
    assert torch.allclose(LOSSES["smoothed"].critic(real, fake), expected)
    assert torch.equal(LOSSES["smoothed"].generator(fake), NonSaturating().generator(fake))
    logit = torch.tensor([math.log(7)], requires_grad=True)  # 7/8 real
    LOSSES["smoothed"].critic(logit, fake).backward()
    assert abs(logit.grad.item()) < 1e-6

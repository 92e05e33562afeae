"""Facts of Burda et al. (2016): a bound by many draws, and its gradient."""

import pytest
import torch

from gen_models.core.batch import Batch
from gen_models.families.iwae import IWAE
from gen_models.families.vae import VAE
from gen_models.losses.reconstruction import Gaussian
from tests.families.linear import Affine, Identity

ITEMS = 6


def autoencoder(family=IWAE, **options):
    torch.manual_seed(0)
    parts = {"encoder": Identity(), "decoder": Affine(2, 3), "loss": Gaussian(0.5)}
    return family(**parts, latent_dim=2, optimizers={}, **options)


@pytest.fixture
def batch():
    return Batch(torch.randn(ITEMS, 3, generator=torch.Generator().manual_seed(1)), None, torch.arange(ITEMS))


def test_the_loss_is_minus_the_bound_that_an_evaluation_gives(batch):
    model = autoencoder(draws=4)
    copies = Batch(batch.x.repeat(2000, 1), None, batch.index.repeat(2000))
    evaluated = model.log_bound(copies.x, draws=4).mean().item()
    assert -model.losses(copies)["negative_bound"].item() == pytest.approx(evaluated, abs=0.05)


def test_its_gradient_is_that_of_each_weight_by_its_share(batch):
    """Equation 14: the sum over draws of w̃ ∇ log w."""
    model = autoencoder(draws=5)
    torch.manual_seed(2)
    model.losses(batch)["negative_bound"].backward()
    taken = model.to_posterior.weight.grad.clone()
    model.zero_grad()
    torch.manual_seed(2)
    log_weights = model.log_weights(batch.x)
    assert log_weights.shape == (5, ITEMS)
    shares = log_weights.detach().softmax(0)
    (-(shares * log_weights).sum(0).mean()).backward()
    torch.testing.assert_close(taken, model.to_posterior.weight.grad)


def test_one_draw_is_a_vae_on_average(batch):
    iwae, vae = autoencoder(draws=1), autoencoder(VAE)
    many = Batch(batch.x.repeat(5000, 1), None, batch.index.repeat(5000))
    assert iwae.losses(many)["negative_bound"].item() == pytest.approx(sum(vae.losses(many).values()).item(), rel=0.01)


def test_more_draws_are_never_a_looser_bound(batch):
    many = Batch(batch.x.repeat(5000, 1), None, batch.index.repeat(5000))
    losses = [autoencoder(draws=draws).losses(many)["negative_bound"].item() for draws in (1, 2, 8)]
    assert losses[0] > losses[1] + 0.1 > losses[2] + 0.2


@torch.no_grad()
def test_a_draw_is_of_its_own_item(batch):
    model = autoencoder(draws=4000)
    together = model.log_weights(batch.x).mean(0)
    alone = torch.cat([model.log_weights(item[None]).mean(0) for item in batch.x])
    assert together.std() > 1
    torch.testing.assert_close(together, alone, atol=0.2, rtol=0)

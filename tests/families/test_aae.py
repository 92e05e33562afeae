"""Facts of Makhzani et al. (2015)."""

import pytest
import torch

from gen_models import load
from gen_models.core.batch import Batch
from gen_models.core.build import build_data, build_model
from gen_models.pixels import to_unit_range


@pytest.fixture
def digits(compose_job):
    cfg = compose_job("model=aae", "network=mlp")
    x, y = build_data(cfg).test.__getitems__(range(200))
    return build_model(cfg), Batch(to_unit_range(x), y, torch.arange(200))


def reached(model, loss):
    model.zero_grad()
    loss.backward()
    networks = {name: net for name, net in model.named_children() if name != "averages"}
    return {name for name, net in networks.items() if any(p.grad is not None for p in net.parameters())}


def test_each_phase_reaches_what_the_paper_says(digits):
    model, batch = digits
    (reconstruction,) = model.autoencoder_losses(batch).values()
    assert reached(model, reconstruction) == {"encoder", "to_code", "decoder"}
    (critic,) = model.critic_losses(batch).values()
    assert reached(model, critic) == {"critic"}
    (encoder,) = model.encoder_losses(batch).values()
    assert reached(model, encoder) == {"encoder", "to_code", "critic"}  # the engine freezes the critic meanwhile


def test_codes_come_to_look_like_the_prior(digits, run_job, tmp_path):
    untrained, batch = digits
    trained = load(run_job("model=aae", "network=mlp", "turns=400", "model.latent_dim=2"))
    free = ["~model.optimizers.encoder.betas", "model.optimizers.encoder.lr=0"]
    other = load(run_job("model=aae", "network=mlp", "turns=400", "model.latent_dim=2", *free, run=tmp_path / "free"))
    prior = torch.randn(200, 2, generator=torch.Generator().manual_seed(1))
    assert mmd(trained.encode(batch.x), prior) < 0.5 * mmd(other.encode(batch.x), prior)
    error = (trained.reconstruct(batch.x) - batch.x).square().mean()
    assert error < 0.8 * (batch.x - batch.x.mean(0)).square().mean()


def mmd(a, b):
    """Squared maximum mean discrepancy under a Gaussian kernel of width 1."""

    def kernel(u, v):
        return torch.exp(-0.5 * torch.cdist(u, v).square()).mean()

    return kernel(a, a) + kernel(b, b) - 2 * kernel(a, b)

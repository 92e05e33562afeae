"""Facts of Makhzani et al. (2015)."""

import pytest
import torch

from gen_models import load
from gen_models.core.batch import Batch
from gen_models.errors import UsageError
from gen_models.media.pixels import to_unit_range
from gen_models.run.build import build_data, build_model


@pytest.fixture
def digits(compose_job):
    cfg = compose_job("model=aae", "network=mlp")
    x, y = build_data(cfg).test.gather(range(200))
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


@pytest.mark.slow
def test_codes_come_to_look_like_the_prior(digits, run_job, tmp_path):
    untrained, batch = digits
    trained = load(run_job("model=aae", "network=mlp", "turns=250", "model.latent_dim=2"))
    free = ["~model.optimizers.encoder.betas", "model.optimizers.encoder.lr=0"]
    other = load(run_job("model=aae", "network=mlp", "turns=250", "model.latent_dim=2", *free, run=tmp_path / "free"))
    prior = torch.randn(200, 2, generator=torch.Generator().manual_seed(1))
    assert mmd(trained.encode(batch.x), prior) < 0.5 * mmd(other.encode(batch.x), prior)
    error = (trained.reconstruct(batch.x) - batch.x).square().mean()
    assert error < 0.8 * (batch.x - batch.x.mean(0)).square().mean()


def test_a_class_chooses_its_part_of_the_prior_where_the_critic_is_told(compose_job):
    cfg = compose_job("model=aae_labelled", "data.labelled=100")
    build_data(cfg)
    model = build_model(cfg)
    model.prior.across = model.prior.along = 0.0
    y = torch.tensor([0, 5, -1])
    right, left, unknown = model.draw_codes(3, y)
    assert torch.allclose(right, -left, atol=1e-5)
    assert unknown.norm() == pytest.approx(1.4)
    assert model.classes == 10
    logits = model.critic(right.repeat(11, 1), torch.arange(-1, 10))
    assert len(set(logits.tolist())) == 11  # not knowing is an eleventh class


def test_a_critic_that_is_not_told_asks_the_whole_prior(compose_job):
    flower = "model.prior._target_=gen_models.latents.priors.MixtureOfGaussians"
    cfg = compose_job("model=aae", "network=mlp", flower, "model.latent_dim=2")
    build_data(cfg)
    codes = build_model(cfg).draw_codes(2000, torch.zeros(2000, dtype=torch.int64))
    assert codes.mean(0).abs().max() < 0.1
    cfg.model.latent_dim = 3
    with pytest.raises(UsageError, match="must be even"):
        build_model(cfg)


@pytest.mark.slow
def test_labels_arrange_the_codes(digits, run_job):
    _, batch = digits
    model = load(run_job("model=aae_labelled", "turns=200"))
    torch.manual_seed(0)
    middles = torch.stack([model.draw_codes(200, torch.full((200,), k)).mean(0) for k in range(10)])
    nearest = torch.cdist(model.encode(batch.x), middles).argmin(1)
    assert (nearest != batch.y).float().mean() < 0.5  # 0.9 by chance


def mmd(a, b):
    """Squared maximum mean discrepancy under a Gaussian kernel of width 1."""

    def kernel(u, v):
        return torch.exp(-0.5 * torch.cdist(u, v).square()).mean()

    return kernel(a, a) + kernel(b, b) - 2 * kernel(a, b)

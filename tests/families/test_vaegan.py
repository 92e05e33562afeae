"""Facts of Larsen et al. (2016)."""

import pytest
import torch

from gen_models import load
from gen_models.core.batch import Batch
from gen_models.core.player import frozen, parameters_of
from gen_models.errors import UsageError
from gen_models.media.pixels import to_unit_range
from gen_models.run.build import build_data, build_model

QUICK = [
    "model=vaegan",
    "network.encoder.channels=[32]",
    "network.encoder.hidden=64",
    "network.decoder.channels=[32,16]",
]
QUICK += ["network.discriminator.channels=[16,32]", "network.discriminator.hidden=64"]


@pytest.fixture
def digits(compose_job):
    def built(*overrides):
        cfg = compose_job(*QUICK, *overrides)
        x, y = build_data(cfg).test.gather(range(100))
        return build_model(cfg), Batch(to_unit_range(x), y, torch.arange(100))

    return built


def test_the_posterior_starts_as_the_encoder_below_it(digits):
    """deeppy's sampler of latents is filled as every layer: a deviation of 1 / (3 √inputs), and no bias."""
    to_posterior = digits("model.latent_dim=64")[0].to_posterior
    assert to_posterior.weight.std().item() == pytest.approx(1 / (3 * 8), rel=0.03)
    assert not to_posterior.bias.any()


def gradients(model, batch):
    """For each player and each of its terms, whether its networks are reached while the others are frozen."""
    reached = {}
    for player in model.players():
        own = parameters_of(player.networks)
        others = [p for p in parameters_of([model]) if all(p is not mine for mine in own)]
        with frozen(others):
            for name, term in player.losses(batch).items():
                grads = torch.autograd.grad(term, own, retain_graph=True, allow_unused=True)
                reached[player.name, name] = any(g is not None and g.abs().max() > 0 for g in grads)
    return reached


def test_each_network_follows_the_terms_that_the_paper_gives_it_and_no_other(digits):
    model, batch = digits("model.gate=null")
    reached = gradients(model, batch)
    matrix = {
        term: tuple(reached.get((net, term), False) for net in ("encoder", "decoder", "critic"))
        for term in ("rate", "distortion", "adversarial")
    }
    assert matrix == {
        "rate": (True, False, False),
        "distortion": (True, True, False),
        "adversarial": (False, True, True),
    }


def test_the_game_is_played_with_codes_that_the_encoder_does_not_learn_from(digits):
    model, batch = digits("model.gate=null")
    model.zero_grad()
    sum([*model.decoder_losses(batch).values(), *model.critic_losses(batch).values()]).backward()
    assert all(p.grad is None for net in (model.encoder, model.to_posterior) for p in net.parameters())


def test_the_distortion_is_half_the_squared_distance_of_features(digits):
    model, batch = digits()
    model.eval()
    torch.manual_seed(0)
    losses = model.encoder_losses(batch)
    torch.manual_seed(0)
    mean, log_variance = model.posterior(batch.x, batch.y)
    restored = model.decode(mean + torch.randn_like(mean) * (0.5 * log_variance).exp())
    seen, understood = model.discriminator.features(torch.cat([batch.x, restored])).chunk(2)
    expected = 0.5 * (seen - understood).square().sum() / len(batch.x)
    assert losses["distortion"].item() == pytest.approx(expected.item() / model.variance, rel=1e-5)


@pytest.mark.parametrize("both", [True, False])
def test_reconstructions_are_judged_where_that_is_asked_for(digits, both):
    model, batch = digits(f"model.judge_reconstructions={both}")
    real, fake = model.play(batch)
    assert len(real) == len(fake) == (200 if both else 100)


def test_the_gate_lets_players_pass_and_still_sees_what_they_would_do(digits):
    model, batch = digits()
    model.gate.critic_moves = model.gate.generator_moves = False
    assert model.decoder_losses(batch) == model.critic_losses(batch) == {}
    assert model.gate.observed[2] == 1
    assert set(model.encoder_losses(batch)) == {"distortion", "rate"}


def test_a_critic_that_shows_no_features_is_refused(compose_job):
    cfg = compose_job("model=vaegan", "network=dcgan")
    build_data(cfg)
    with pytest.raises(UsageError, match="network=vaegan"):
        build_model(cfg)


@pytest.mark.slow
def test_the_critic_recognises_reconstructions(digits, run_job):
    _, batch = digits()
    fast = [f"model.optimizers.{net}.lr=3e-3" for net in ("encoder", "decoder")]
    model = load(run_job(*QUICK, *fast, "model.variance=1", "model.gamma=1", "turns=200"))
    seen, understood = model.discriminator.features(torch.cat([batch.x, model.reconstruct(batch.x)])).chunk(2)
    share = (torch.cdist(understood, seen).argmin(1) == batch.index).float().mean()
    assert share > 0.4  # 0.01 by chance

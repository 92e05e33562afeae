"""Facts of VQ-VAE: tokens and back, codes of what is between them, what the dashboard shows."""

import pytest
import torch

from gen_models.core.abilities.codes import Decodes, Encodes, Reconstructs
from gen_models.core.abilities.tokens import HasTokens
from gen_models.core.batch import Batch
from gen_models.errors import UsageError
from gen_models.losses.reconstruction import SquaredError
from gen_models.run.build import build_data, build_model
from tests.helpers import rows

SMALL = ["model=vqvae", "network.encoder.width=8", "network.encoder.hidden=4", "network.encoder.blocks=1"]
KITS = {"vqvae": ["network.quantiser.codes=32"], "vqvae_gradient": ["network.quantiser.codes=32"], "vqvae_fsq": []}


def built(compose_job, kit="vqvae", *options):
    cfg = compose_job(*SMALL, f"network={kit}", *KITS[kit], *options)
    build_data(cfg)
    return build_model(cfg).eval().requires_grad_(False)


@pytest.mark.parametrize("kit", KITS)
def test_tokens_are_a_grid_of_numbers_and_lead_back_to_the_reconstruction(kit, compose_job):
    model, x = built(compose_job, kit), torch.rand(3, 1, 8, 8) * 2 - 1
    assert all(isinstance(model, ability) for ability in (HasTokens, Encodes, Decodes, Reconstructs))
    tokens = model.tokenise(x)
    assert tokens.shape == (3, *model.grid) == (3, 2, 2)
    assert 0 <= tokens.min() <= tokens.max() < model.vocabulary == (1000 if kit == "vqvae_fsq" else 32)
    assert torch.equal(model.reconstruct(x), model.detokenise(tokens))
    assert torch.allclose(model.decode(model.encode(x)), model.detokenise(tokens), atol=1e-5)


def test_the_objective_is_equation_3_with_means_and_a_unit_gaussian(compose_job):
    model, x = built(compose_job, "vqvae_gradient"), torch.rand(3, 1, 8, 8) * 2 - 1
    z = model.encoder(x)
    code = model.quantiser.embed(model.tokenise(x))
    losses = model.losses(Batch(x, torch.zeros(3, dtype=torch.long), torch.arange(3)))
    assert torch.isclose(losses["reconstruction"], 0.5 * (model.decoder(code) - x).square().mean())
    assert torch.isclose(losses["codebook"], (z - code).square().mean())
    assert torch.isclose(losses["commitment"], 0.25 * (z - code).square().mean())


def test_two_levels_are_committed_as_in_equation_2_whose_error_is_a_whole_square(compose_job):
    cfg = compose_job("model=vqvae_2")
    assert 2 * cfg.network.quantiser.commitment == 2 * cfg.network.top_quantiser.commitment == 0.25
    assert SquaredError()(torch.zeros(1, 4), torch.ones(1, 4)).item() == 4 / 2


def test_samples_have_the_frequencies_of_tokens_at_their_places(compose_job):
    model = built(compose_job)
    tokens = torch.tensor([[[0, 1], [2, 3]], [[0, 1], [2, 4]]])
    for _ in range(2000):
        model.shares.observe(tokens)
    drawn = model.shares.sample(400)
    assert (drawn[:, 0, 0] == 0).all()
    assert (drawn[:, 1, 1] == 3).float().mean().item() == pytest.approx(0.5, abs=0.1)
    assert set(drawn[:, 1, 1].tolist()) == {3, 4}


def test_the_dashboard_shows_the_health_of_the_codes_and_measuring_changes_none(run_job):
    run = run_job(*SMALL, "network.quantiser.codes=32", "turns=4", "log_every=4", "callbacks.quality.every=0")
    (row,) = rows(run / "metrics.csv")
    assert 1 <= float(row["vqvae/perplexity"]) <= 32
    assert 0 <= float(row["vqvae/dead_codes"]) < 32
    assert {"vqvae/reconstruction", "vqvae/commitment"} <= set(row)


def test_codes_of_another_size_are_refused(compose_job):
    with pytest.raises(UsageError, match=r"have 6 numbers, and the codes 4: set network\.encoder\.size=4"):
        built(compose_job, "vqvae_fsq", "network.encoder.size=6")

"""A game of networks that grow."""

import pytest
import torch

from gen_models.core.abilities.sampling import draws_in_steps
from gen_models.core.batch import Batch
from gen_models.errors import UsageError
from gen_models.networks.gan.growing import doubled, halved
from gen_models.run.build import build_data, build_model
from tests.helpers import assert_same, newest, rows

SMALL = ["model=progan", "network.generator.width=4", "network.generator.limit=8", "model.latent_dim=8"]
GROWTH = ["model.growth.stabilise=128", "model.growth.fade=64", "model.growth.batch_sizes=[64,32]"]
QUIET = ["~callbacks.grids", "~callbacks.films", "~callbacks.latents", "callbacks.checkpoint.every=1"]


@pytest.mark.slow
def test_it_resumes_bit_for_bit_before_in_and_after_a_change(run_job, tmp_path):
    """Turns 0 and 1 are at 4 pixels, 2 and 3 fade 8 pixels in, the rest is at 8 pixels."""
    options = [*SMALL, *GROWTH, *QUIET]
    whole = newest(run_job(*options, "turns=7", run=tmp_path / "whole"))
    run_job(*options, "turns=2", run=tmp_path / "parts")
    before = newest(tmp_path / "parts")["model"]
    for turns in (3, 4, 5):
        run_job(*options, f"turns={turns}", run=tmp_path / "parts")
    assert_same(whole, newest(run_job(*options, "turns=7", run=tmp_path / "parts")))

    assert whole["model"]["_extra_state"]["images"] == 2 * 64 + 5 * 32
    assert whole["model"]["generator._extra_state"] == {"stage": 1, "alpha": 1.0}
    steps = {int(state["step"]) for state in whole["optimizers"]["generator"]["state"].values()}
    assert steps == {3}  # since the new block is all there
    new = [name for name in before if name.startswith("generator.blocks.1.")]
    assert all(torch.equal(before[name], before[f"averages.copies.{name}"]) for name in new)
    assert not torch.equal(before[new[0]], whole["model"][new[0]])


@pytest.fixture
def model(compose_job):
    cfg = compose_job(*SMALL, *GROWTH)
    build_data(cfg)
    return build_model(cfg)


def test_both_players_see_faded_data(model):
    model.stages.advance(160)
    seen = []
    model.discriminator.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    x = torch.rand(4, 1, 8, 8)
    losses = model.critic_losses(Batch(x, torch.zeros(4).long(), torch.arange(4)))
    assert losses.keys() == {"adversarial", "gp", "drift"}
    assert torch.allclose(seen[0], 0.5 * x + 0.5 * doubled(halved(x)))
    assert all(inputs.shape == x.shape for inputs in seen)


def test_samples_have_the_size_of_the_data_at_every_stage(model):
    model.stages.advance(0)
    samples = model.sample(3)
    assert samples.shape == (3, 1, 8, 8)
    assert torch.equal(samples, doubled(halved(samples)))


def test_a_trajectory_goes_through_the_resolutions_that_are_there(model):
    for images, states in ((0, 1), (160, 2), (10_000, 2)):
        model.stages.advance(images)
        with model.evaluating("test"):
            film = model.trajectory(3)
        assert film.shape == (states, 3, 1, 8, 8)
        assert torch.equal(film[0], doubled(halved(film[0])))
        with model.evaluating("test"):
            assert torch.equal(model.sample(3), film[-1])
    assert not torch.equal(film[-1], doubled(halved(film[-1])))
    assert draws_in_steps(model)


def test_whole_pictures_are_scored_at_every_stage(model):
    x, y = torch.rand(4, 1, 8, 8), torch.zeros(4).long()
    for images, seen in ((0, halved(x)), (160, 0.5 * x + 0.5 * doubled(halved(x))), (10_000, x)):
        model.stages.advance(images)
        assert torch.allclose(model.score(x, y), model.discriminator(seen, y))


def test_networks_that_can_not_grow_are_refused(compose_job):
    cfg = compose_job("model=progan", "network=mlp")
    build_data(cfg)
    with pytest.raises(UsageError, match="network=progressive"):
        build_model(cfg)


def test_classes_are_guessed_as_published(run_job):
    """Karras et al. (2018): WGAN-GP and an auxiliary classifier of data and of samples."""
    loss = "model.class_loss={_target_: gen_models.losses.ClassLoss}"
    small = ["network.generator.width=4", "network.generator.limit=4", "model.latent_dim=8", "data.batch_size=4"]
    run = run_job("model=progan", "network=progressive_classifier", loss, *small, "turns=2")
    row = rows(run / "metrics.csv")[-1]
    assert {"critic/class", "critic/class_of_samples", "generator/class"} <= row.keys()

"""What both players want of codes."""

import math

import pytest
import torch

from gen_models.core.batch import Batch
from gen_models.errors import UsageError
from gen_models.run.build import build_data, build_model

SMALL = ["model=infogan", "network.generator.width=4", "network.discriminator.critic.body.width=4"]

GROWN = [f"network.{net}.{option}" for net in ("generator", "discriminator") for option in ("width=4", "limit=8")]


@pytest.fixture
def built(compose_job):
    def build(*options):
        cfg = compose_job(*options)
        data = build_data(cfg)
        return build_model(cfg), data

    return build


def batch(data, n=16):
    x, y = data.train.gather(range(n))
    return Batch(x / 127.5 - 1, y, torch.arange(n))


def gradients(loss, network):
    found = torch.autograd.grad(loss, list(network.parameters()), retain_graph=True, allow_unused=True)
    return [gradient for gradient in found if gradient is not None]


def test_both_sides_want_the_same_information_and_only_of_samples(built):
    model, data = built(*SMALL, "model.information=2")
    model.eval()
    real = batch(data)
    for losses in (model.critic_losses, model.generator_losses):
        torch.manual_seed(3)
        told = losses(real)
        torch.manual_seed(3)
        z = model.draw_latents(16)
        _, posterior = model.logits_and_predictions(model.generate(z, real.y), real.y)
        bounds = model.codes().information(posterior, z)
        assert torch.allclose(told["information"], -2 * sum(bounds.values()), atol=1e-5)
        assert bounds["class"] <= math.log(10)
    assert model.discriminator.predictions == 12  # means and logits: no variance is read


def test_information_teaches_the_reader_the_trunk_and_the_generator(built):
    model, data = built(*SMALL)
    critic = model.critic_losses(batch(data))["information"]
    for part in (model.discriminator.reader, model.discriminator.critic.body):
        assert gradients(critic, part)
    assert not gradients(critic, model.discriminator.critic.head)
    generator = gradients(model.generator_losses(batch(data))["information"], model.generator)
    assert sum(g.abs().sum() for g in generator) > 0


def test_codes_are_put_back_where_they_were_read(built):
    model, _ = built(*SMALL)
    z, other = model.draw_latents(20), model.draw_latents(20)
    modes = model.prior.mode(model.prior.of(z))
    placed = model.prior.placed(modes, other)
    assert torch.equal(model.prior.of(placed), model.prior.of(z))
    assert torch.equal(placed[:, 12:], other[:, 12:])
    assert torch.equal(model.prior.placed(modes + 0.4, other)[:, :10], z[:, :10])  # the nearest class


def test_truncation_cuts_noise_and_numbers_and_keeps_categories(built):
    model, _ = built(*SMALL)
    model.truncate(0.3, passes=1)
    z = model.draw_latents(200)
    assert z[:, 10:].abs().max() <= 0.3
    assert z[:, 10:].abs().max() > 0.2
    assert torch.equal(z[:, :10].sum(1), torch.ones(200))
    assert model.codes().axes(3)[1].values.max() == 1  # of the training, which goes on as before
    assert model.prior.sample(200, 74, torch.device("cpu"))[:, 10:].abs().max() > 0.3


def test_codes_are_given_as_one_number_each(built):
    model, data = built(*SMALL)
    with model.evaluating("test"):
        codes, drawn = model.encode(batch(data).x), model.draw_codes(500)
        assert torch.equal(codes[:, 0], codes[:, 0].round())
    assert codes.shape == (16, 3)
    assert set(drawn[:, 0].tolist()) == set(range(10))
    assert drawn[:, 1:].abs().max() <= 1


def test_growing_networks_are_told_and_read_as_far_as_they_are(built):
    model, data = built("model=progressive_infogan", *GROWN)
    model.stages.advance(0)
    with model.evaluating("test"):
        codes = model.encode(batch(data).x)
        assert model.sample(2).shape == (2, 1, 8, 8)
        assert len(model.trajectory(2)) == 1
    assert (codes[:, :16] != 0).all()
    assert (codes[:, 16:] == 0).all()
    assert model.generator_losses(batch(data))["consistency"] == 0  # one scale has nothing to be consistent with
    for network in model.stages.networks:
        network.grow(1, 0.5)
    losses = model.generator_losses(batch(data))
    assert losses["consistency"] > 0
    assert losses.keys() == {"adversarial", "information", "consistency"}


@pytest.mark.parametrize(("experiment", "counted"), [("vanilla", [16, 16]), ("gradual_loss", [8, 16])])
def test_codes_weigh_as_the_mean_over_those_that_are_read(built, experiment, counted):
    size = "model.prior.parts.part.size=8"
    model, data = built(f"experiment=progressive_infogan/{experiment}", "data=digits", size, *GROWN)
    real = batch(data)
    for stage, active in enumerate(counted):
        for network in model.stages.networks:
            network.grow(stage, 1.0)
        torch.manual_seed(3)
        told = model.eval().generator_losses(real)["information"]
        torch.manual_seed(3)
        z = model.draw_latents(16)
        _, reading = model.logits_and_predictions(model.generate(z, real.y), real.y)
        bounds = list(model.codes().information(reading, z).values())
        assert model.discriminator.active == active
        assert torch.allclose(told, -10 * sum(bounds[: active // 8]) / active, atol=1e-5)


def test_without_information_there_are_no_codes_at_all(built):
    model, data = built("experiment=progressive_infogan/noinfo", "data=digits", *GROWN)
    assert model.latent_dim == model.generator.noise == 64
    assert model.discriminator.predictions == 0
    for losses in (model.critic_losses, model.generator_losses):
        assert losses(batch(data)).keys() == {"adversarial"}


def test_parts_that_do_not_fit_are_refused(built):
    with pytest.raises(UsageError, match=r"codes have 13 entries and the critic reads 12: change network\.discrim"):
        built(*SMALL, "model.prior.parts.style.size=3", "network.discriminator.codes=[10,2]")
    with pytest.raises(UsageError, match=r"needs a critic that reads codes: choose network=infogan"):
        built("model=infogan", "network=dcgan")
    with pytest.raises(UsageError, match="choose network=progressive_scales"):
        built(*SMALL, "+model.consistency={_target_: gen_models.losses.ScaleConsistency}")


def test_without_weight_biginfogan_is_biggan_with_the_same_latent(built):
    options = ["network.generator.width=2", "model.latent_dim=20"]
    model, _ = built("model=biginfogan", "model.information=0", *options)
    other, _ = built("model=biggan", *options)
    assert {name: p.shape for name, p in model.generator.named_parameters()} == {
        name: p.shape for name, p in other.generator.named_parameters()
    }
    assert [place.start for place in model.codes().places.values()] == [0, 10]

"""Facts of Child (2021), and figures of the authors' code, openai/vdvae ea35b49."""

import pytest
import torch

from gen_models import compose
from gen_models.core.batch import Batch
from gen_models.families import VDVAE
from gen_models.losses import LogisticMixture
from gen_models.networks import VDVAEDecoder, VDVAEEncoder
from gen_models.networks.autoencoders.vdvae import sides
from gen_models.run.build import build_model

SHAPE, WIDTH = (3, 8, 8), 8


@pytest.fixture
def model():
    """Five layers of two latents on sides of 1, 2, 4 and 8."""
    encoder = VDVAEEncoder(SHAPE, WIDTH, [2, 2, 2, 1], bottleneck=0.5)
    decoder = VDVAEDecoder(SHAPE, WIDTH, [1, 2, 1, 1], latent=2, bottleneck=0.5)
    return VDVAE(encoder, decoder, LogisticMixture(10), levels=256, optimizers={})


def still(model, n):
    return [[torch.zeros_like(each) for each in level] for level in model.decoder.noise(n)]


def fill(model):
    """Give every weight a number of its place."""
    with torch.no_grad():
        for number, weight in enumerate(model.parameters()):
            values = 0.4 * torch.sin(1.7 * torch.arange(weight.numel(), dtype=torch.float64) + number)
            weight.copy_(values.view(weight.shape))


def test_rates_and_distortion_are_those_of_the_authors(model):
    """vae.py with the same weights, posteriors' means and CIFAR-10's shift and scale; rows of out_conv in our order."""
    fill(model)
    model.centre.fill_(120.63838 / 127.5 - 1)
    model.spread.fill_(64.16736 / 127.5)
    x = (torch.arange(2 * 3 * 8 * 8) * 37 % 256).view(2, 8, 8, 3).movedim(-1, 1) / 127.5 - 1
    parameters, latents = model.infer(x, still(model, 2))
    rates = torch.stack([each.kl() for level in latents for each in level])
    expected = [[0.715242, 3.52111, 17.71635, 10.27942, 76.43548], [0.715261, 3.51849, 16.89603, 10.34174, 63.26606]]
    torch.testing.assert_close(rates.T, torch.tensor(expected), rtol=1e-5, atol=1e-5)
    distortion = -model.loss.log_prob(parameters, x, 256).mean() / 192
    assert distortion.item() == pytest.approx(6.415869, rel=2e-6)


def test_the_published_model_has_as_many_weights():
    model = build_model(compose(["experiment=vdvae/cifar10"]))
    networks = (model.encoder, model.decoder, model.readout)
    assert sum(weight.numel() for network in networks for weight in network.parameters()) == 39_145_700
    assert sum(len(level) for level in model.decoder.levels) == 43
    assert sum(len(level) for level in model.encoder.levels) == 33
    assert model.decoder.sides == [(1, 1), (4, 4), (8, 8), (16, 16), (32, 32)]


def test_priors_are_standard_normal_at_first(model):
    _, latents = model.infer(torch.rand(2, *SHAPE) * 2 - 1, model.decoder.noise(2))
    for each in (each for level in latents for each in level):
        assert not each.prior_mean.any()
        assert not each.prior_log_sigma.any()
        assert each.mean.any()


def test_a_prior_knows_the_latents_before_it_and_no_others(model):
    fill(model)
    x = torch.rand(2, *SHAPE) * 2 - 1
    noise = model.decoder.noise(2)
    noise[1][0].requires_grad_()  # of the second of five layers
    _, latents = model.infer(x, noise)
    told = []
    for each in (each for level in latents for each in level):
        found = torch.autograd.grad(each.prior_mean.sum(), noise[1][0], retain_graph=True, allow_unused=True)[0]
        told.append(found is not None and bool(found.any()))
    assert told == [False, False, True, True, True]


def test_layers_of_latents_lie_on_sides_from_one_place_to_the_picture(model):
    assert [each.shape for level in model.decoder.noise(3) for each in level] == [
        (3, 2, 1, 1),
        (3, 2, 2, 2),
        (3, 2, 4, 4),
        (3, 2, 4, 4),
        (3, 2, 8, 8),
    ]
    assert sides((1, 28, 20), 4) == [(28, 20), (14, 10), (7, 5), (1, 1)]
    for shape in ((1, 30, 28), (1, 4, 4)):
        with pytest.raises(ValueError, match="halve a picture 2 times"):
            sides(shape, 4)
    with pytest.raises(ValueError, match="take pictures"):
        sides((2,), 4)


@pytest.mark.parametrize("network", [VDVAEEncoder, VDVAEDecoder])
def test_a_side_without_blocks_is_refused(network):
    with pytest.raises(ValueError, match="leaves a side without any"):
        network(SHAPE, WIDTH, [0, 2, 2, 1])


def test_all_weights_learn(model):
    fill(model)
    x = torch.rand(2, *SHAPE) * 2 - 1
    y = torch.zeros(2, dtype=torch.long)
    sum(model.losses(Batch(x, y, y)).values()).backward()
    assert all(weight.grad is not None and weight.grad.any() for weight in model.parameters())

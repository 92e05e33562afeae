"""Facts of InfoGAN's networks for MNIST: Chen et al. (2016), appendix C.1, and the authors' code."""

import pytest
import torch
from torch import nn

from gen_models.networks.critics.heads import Critic
from gen_models.networks.critics.recognition import ReadingCritic
from gen_models.networks.gan.infogan import InfoGANBody, InfoGANGenerator
from gen_models.run.build import build_model

SHAPE = (1, 28, 28)


def count(net):
    return sum(p.numel() for p in net.parameters())


@pytest.fixture
def critic():
    torch.manual_seed(0)
    return ReadingCritic(Critic(InfoGANBody(SHAPE)), codes=[10, 2], std=0.02)


def test_the_networks_have_the_published_layers(critic):
    """Counted in regularized_gan.py, without the biases that batch norm cancels and the deviations that are fixed."""
    dense, convolutions = 74 * 1024 + 1024 * 6272, 128 * 64 * 16 + 64 * 16 + 1
    assert count(InfoGANGenerator(SHAPE, 74)) == dense + convolutions + 2 * (1024 + 6272 + 64)
    assert count(critic.critic.body) == 64 * 16 + 64 + 128 * 64 * 16 + 6272 * 1024 + 2 * (128 + 1024)
    assert count(critic.critic.head) + count(critic.reader) == 1025 + 1024 * 128 + 2 * 128 + 128 * 12 + 12


def test_black_is_nothing_and_the_generator_gives_probabilities(critic):
    seen = []
    critic.critic.body.first.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0]))
    critic(torch.tensor([-1.0, 1.0]).view(2, 1, 1, 1).expand(2, *SHAPE))
    assert [float(picture.unique()) for picture in seen[0]] == [0, 1]
    generator, z = InfoGANGenerator(SHAPE, 74).eval(), torch.randn(8, 74)
    assert isinstance(generator.layers[-1], nn.Sigmoid)
    assert torch.equal(generator(z), 2 * generator.layers(z) - 1)


def test_weights_start_as_the_authors_do(critic):
    for net in (critic, InfoGANGenerator(SHAPE, 74)):
        for layer in net.modules():
            if isinstance(layer, nn.Linear | nn.ConvTranspose2d):
                assert layer.weight.std().item() == pytest.approx(0.02, rel=0.1)
            if isinstance(layer, nn.Conv2d):
                assert layer.weight.abs().max() <= 0.04  # a truncated normal
            if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
                assert layer.weight.mean().item() == pytest.approx(1, abs=0.01)
                assert 0 < layer.weight.std() < 0.03
            if getattr(layer, "bias", None) is not None:
                assert not layer.bias.any()


def test_the_recipe_is_the_authors(compose_job):
    cfg = compose_job("experiment=infogan/mnist", "data=digits", "data.batch_size=128")
    cfg.spec = {"shape": [1, 28, 28], "levels": 256, "num_classes": 10, "num_train": 60_000}
    model = build_model(cfg)
    assert cfg.turns * cfg.data.batch_size == 640_000  # 10.7 passes: 50 "epochs" of 100 updates of 128
    assert model.prior.size == model.discriminator.predictions == 12
    assert isinstance(model.discriminator.critic.body, InfoGANBody)
    with pytest.raises(ValueError, match=r"a multiple of 4, not \[1, 30, 30\]: change data.size"):
        InfoGANBody((1, 30, 30))

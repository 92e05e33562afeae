import pytest
import torch
from torch import nn

from gen_models.networks.critics.heads import ProjectionCritic
from gen_models.networks.gan import biggan
from gen_models.networks.gan.biggan import BigGANBody, BigGANGenerator, body_channels, chunk_size
from tests.waves import digest, fill, settle, waves


def count(net):
    return sum(p.numel() for p in net.parameters())


def test_the_networks_for_imagenet_have_the_published_sizes(monkeypatch):
    """70.4 and 88.0 million at 128 pixels (appendix B)."""
    for slow in ("orthogonal", "normalise_spectrally"):
        monkeypatch.setattr(biggan, slow, lambda net: None)
    with torch.device("meta"):
        generator = BigGANGenerator((3, 128, 128), 120, 96, 1000)
        critic = ProjectionCritic(BigGANBody((3, 128, 128), 96), 1000)
    assert (count(generator), count(critic)) == (pytest.approx(70.4e6, rel=1e-3), pytest.approx(88.0e6, rel=1e-3))


@pytest.mark.parametrize(
    ("side", "multiples", "halvings"),
    [(8, [4, 4, 4], 1), (16, [4, 4, 4], 1), (32, [4, 4, 4, 4], 2), (64, [1, 2, 4, 8, 16], 4)],
)
def test_small_images_follow_the_rule_for_32(side, multiples, halvings):
    assert body_channels((3, side, side), 1) == (multiples, halvings)


def test_each_chunk_of_the_latent_reaches_its_own_block():
    generator = BigGANGenerator((1, 16, 16), 6, width=2, classes=3, embedding=4).eval()
    heard = []
    for stage in generator.ascent.stages:
        stage.norm1.register_forward_hook(lambda _, args, __: heard.append(args[1]))
    z, y = torch.randn(5, 6), torch.tensor([0, 1, 2, 0, 1])
    generator(z, y)
    for chunk, condition in zip((z[:, 2:4], z[:, 4:]), heard, strict=True):
        assert torch.equal(condition, torch.cat([generator.embed(y), chunk], 1))
    a, b = generator(z[:1].expand(2, 6), torch.tensor([0, 1]))
    assert not torch.allclose(a, b)


def test_a_latent_that_cannot_be_cut_is_refused_with_the_nearest_that_can():
    with pytest.raises(
        ValueError, match=r"4 equal chunks .* 102 is no multiple of 4: use model.latent_dim=100 or 104\."
    ):
        BigGANGenerator((1, 32, 32), 102)
    with pytest.raises(ValueError, match=r"latent_dim=4\."):
        chunk_size(3, 4)
    with pytest.raises(ValueError, match="at most 512 pixels, not 1024"):
        BigGANBody((3, 1024, 1024))


def test_weights_start_orthogonal_and_spectrally_normalised():
    generator = BigGANGenerator((1, 16, 16), 6, width=4)
    weights = [layer.weight for layer in generator.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    for weight in weights:
        singular = torch.linalg.svdvals(weight.detach().flatten(1))
        torch.testing.assert_close(singular, torch.ones_like(singular), atol=1e-3, rtol=0)
    assert len(weights) == 1 + 2 * (3 + 4) + 1 + 4


@torch.no_grad()
def test_pictures_and_logits_are_those_of_the_authors_program():
    """Chunks of the latent, a shared embedding, attention and spectral normalisation; projection on classes."""
    generator = BigGANGenerator((3, 64, 64), 10, width=2, classes=3, embedding=3, attention=32)
    critic = ProjectionCritic(BigGANBody((3, 32, 32), width=2, attention=None), classes=3, spectral=True)
    for network in (generator, critic):
        fill(network)
        settle(network)
    generator.ascent.attentions[3].gamma.fill_(0.5)
    y = torch.arange(6) % 3
    # source: ajbrock/BigGAN-PyTorch 9845943, BigGAN.py: Generator (hier) and Discriminator
    expected = [0.158438, 0.310118, 0.400391, 0.181184, 0.485936, 0.697172]
    assert digest(generator(waves(6, 10, shift=0.25), y)) == pytest.approx(expected, abs=1e-4)
    expected = [-13.375835, -18.686789, -1.481886, -10.836899, 13.012972, -12.702761]
    assert digest(critic(waves(6, 3, 32, 32, shift=0.25), y)) == pytest.approx(expected, abs=1e-3)

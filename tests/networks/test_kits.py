"""What every file of conf/network promises, found by their names."""

from functools import cache

import pytest
import torch
from hydra import compose, initialize_config_dir
from hydra.errors import InstantiationException
from hydra.utils import instantiate
from omegaconf import OmegaConf

from gen_models.networks.denoisers.base import Denoiser
from gen_models.networks.gan.growing import Growing
from tests.conftest import CONF

KITS = sorted(path.stem for path in CONF.glob("network/*.yaml") if "generator" in OmegaConf.load(path))
DENOISING = sorted(path.stem for path in CONF.glob("network/*.yaml") if "denoiser" in OmegaConf.load(path))
SUMS = ("r3gan", "stylegan2")
"""Pictures are sums without a bound, as published; what lies beyond [-1, 1] is cut off a sample."""
GUESSING = ("dcgan_classifier", "progressive_classifier")
CODES = {
    "parts": {"finest": 64, "part": {"size": 4}, "class": {"size": 10}, "style": {"size": 2}, "code": {"size": 60}}
}
FAST = {(1, 8, 8): (0, 10), (1, 28, 28): (0,), (3, 32, 32): (10,)}
"""Shapes, and the numbers of classes that the fast suite tries there: neither asks anything of the other."""
CASES = [
    pytest.param(
        shape, classes, marks=() if classes in FAST.get(shape, ()) else pytest.mark.slow, id=f"{shape}-{classes}"
    )
    for shape in (*FAST, (3, 16, 16))
    for classes in (0, 10)
]


@cache
def composed(kit, classes):
    told = "denoiser" if kit in DENOISING else "generator"
    with initialize_config_dir(str(CONF / "network"), version_base="1.3"):
        return compose(kit, [f"{told}.classes={classes}"])


def build(kit, role, shape, classes):
    """Instantiate a role of a kit as a run would, unconditional or told the classes."""
    network = composed(kit, classes)
    spec = {"shape": list(shape), "levels": 256, "num_classes": classes, "num_train": 1}
    cfg = OmegaConf.create({"network": network, "spec": spec, "model": {"latent_dim": 120, "prior": CODES}})
    return instantiate(cfg.network[role], _convert_="all")


@pytest.mark.parametrize(("shape", "classes"), CASES)
@pytest.mark.parametrize("kit", KITS)
def test_the_generator_makes_what_its_critic_scores_whatever_the_data(kit, shape, classes):
    if kit in GUESSING and not classes:
        with pytest.raises(InstantiationException, match="needs data with classes"):
            build(kit, "discriminator", shape, classes)
        return
    generator, critic = (build(kit, role, shape, classes) for role in ("generator", "discriminator"))
    assert generator.classes == critic.classes == classes
    y = torch.tensor([0, 7, 7]) if classes else torch.zeros(3, dtype=torch.int64)
    x = generator(torch.randn(3, 120), y)
    logits = critic(x, y)
    x = generator.shown(x) if isinstance(generator, Growing) else x
    assert x.shape == (3, *shape)
    assert kit in SUMS or x.abs().max() <= 1
    assert logits.shape == (3,)
    logits.sum().backward()
    named = [pair for net in (generator, critic) for pair in net.named_parameters()]
    unused = [name for name, p in named if p.grad is None]
    # Heads that guess, and those of earlier stages.
    assert all("classif" in name or "reader" in name or "_rgb" in name for name in unused)


@pytest.mark.parametrize("kit", [kit for kit in KITS if kit not in GUESSING])
def test_a_conditional_kit_wants_the_class(kit):
    generator, critic = (build(kit, role, (1, 8, 8), 10) for role in ("generator", "discriminator"))
    for call in (lambda: generator(torch.randn(2, 120)), lambda: critic(torch.randn(2, 1, 8, 8))):
        with pytest.raises(ValueError, match="needs the classes y"):
            call()


@pytest.mark.parametrize("kit", ["mlp", "dcgan", "resnet"])
def test_an_autoencoder_can_use_it(kit):
    features = build(kit, "encoder", (1, 8, 8), 0)(torch.randn(2, 1, 8, 8))
    assert features.ndim == 2
    assert build(kit, "decoder", (1, 8, 8), 0)(torch.randn(2, 120)).shape == (2, 1, 8, 8)


@torch.no_grad()
@pytest.mark.parametrize("classes", [0, 10])
@pytest.mark.parametrize("kit", DENOISING)
def test_the_denoiser_of_a_kit_predicts_nothing_at_first_told_classes_or_not(kit, classes):
    denoiser = build(kit, "denoiser", (1, 8, 8), classes).eval()
    assert isinstance(denoiser, Denoiser)
    assert denoiser.classes == classes
    x = torch.randn(3, *((120,) if kit == "latent" else (1, 8, 8)))  # codes, or pictures
    noise = torch.rand(3) if denoiser.times == 1 else torch.rand(3, denoiser.times)
    y = torch.tensor([0, classes, classes])
    found = denoiser(x.repeat_interleave(denoiser.inputs, dim=1), noise, y)
    assert torch.equal(found, torch.zeros_like(x))

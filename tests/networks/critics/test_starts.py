"""Initial weights of whole critics and encoders: a layer on a body's features starts as the body's own layers."""

import ast
from pathlib import Path

import pytest
import torch
from torch import nn

import gen_models
from gen_models.networks import (
    BigGANBody,
    BigGANDeepBody,
    ClassifyingCritic,
    Critic,
    DCGANBody,
    InfoGANBody,
    MaxoutBody,
    MLPBody,
    PackedBody,
    ProjectionCritic,
    R3GANBody,
    ReadingCritic,
    ResNetBody,
    ResNetGenerator,
    SNDCGANBody,
    TanhBody,
    VAEGANEncoder,
)

SHAPE = (1, 16, 16)


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


@pytest.mark.parametrize("spectral", [False, True])
@pytest.mark.parametrize("body", [BigGANBody, BigGANDeepBody])
def test_every_weight_of_biggans_critics_starts_orthogonal(body, spectral):
    """As in the authors' `D.init_weights`, which goes through the linear layer and the embedding too."""
    critic = ProjectionCritic(body(SHAPE, width=4), classes=3, spectral=spectral)
    layers = [layer for layer in critic.modules() if isinstance(layer, nn.Conv2d | nn.Linear | nn.Embedding)]
    assert {critic.head, critic.embed} < set(layers)
    for layer in layers:
        singular = torch.linalg.svdvals(layer.weight.detach().flatten(1))
        torch.testing.assert_close(singular, torch.ones_like(singular), atol=1e-3, rtol=0)


@pytest.mark.parametrize("spectral", [False, True])
@pytest.mark.parametrize("start", ["glorot", "orthogonal", "normal"])
def test_every_weight_of_a_residual_game_starts_as_its_recipe_says(start, spectral):
    """POSTECH-CVLab/PyTorch-StudioGAN, ops.py: init_weights, "ortho"; ajbrock/BigGAN-PyTorch, BigGAN.py: "N02"."""
    critic = ProjectionCritic(ResNetBody(SHAPE, width=64, attention=8, start=start), classes=40, spectral=spectral)
    generator = ResNetGenerator(SHAPE, 64, width=64, classes=40, attention=8, spectral=spectral, start=start)
    kinds = (nn.Conv2d, nn.Linear, nn.Embedding)
    layers = [layer for net in (critic, generator) for layer in net.modules() if isinstance(layer, kinds)]
    assert {critic.head, critic.embed, generator.ascent.project} < set(layers)
    assert sum(isinstance(layer, nn.Embedding) for layer in layers) > 1
    for layer in layers:
        original = layer.parametrizations.weight.original if hasattr(layer, "parametrizations") else layer.weight
        weight = original.detach().flatten(1)
        if start == "orthogonal":
            singular = torch.linalg.svdvals(weight)
            torch.testing.assert_close(singular, torch.ones_like(singular), atol=1e-3, rtol=0)
        elif start == "normal":
            assert weight.std().item() == pytest.approx(0.02, rel=5 / weight.numel() ** 0.5)
        elif isinstance(layer, nn.Embedding) and layer is not critic.embed:
            assert not weight.any()
        else:
            fans = sum(nn.init._calculate_fan_in_and_fan_out(original))
            found = weight.std().item() * (fans / 2) ** 0.5
            assert min(abs(found - 1), abs(found - 2**0.5)) < 5 / weight.numel() ** 0.5
        if getattr(layer, "bias", None) is not None:
            assert not layer.bias.any()


@pytest.mark.parametrize("wide", [False, True])
def test_class_vectors_of_sngan_and_sagan_start_by_glorot(wide):
    """pfnet-research/sngan_projection: GlorotUniform of `l_y`; SAGAN's embedding: xavier, by the same two sizes."""
    critic = ProjectionCritic(ResNetBody(SHAPE, width=64, limit=128, wide=wide), classes=40)
    reach = (6 / (40 + critic.body.num_features)) ** 0.5
    assert critic.embed.weight.requires_grad
    assert reach * 0.99 < critic.embed.weight.abs().max().item() <= reach
    assert critic.embed.weight.std().item() == pytest.approx(reach / 3**0.5, rel=0.03)


BODIES = {
    "dcgan": (lambda: DCGANBody(SHAPE, 32), "normal", 0.02),
    "he": (lambda: DCGANBody(SHAPE, 32, start="he"), "glorot", None),
    "sndcgan": (lambda: SNDCGANBody(SHAPE, 32), "normal", 0.02),
    "infogan": (lambda: InfoGANBody(SHAPE, 8, 256), "normal", 0.02),
    "maxout": (lambda: MaxoutBody(SHAPE), "uniform", 0.005),
    "packed": (lambda: PackedBody(lambda shape: SNDCGANBody(shape, 32), SHAPE), "normal", 0.02),
    "r3gan": (lambda: R3GANBody(SHAPE, 16, 4, full=8), "fan-in", 1.0),
    "tanh": (lambda: TanhBody(SHAPE), "glorot", None),
    "vaegan": (lambda: VAEGANEncoder(SHAPE, [8, 8], 256), "fan-in", 1 / 3),
    "mlp": (lambda: MLPBody(SHAPE), "fan-in", 1 / 3**0.5),
}


def expected_std(layer, kind, scale):
    outputs, inputs = layer.weight.shape
    by_kind = {"normal": scale, "uniform": scale and scale / 3**0.5, "fan-in": scale and scale / inputs**0.5}
    return by_kind.get(kind, (2 / (inputs + outputs)) ** 0.5)


@pytest.mark.parametrize("name", BODIES)
def test_a_layer_on_features_starts_as_the_body_says_whoever_makes_it(name):
    make, kind, scale = BODIES[name]
    body = make()
    layers = [body.readout(64), body.readout(64, bias=False), Critic(make()).head, ProjectionCritic(make(), 64).embed]
    layers.append(ReadingCritic(Critic(make()), [2], hidden=64).reader[0])
    if not body.classes:
        layers.append(ClassifyingCritic(make(), 64).classifier)
    for layer in layers:
        count = layer.weight.numel()
        assert layer.weight.std().item() == pytest.approx(expected_std(layer, kind, scale), rel=4 / count**0.5), layer
        if name not in ("mlp", "dcgan") and getattr(layer, "bias", None) is not None:
            assert not layer.bias.any()


def test_layers_on_features_are_made_by_the_body():
    """Who makes one by hand leaves it at torch's start; equalised layers and cells of a recurrence start by a rule."""
    found = set()
    for path in Path(gen_models.__file__).parent.rglob("*.py"):
        for call in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)):
            if any(getattr(part, "attr", "") == "num_features" for each in call.args for part in ast.walk(each)):
                found.add((path.name, ast.unparse(call.func)))
    allowed = {"EqualisedLinear", "StyleLinear", "LearnedStartLSTMCell"}
    assert {each for each in found if each[1] not in allowed} == {("heads.py", "nn.Linear")}

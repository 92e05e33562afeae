"""A small classifier trained on the labels of the very data that it then judges."""

import hashlib
import logging
import math
from dataclasses import dataclass
from itertools import chain
from typing import ClassVar

import safetensors.torch
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from gen_models.bounds import Positive
from gen_models.data.interface import Items, batches, classes_of
from gen_models.errors import UsageError
from gen_models.metrics.cache import Tensors, cached, digest
from gen_models.metrics.extractors import Extractor, to_bytes
from gen_models.metrics.precision import whole
from gen_models.randomness import isolated
from gen_models.waiting import awaited

BATCH = 128
log = logging.getLogger(__name__)


class Convnet(nn.Module):
    """Strided convolutions down to 4x4, a hidden layer of 128, and a linear head.

    Args:
        shape: (C, H, W) of the images.
        num_classes: The number K of logits.
    """

    def __init__(self, shape: tuple[int, ...], num_classes: int) -> None:
        super().__init__()
        channels, *sides = shape
        halvings = max(1, round(math.log2(min(sides) / 4)))
        widths = [32, 64, *[128] * (halvings - 1)]
        layers: list[nn.Module] = [nn.Conv2d(channels, widths[0], 3, padding=1), nn.ReLU()]
        for i in range(halvings):
            convolution = nn.Conv2d(widths[i], widths[i + 1], 3, stride=2, padding=1)
            layers += [convolution, nn.BatchNorm2d(widths[i + 1]), nn.ReLU()]
        hidden = [nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(16 * widths[-1], 128), nn.ReLU()]
        self.body = nn.Sequential(*layers, *hidden)
        self.head = nn.Linear(128, num_classes)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Features (B, 128) and logits (B, K) of images (B, C, H, W) in [-1, 1]."""
        features = self.body(images)
        return features, self.head(features)


class TrainedClassifier(Extractor):
    """A `Convnet` as an extractor.

    Args:
        network: The trained network.
        channels: Of the images.
        name: As printed in a record's label.
        accuracy: On the held-out items, if any; a figure by a poor classifier means little, so the protocol carries it.
    """

    def __init__(self, network: Convnet, channels: int, name: str, accuracy: float | None) -> None:
        weights = hashlib.sha256(safetensors.torch.save(network.state_dict())).hexdigest()[:12]
        protocol = {"weights": weights, "accuracy": None if accuracy is None else round(accuracy, 4)}
        super().__init__(name, network, protocol)
        self.channels = channels

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Features (B, 128) and logits (B, K)."""
        return self.network(to_bytes(images, self.channels) / 127.5 - 1)


@dataclass(frozen=True)
class Classifier:
    """How a `TrainedClassifier` is made: trained on first use and kept in the cache by items and labels.

    Args:
        data: The name of the data, for the label of records.
        epochs: Passes over the training items.
        seed: Of the initial weights and of the order of items.
    """

    data: str = "the data"
    epochs: Positive = 3
    seed: int = 0
    has_logits: ClassVar[bool] = True
    wants_images: ClassVar[bool] = True

    @property
    def name(self) -> str:
        """As printed in a record's label."""
        return f"classifier of {self.data}"

    def prepare(
        self, train: Items, test: Items, fingerprint: str, cache: str | None, device: torch.device
    ) -> TrainedClassifier:
        """The classifier of this data.

        Raises:
            UsageError: If the data are no images, or have no classes.
        """
        shape, labels = _shape(train), classes_of(train)
        if (num_classes := 1 + int(labels.max())) < 2:
            raise UsageError("metrics=classifier needs data with at least two classes: choose metrics=lite0.")

        def make() -> Tensors:
            return train_classifier(train, num_classes, shape, self.seed, self.epochs, device).state_dict()

        key = digest(fingerprint, labelling(labels), self.epochs, self.seed)
        state = dict(cached(cache, f"classifier-{key}", make))
        state.pop("accuracy", None)  # which earlier versions kept beside the weights
        with torch.random.fork_rng(devices=[]):  # for initial weights that are not used
            network = Convnet(shape, len(state["head.bias"]))
        network.load_state_dict(state)
        accuracy = _accuracy(network.eval().to(device), test, device, cache, key) if len(test) else None
        return TrainedClassifier(network, shape[0], self.name, accuracy).to(device)


def _accuracy(network: Convnet, items: Items, device: torch.device, cache: str | None, key: str) -> float:
    """The share of held-out items whose class it tells, looked up where it was asked for these before."""
    key = digest(key, labelling(classes_of(items)))
    found = cached(cache, f"accuracy-{key}", lambda: {"accuracy": accuracy_of(network, items, device)})
    return found["accuracy"].item()


def train_classifier(
    items: Items, num_classes: int, shape: tuple[int, ...], seed: int, epochs: int, device: torch.device
) -> Convnet:
    """A `Convnet` fitted to the labels by AdamW under one cycle of the learning rate."""
    log.info("Training a classifier on %s images for the metrics; it is kept for later runs.", f"{len(items):,}")
    # Metrics are called where Lightning has gradients switched off, and under autocast, which would keep old weights.
    with isolated("classifier", seed), torch.inference_mode(False), torch.enable_grad(), whole(device):
        network = Convnet(shape, num_classes).to(device)
        optimizer = torch.optim.AdamW(network.parameters())
        turns = epochs * math.ceil(len(items) / BATCH)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3e-3, total_steps=turns)
        passes = (batches(items, torch.randperm(len(items)), BATCH) for _ in range(epochs))
        for x, y in awaited(chain.from_iterable(passes), "training the classifier that judges", turns):
            _, logits = network(x.to(device))
            optimizer.zero_grad()
            cross_entropy(logits, y.to(device)).backward()
            optimizer.step()
            schedule.step()
    return network.eval()


def _shape(items: Items) -> tuple[int, ...]:
    x, _ = next(batches(items, torch.arange(1), 1))
    if x.dim() != 4:
        raise UsageError("metrics=classifier needs images, and these data are points: choose metrics=data_space.")
    return tuple(x.shape[1:])


def labelling(labels: Tensor) -> str:
    """An id of classes (N,), for what depends on them and not on the items alone."""
    return digest(labels.tolist())


@torch.no_grad()
def accuracy_of(network: Convnet, items: Items, device: torch.device) -> Tensor:
    """Share of the items whose class the network tells."""
    with whole(device):
        hits = [
            network(x.to(device))[1].argmax(1).eq(y.to(device))
            for x, y in batches(items, torch.arange(len(items)), 1000)
        ]
    return torch.cat(hits).float().mean()

"""The training items that samples are nearest to."""

import torch
from torch import Tensor

from gen_models.analysis.subject import Subject
from gen_models.errors import UsageError
from gen_models.metrics.memorisation import nearest

MOST = 20_000
"""Training items that are searched."""


def neighbour_rows(subject: Subject, count: int) -> Tensor:
    """A row for each sample: itself, its `count` nearest items in pixels, then as many in the extractor's features.

    Returns:
        (n · (1 + 2 · count), *shape) in [-1, 1].

    Raises:
        UsageError: There are fewer items than that.
    """
    training, _ = subject.real(MOST, held_out=False)
    if count > len(training):
        raise UsageError(f"{count} neighbours are asked for, among {len(training)} training items: lower --count.")
    samples = subject.samples
    _, in_pixels = nearest(samples.flatten(1), training.flatten(1), count)
    _, in_features = nearest(subject.features(samples).x, subject.features(training).x, count)
    return torch.cat([samples[:, None], training[in_pixels], training[in_features.cpu()]], 1).flatten(0, 1)

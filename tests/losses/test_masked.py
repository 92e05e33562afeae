"""Cross-entropy of hidden tokens: a mean over those alone, whatever the others are, and then over samples."""

import math

import pytest
import torch

from gen_models.losses.masked import hidden_cross_entropy
from tests.waves import waves


def test_samples_count_alike_and_tokens_that_are_not_hidden_not_at_all():
    """source: google-research/maskgit 1db2359, maskgit/libml/losses.py: weighted_sequence_cross_entropy_loss."""
    logits, tokens = 3 * waves(2, 5, 2, 3), torch.tensor([[[0, 1, 2], [3, 4, 0]], [[1, 1, 2], [0, 4, 3]]])
    hidden = torch.tensor([[[1, 0, 0], [0, 0, 0]], [[0, 1, 1], [1, 1, 0]]], dtype=torch.bool)
    for smoothing, expected in ((0.0, 1.2787788), (0.1, 1.3983755)):
        assert hidden_cross_entropy(logits, tokens, hidden, smoothing).item() == pytest.approx(expected, abs=1e-6)
    tokens[~hidden] = 0
    assert hidden_cross_entropy(logits, tokens, hidden).item() == pytest.approx(1.2787788, abs=1e-6)


def test_knowing_nothing_costs_the_logarithm_of_the_codes_smoothed_or_not():
    tokens, hidden = torch.randint(8, (2, 3, 3)), torch.ones(2, 3, 3, dtype=torch.bool)
    for smoothing in (0.0, 0.1):
        found = hidden_cross_entropy(torch.zeros(2, 8, 3, 3), tokens, hidden, smoothing)
        assert found.item() == pytest.approx(math.log(8))

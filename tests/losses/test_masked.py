"""Cross-entropy of hidden tokens: a mean over those alone, whatever the others are."""

import math

import pytest
import torch

from gen_models.losses.masked import hidden_cross_entropy


def test_hidden_tokens_count_alike_and_the_others_not_at_all():
    logits, tokens = torch.randn(2, 5, 3, 3), torch.randint(5, (2, 3, 3))
    hidden = torch.zeros(2, 3, 3, dtype=torch.bool)
    hidden[0, 0, 0] = hidden[1, 2, :2] = True
    expected = -torch.stack([logits.log_softmax(1)[b, tokens[b, i, j], i, j] for b, i, j in hidden.nonzero()]).mean()
    assert torch.isclose(hidden_cross_entropy(logits, tokens, hidden), expected)
    tokens[~hidden] = 0
    assert torch.isclose(hidden_cross_entropy(logits, tokens, hidden), expected)


def test_knowing_nothing_costs_the_logarithm_of_the_codes_smoothed_or_not():
    tokens, hidden = torch.randint(8, (2, 3, 3)), torch.ones(2, 3, 3, dtype=torch.bool)
    for smoothing in (0.0, 0.1):
        found = hidden_cross_entropy(torch.zeros(2, 8, 3, 3), tokens, hidden, smoothing)
        assert found.item() == pytest.approx(math.log(8))

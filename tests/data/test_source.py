from collections import Counter

import numpy as np
import pytest
import torch

from gen_models.data.digits import Digits
from gen_models.data.idx import Idx
from gen_models.data.toys import Toy2D
from gen_models.errors import UsageError


def test_digits_are_split_without_overlap_and_span_the_range():
    source = Digits()
    assert source.spec.items() >= {"shape": [1, 8, 8], "levels": 17, "num_classes": 10, "num_train": 1497}.items()
    assert len(source.test) == 300
    train, _ = source.train.gather(range(1497))
    test, labels = source.test.gather(range(300))
    assert (train.min(), train.max()) == (0, 255)
    assert len(Counter(labels.tolist())) == 10
    whole = np.concatenate([train.flatten(1), test.flatten(1)])
    assert len(np.unique(whole, axis=0)) == 1797  # all digits differ, so none was used twice


def test_limit_keeps_the_first_items_and_changes_the_fingerprint():
    whole, part = Digits(), Digits(limit=5)
    assert part.spec["num_train"] == 5
    assert torch.equal(part.train.gather([4])[0], whole.train.gather([4])[0])
    assert len(part.test) == 300
    assert part.fingerprint != whole.fingerprint
    assert Digits(batch_size=7).fingerprint == whole.fingerprint


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda: Toy2D(kind="rings"), "two_rings"),
        (lambda: Toy2D(kind="ring", noise=0.3), "noise"),
        (lambda: Idx(name="mnists"), "kmnist"),
        (lambda: Idx(name="mnist", size=20), "28"),
    ],
)
def test_unknown_choices_name_those_that_exist(make, names):
    with pytest.raises(UsageError, match=names):
        make()

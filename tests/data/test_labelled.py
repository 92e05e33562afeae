import pickle
from collections import Counter

import numpy as np
import pytest
import torch

from gen_models.data.digits import Digits
from gen_models.data.labelled import balanced
from gen_models.data.toys import Toy2D
from gen_models.errors import UsageError


def shown(source):
    return source.train.gather(range(len(source.train)))


def test_so_many_items_keep_their_true_label_evenly_and_fill_their_share():
    whole, few = Digits(), Digits(labelled=100, share=0.5)
    (x, y), (seen, labels) = shown(whole), shown(few)
    kept = labels[: len(y)] >= 0
    assert torch.equal(seen[: len(y)], x)  # at their own positions
    assert torch.equal(labels[: len(y)][kept], y[kept])
    assert Counter(y[kept].tolist()) == dict.fromkeys(range(10), 10)
    assert (labels >= 0).float().mean() == pytest.approx(0.5, abs=1e-3)
    again = Counter(pixels.numpy().tobytes() for pixels, label in zip(seen, labels, strict=True) if label >= 0)
    assert len(again) == 100
    assert max(again.values()) - min(again.values()) <= 1
    assert torch.equal(shown(whole)[1], y)  # hidden in the view alone


def test_nothing_is_repeated_where_the_share_is_there_already():
    assert len(Digits(labelled=100, share=0).train) == 1497
    assert len(Digits(labelled=1497, share=0.5).train) == 1497


def test_a_class_that_runs_out_leaves_its_labels_to_the_others():
    y = np.array([0] * 20 + [1] * 2)
    assert Counter(y[balanced(y, 8)].tolist()) == {0: 6, 1: 2}
    assert np.array_equal(balanced(y, 8), balanced(y, 8))


def test_it_travels_to_loader_processes_and_has_a_fingerprint_of_its_own():
    few = Digits(labelled=30)
    x, y = pickle.loads(pickle.dumps(few.train)).gather([0, 1700])
    expected = few.train.gather([0, 1700])
    assert torch.equal(x, expected[0])
    assert torch.equal(y, expected[1])
    sources = [Digits(), few, Digits(labelled=31), Digits(labelled=30, share=0.4)]
    assert len({source.fingerprint for source in sources}) == 4
    assert Digits(share=0.4).fingerprint == Digits().fingerprint


def test_models_that_are_told_the_class_find_none():
    spec = Digits(labelled=30).spec
    assert (spec["num_classes"], spec["num_labels"]) == (0, 10)


def test_more_labels_than_items_are_refused_by_name():
    with pytest.raises(UsageError, match=r"data\.labelled"):
        _ = Digits(labelled=2000).train


def test_data_without_classes_have_no_labels():
    source = Toy2D(kind="swiss_roll", count=10)
    source.labelled = 5
    with pytest.raises(UsageError, match="needs data with classes"):
        _ = source.train

import numpy as np
import pytest
import torch

from gen_models.core.stream import Chain, Turn
from gen_models.data.binary import binarised
from gen_models.data.digits import Digits
from gen_models.data.items import ArrayItems
from gen_models.data.stacked import Stacked
from gen_models.errors import UsageError


def test_pixels_are_black_or_white_with_the_probability_of_their_grey():
    grey = ArrayItems(np.full((4000, 2, 2, 1), 64, np.uint8), np.zeros(4000, np.int64))
    drawn = binarised(grey, seed=0)
    assert set(np.unique(drawn.x)) == {0, 255}
    assert abs(drawn.x.mean() / 255 - 64 / 255) < 0.01
    assert (binarised(grey, seed=0).x == drawn.x).all()
    assert (binarised(grey, seed=1).x != drawn.x).any()


def test_binary_digits_say_how_many_levels_they_have():
    assert Digits(binary=True).spec["levels"] == 2
    assert Digits().spec["levels"] == 17
    assert Digits(binary=True).fingerprint != Digits().fingerprint


def test_training_pixels_are_drawn_anew_in_every_turn_and_held_out_ones_once():
    source = Digits(binary="anew", validation_count=300)
    stream = Chain(source.train, seed=1, redraw=source.redrawn)
    turns = [stream[Turn(number, 0, 8)] for number in range(200)]
    assert torch.equal(turns[3].x, stream[Turn(3, 0, 8)].x), "a turn decides its draws, so that a run can be continued"
    grey, _ = Digits(validation_count=300).train.gather(turns[0].index.tolist())
    shown = torch.stack([turn.x for turn in turns]).double()
    assert shown.unique().tolist() == [0, 255]
    assert (shown.mean(0) - grey).abs().max() / 255 < 5 * 0.5 / 200**0.5, "five standard errors"
    fixed = Digits(binary=True, validation_count=300)
    for split in ("train", "validation", "test"):
        assert (source.part(split).x == fixed.part(split).x).all()
    assert source.fingerprint != fixed.fingerprint
    assert source.spec == fixed.spec


def test_limit_and_labels_hold_for_pixels_that_are_drawn_anew():
    source = Digits(binary="anew", limit=100, labelled=10)
    assert len(source.reference) == 100
    assert set(source.train.gather(range(100))[1].tolist()) == {-1, *range(10)}
    assert len(source.train.gather(range(100))[0].unique()) > 2


def test_what_is_stacked_is_drawn_once():
    with pytest.raises(UsageError, match="binary=anew would be ignored"):
        _ = Stacked(Digits(binary="anew")).splits

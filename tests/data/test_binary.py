import numpy as np

from gen_models.data.binary import binarised
from gen_models.data.digits import Digits
from gen_models.data.items import ArrayItems


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

"""What a Python program gives as data."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import Dataset

from gen_models.api.given import held
from gen_models.errors import UsageError


class Pictures(Dataset):
    def __init__(self, *pictures):
        self.pictures = pictures

    def __len__(self):
        return len(self.pictures)

    def __getitem__(self, position):
        return self.pictures[position], position


def test_what_is_transparent_is_white_whatever_colour_it_hides():
    hidden = Image.new("RGBA", (2, 2), (255, 0, 0, 0))
    indexed = hidden.convert("P")
    indexed.info["transparency"] = indexed.getpixel((0, 0))
    arrays = held(Pictures(hidden, indexed, Image.new("RGB", (2, 2), (255, 0, 0))))
    assert arrays.x[:, 0, 0].tolist() == [[255, 255, 255], [255, 255, 255], [255, 0, 0]]


def test_more_bits_than_eight_are_not_clipped_in_silence():
    deep = Image.fromarray(np.array([[0, 300], [30000, 65535]], np.uint16))
    with pytest.raises(UsageError, match=r"more than 8 bits, and white unsaid: give arrays in \[0, 1\]"):
        held(Pictures(deep))


def test_a_dataset_may_give_tensors():
    assert held(Pictures(torch.zeros(1, 4, 4), torch.ones(1, 4, 4))).y.tolist() == [0, 1]

"""Pictures that somebody brings are read as those of the data were."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from gen_models.data.errors import BadImage
from gen_models.data.single import as_item


def brought(pixels):
    Image.fromarray(pixels).save(file := io.BytesIO(), "png")
    return file.getvalue()


def test_a_picture_is_cut_or_padded_as_the_datas_were():
    wide = brought(np.zeros((4, 8), np.uint8))
    assert as_item(wide, (1, 8, 8)).max() == -1
    padded = as_item(wide, (1, 8, 8), {"fit": "pad"})
    assert torch.equal(padded[0, 0, :, 0], torch.tensor([1.0, 1, -1, -1, -1, -1, 1, 1]))


def test_white_is_the_datas():
    dim = brought(np.full((4, 4), 4000, np.uint16))
    assert as_item(dim, (1, 4, 4)).mean() > 0.9, "by itself it might be of 12 bits"
    assert as_item(dim, (1, 4, 4), {"white": 65535}).mean() < -0.8


def test_a_place_without_a_picture_is_not_called_damage(tmp_path):
    for place, words in ((tmp_path / "none.png", "No such file or directory"), (tmp_path, "Is a directory")):
        with pytest.raises(BadImage, match=f"cannot be read: {words}"):
            as_item(place, (1, 8, 8))

"""Pictures that somebody brings are read as those of the data were."""

import io

import numpy as np
import torch
from PIL import Image

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

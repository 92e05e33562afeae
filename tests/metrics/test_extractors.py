import pytest
import torch
from PIL import Image

from gen_models.errors import UsageError
from gen_models.metrics.extractors import DataSpace, to_bytes


def test_bytes_are_those_of_a_saved_picture(tmp_path):
    saved = torch.randint(256, (1, 3, 8, 8), dtype=torch.uint8)
    Image.fromarray(saved[0].permute(1, 2, 0).numpy()).save(tmp_path / "x.png")
    assert torch.equal(to_bytes(saved.float() / 127.5 - 1, 3), saved)


def test_bytes_saturate_instead_of_wrapping():
    assert to_bytes(torch.tensor([-1.5, -1.0, 0.999, 1.0, 9.0]).view(5, 1, 1, 1), 1).flatten().tolist() == [
        0,
        0,
        255,
        255,
        255,
    ]


def test_grey_fills_all_channels_and_nothing_else_is_guessed():
    assert to_bytes(torch.zeros(2, 1, 4, 4), 3).shape == (2, 3, 4, 4)
    for images in (torch.zeros(2, 4, 4, 4), torch.zeros(2, 2)):
        with pytest.raises(UsageError, match="metrics=data_space"):
            to_bytes(images, 3)
    with pytest.raises(UsageError, match=r"takes images of shape \(1, H, W\), and"):
        to_bytes(torch.zeros(2, 3, 4, 4), 1)


def test_data_space_is_the_identity():
    features, logits = DataSpace()(torch.arange(12.0).view(2, 3, 2))
    assert features.tolist() == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]
    assert logits is None

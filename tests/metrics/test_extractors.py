import pytest
import torch
from PIL import Image

from gen_models.data.interface import Held
from gen_models.errors import UsageError
from gen_models.media.pixels import to_unit_range
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


def test_data_space_sees_samples_of_bytes_as_saved_pictures_hold_them():
    """Real items are bytes; a generator that is off by less than half a level would else be told apart by that."""
    y = torch.zeros(2, dtype=torch.long)
    pictures = torch.tensor([0, 255], dtype=torch.uint8).view(2, 1, 1, 1)
    of_bytes, of_points = (
        DataSpace().prepare(Held(x, y), Held(x, y), "", None, torch.device("cpu")) for x in (pictures, torch.rand(2, 3))
    )
    samples = torch.tensor([-1 + 0.4 / 127.5, 1.2]).view(2, 1, 1, 1)
    assert of_bytes(samples)[0].flatten().tolist() == [-1, 1]
    assert torch.equal(of_bytes(to_unit_range(pictures))[0], to_unit_range(pictures).flatten(1))
    assert of_points(samples)[0].flatten().tolist() == samples.flatten().tolist()
    assert (of_bytes.protocol["samples"], "samples" in of_points.protocol) == ("8 bits", False)

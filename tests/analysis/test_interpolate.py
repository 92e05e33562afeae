import pytest
import torch

from gen_models.analysis.interpolate import linear, spherical, walks
from gen_models.data.digits import Digits
from gen_models.data.interface import some
from gen_models.errors import UsageError


class Flat:
    """Codes are the pixels themselves."""

    device = "cpu"

    def encode(self, x, y=None):
        return x.flatten(1)

    def decode(self, z, y=None):
        return z.view(-1, 1, 8, 8)


def test_arcs_keep_the_norm_and_take_equal_angles():
    torch.manual_seed(0)
    start, end = (5 * torch.nn.functional.normalize(torch.randn(6, 16)) for _ in range(2))
    codes = spherical(start, end, 9)
    assert torch.allclose(codes[:, 0], start, atol=1e-5)
    assert torch.allclose(codes[:, -1], end, atol=1e-5)
    assert torch.allclose(codes.norm(dim=2), torch.tensor(5.0), atol=1e-4)
    angles = torch.cosine_similarity(codes[:, 1:], codes[:, :-1], dim=2).acos()
    assert torch.allclose(angles, angles[:, :1].expand_as(angles), atol=1e-3)
    assert linear(start, end, 9)[:, 4].norm(dim=1).max() < 4.9


def test_codes_on_one_line_through_the_origin_are_joined_by_a_line():
    code = torch.ones(1, 3)
    for other in (2 * code, -code):
        assert torch.allclose(spherical(code, other, 5), linear(code, other, 5))


def test_a_walk_stands_between_its_two_items():
    items = Digits().test
    rows = walks(Flat(), items, rows=2, steps=3, arcs=False).unflatten(0, (2, 5))
    x, _ = items.gather(some(items, 4).tolist())
    x = x.float() / 127.5 - 1
    for row, first, last in zip(rows, x[:2], x[2:], strict=True):
        assert torch.allclose(row, torch.stack([first, first, (first + last) / 2, last, last]), atol=1e-6)
    with pytest.raises(UsageError, match=r"400 items, and there are 300: lower --rows\."):
        walks(Flat(), items, rows=200, steps=3, arcs=False)

import pytest
import torch

from gen_models.analysis.maps import code_map, to_plane
from gen_models.errors import UsageError


def test_principal_components_are_those_of_the_first_set_and_keep_distances_in_its_plane():
    torch.manual_seed(0)
    plane = torch.linalg.qr(torch.randn(6, 2)).Q.T
    codes, others = torch.randn(100, 2) @ plane + 3, 10 * torch.randn(50, 2) @ plane + 3
    (first, second), (axis, _) = to_plane([codes, others])
    assert torch.allclose(torch.cdist(first, second), torch.cdist(codes, others), atol=1e-3)
    assert torch.allclose(first.mean(0), torch.zeros(2), atol=1e-4)
    assert axis.startswith("PCA 1 of 6: ")


def test_codes_of_two_dimensions_are_shown_as_they_are():
    codes = torch.randn(10, 2)
    ((shown,), _) = to_plane([codes])
    assert torch.equal(shown, codes)
    with pytest.raises(UsageError, match="on a plane already: leave --map tsne out"):
        to_plane([codes], "tsne")
    ((line,), _) = to_plane([codes[:, :1]])
    assert torch.equal(line, torch.stack([codes[:, 0], torch.zeros(10)], dim=1))


def test_neighbours_stay_neighbours():
    torch.manual_seed(0)
    near, far = torch.randn(30, 5) * 0.01, torch.randn(20, 5) * 0.01 + 5
    (first, second), _ = to_plane([near, far], "tsne")
    assert first.shape == (30, 2)
    assert torch.cdist(first, second).min() > torch.cdist(second, second).median()


def test_classes_have_colours_of_their_own():
    codes = torch.randn(40, 2)
    grey = code_map({"all": (codes, None)}, "t")
    coloured = code_map({"all": (codes, torch.arange(40) % 3)}, "t")
    assert (grey[0] == grey[1]).all()
    assert (coloured[0] != coloured[1]).any()

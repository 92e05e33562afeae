import pytest
import torch
from torch import nn

from gen_models.networks.layers.weights import normalise_spectrally, orthogonal


@pytest.fixture
def net():
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 80, 1), nn.Linear(6, 9), nn.Embedding(4, 7))


def test_orthogonal_weights_have_orthonormal_rows_or_columns(net):
    orthogonal(net)
    for layer in net:
        weight = layer.weight.detach().flatten(1)
        product = weight @ weight.T if len(weight) <= weight.shape[1] else weight.T @ weight
        torch.testing.assert_close(product, torch.eye(len(product)))


def test_the_largest_singular_value_becomes_1_but_embeddings_are_left_alone(net):
    embeddings = net[3].weight
    normalise_spectrally(net)
    assert net[3].weight is embeddings
    for layer in net[:3]:
        for _ in range(20):
            layer.weight  # noqa: B018 (each access in training mode is one power iteration)
        assert torch.linalg.matrix_norm(layer.weight.flatten(1), 2).item() == pytest.approx(1, abs=1e-2)

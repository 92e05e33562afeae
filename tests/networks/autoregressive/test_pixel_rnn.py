"""Facts of van den Oord et al. (2016), sections 3.1 to 3.4, that masks, skewing and shifting must not break."""

import pytest
import torch

from gen_models.networks.autoregressive.diagonal_bilstm import SHUT, DiagonalBiLSTM, skewed, straightened
from gen_models.networks.autoregressive.pixel_rnn import lstm
from gen_models.networks.autoregressive.row_lstm import RowLSTM
from tests.networks.walking import dependencies, nats_of_copies, noise, total_probability, walked

BOTH = pytest.mark.parametrize("kind", [RowLSTM, DiagonalBiLSTM])


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


def triangle(height, width, layers):
    """What a Row LSTM's pixels see: the first 7x7 convolution, then one to the left, and the triangle above."""
    places = [(i, j) for i in range(height) for j in range(width)]
    sees = {
        (i, j): {(k, m) for k, m in places if i - 3 <= k <= i and abs(m - j) <= 3 and (k < i or m < j)}
        for i, j in places
    }
    for _ in range(layers):
        state = {}
        for i, j in places:
            below = [state.get((i - 1, j + d), set()) for d in (-1, 0, 1)]
            state[i, j] = sees[i, j].union(sees.get((i, j - 1), set()), *below)
        sees = state
    return torch.tensor([[other in sees[place] for other in places] for place in places])


def test_a_pixel_of_the_row_lstm_sees_its_triangle():
    expected = triangle(6, 9, 2)
    assert torch.equal(dependencies(RowLSTM((1, 6, 9), 4, width=24, layers=2), 4), expected)
    assert not expected[6 * 9 - 9, 9 - 1]  # the far corner of the first row lies outside


@pytest.mark.parametrize("shape", [(1, 5, 8), (3, 3, 5)])
def test_a_pixel_of_the_diagonal_bilstm_sees_all_that_is_before_it(shape):
    seen = dependencies(DiagonalBiLSTM(shape, 4, width=24, layers=2), 4)
    assert torch.equal(seen, torch.ones_like(seen).tril(-1))


def test_colours_of_the_row_lstm_come_in_order():
    seen = dependencies(RowLSTM((3, 3, 4), 4, width=24, layers=2), 4)
    assert not seen.triu().any()
    assert seen.diagonal(-1).all()


@BOTH
@pytest.mark.parametrize(("shape", "classes"), [((1, 5, 6), 3), ((3, 3, 5), 0)])
def test_a_walk_gives_what_forward_gives(kind, shape, classes):
    network = kind(shape, 17, width=10, layers=3, classes=classes)
    for layer in network.layers if classes else ():
        torch.nn.init.normal_(layer.bias.embed.weight)
    x, y = noise(network, 17)
    assert torch.allclose(walked(network, x, y), network(x, y), atol=1e-5)
    if classes:
        assert not torch.allclose(network(x, y), network(x, (y + 1) % classes), atol=1e-2)


@BOTH
def test_probabilities_of_all_images_sum_to_one(kind):
    assert total_probability(kind((1, 3, 3), 2, width=6, layers=2)) == pytest.approx(1, abs=1e-5)
    assert total_probability(kind((3, 2, 1), 2, width=6, layers=2)) == pytest.approx(1, abs=1e-5)


def test_a_skewed_map_has_the_diagonals_as_columns():
    x = torch.arange(1.0, 13).view(3, 4, 1, 1, 1)
    rows = [[1, 2, 3, 4, SHUT, SHUT], [SHUT, 5, 6, 7, 8, SHUT], [SHUT, SHUT, 9, 10, 11, 12]]
    assert skewed(x)[:, 0, :, 0, 0].T.tolist() == rows
    assert torch.equal(straightened(skewed(x)), x)
    state, cell = lstm(torch.full((1, 8), SHUT), torch.ones(1, 2))
    assert not state.any()
    assert not cell.any()


def test_maps_are_skewed_and_straightened_with_their_gradients():
    torch.manual_seed(0)
    x = torch.randn(2, 3, 2, 2, 1, dtype=torch.float64, requires_grad=True)
    columns = torch.randn(4, 2, 2, 2, 1, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: skewed(x.transpose(0, 1)), x)  # also where memory is in another order
    assert torch.autograd.gradcheck(lambda columns: straightened(columns).sin(), columns)


@BOTH
def test_it_learns_that_rows_repeat(kind):
    nats, least = nats_of_copies(kind((1, 4, 4), 2, width=12, layers=1), (1, 4, 4), lag=4)
    assert nats < 1.5 * least  # independent pixels cost 4 times the least

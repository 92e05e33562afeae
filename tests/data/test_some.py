"""Which items are taken where fewer than all are: of sets that are sorted, of every part."""

import torch

from gen_models.analysis.codes import codes_of
from gen_models.analysis.restore import reconstructions
from gen_models.core.abilities.codes import Encodes
from gen_models.data.interface import Held, classes_of, gathered, partly, root_mean_square, some
from gen_models.metrics.features import restored

Y = torch.arange(10).repeat_interleave(100)
SORTED = Held(Y[:, None, None, None].expand(-1, 1, 8, 8) / 5 - 0.9, Y)


class Copies:
    """A model whose codes are the means of pictures, and whose reconstructions are what they are of."""

    device = torch.device("cpu")

    def encode(self, x, y=None):
        return x.flatten(1).mean(1, keepdim=True)

    def reconstruct(self, x, y=None):
        return x


def test_items_of_a_sorted_set_are_of_all_its_classes_and_the_same_every_time():
    assert len(classes_of(SORTED, 50).unique()) == 10
    assert torch.equal(some(SORTED, 50), some(SORTED, 50))
    assert torch.equal(some(SORTED, 1000), torch.arange(1000))
    assert torch.equal(some(SORTED), torch.arange(1000))
    assert (partly(SORTED, 50), partly(SORTED, 1000)) == ({"items": "picked"}, {})


def test_what_is_known_of_some_items_stands_in_one_order():
    assert isinstance(Copies(), Encodes)
    codes, classes = codes_of(Copies(), SORTED, 50), classes_of(SORTED, 50)
    assert torch.allclose(codes[:, 0], classes / 5 - 0.9)
    assert torch.equal(gathered(SORTED, some(SORTED, 50))[1], classes)


def test_figures_of_some_items_are_of_all_classes():
    assert root_mean_square(SORTED, 200) > 0.4, "0.52 of all, and 0.8 of the first ones"
    assert root_mean_square(SORTED, 200) < 0.6
    shown = reconstructions(Copies(), SORTED, n=50, columns=10)
    assert len(shown[0].mean((1, 2, 3)).unique()) > 3

    def extractor(x):
        return x.flatten(1), None

    originals, _ = restored(extractor, lambda x, y: x, SORTED, 50, 25, torch.device("cpu"))
    assert len(originals[:, 0].unique()) == 10

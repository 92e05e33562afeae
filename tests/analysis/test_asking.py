"""What is asked of a model whose codes are pixels, and which continues with noise."""

import pytest
import torch

from gen_models.analysis.arithmetic import DOSES, Question, attribute_of, changed
from gen_models.analysis.interpolate import drawn_walks
from gen_models.analysis.neighbours import neighbour_rows
from gen_models.analysis.restore import completions, reconstructions
from gen_models.data.interface import gathered, some
from gen_models.errors import UsageError
from gen_models.latents.code_parts import Interval
from gen_models.latents.codes import Codes


class Rememberer(torch.nn.Module):
    """Remembers the pixels of its training items."""

    device = torch.device("cpu")

    def __init__(self, source):
        super().__init__()
        self.source = source

    def latents_of(self, index):
        return gathered(self.source.train, index)[0].flatten(1)

    def recall(self, index, y=None):
        return self.decode(self.latents_of(index))

    def decode(self, z, y=None):
        return z.unflatten(1, self.source.spec["shape"])


def test_arithmetic_adds_the_difference_of_two_means(copier, digits):
    pictures = changed(copier, digits, Question("class", "3", "8"), rows=2)
    x, y = gathered(digits.reference, torch.arange(len(digits.reference)))
    difference = x[y == 3].mean(0) - x[y == 8].mean(0)
    for row, item in zip(pictures, gathered(digits.test, some(digits.test, 2))[0], strict=True):
        for picture, dose in zip(row, (0.0, *DOSES), strict=True):
            assert torch.allclose(picture, item + dose * difference, atol=1e-5)


def test_arithmetic_of_remembered_latents_changes_training_items(digits):
    model = Rememberer(digits)
    x, y = gathered(digits.train, torch.arange(len(digits.train)))
    pictures = changed(model, digits, Question("class", "3", "8"), rows=len(x))
    difference = x[y == 3].mean(0) - x[y == 8].mean(0)
    for row, item in zip(pictures, x[y == 8], strict=True):
        for picture, dose in zip(row, (0.0, *DOSES), strict=True):
            assert torch.allclose(picture, item + dose * difference, atol=1e-5)


def test_arithmetic_names_what_there_is(copier, digits):
    with pytest.raises(UsageError, match="no attribute 'klass': did you mean class"):
        attribute_of(digits, "klass")
    with pytest.raises(UsageError, match="no value of class is called '11'"):
        changed(copier, digits, Question("class", "11", "8"), rows=2)
    with pytest.raises(UsageError, match="has no codes to add: choose a run of model=gan"):
        changed(torch.nn.Module(), digits, Question("class", "3", "8"), rows=2)


def test_copies_are_their_own_neighbours(copier, judged):
    subject = judged(copier, n=4)
    rows = neighbour_rows(subject, 2).unflatten(0, (4, 5))
    assert torch.allclose(rows[:, 0], subject.samples)
    assert torch.allclose(rows[:, 1], subject.samples)
    assert torch.allclose(rows[:, 3], subject.samples)
    assert not torch.allclose(rows[:, 2], subject.samples)
    with pytest.raises(UsageError, match=r"9000 neighbours are asked for, among 1\d+ training items: lower --count"):
        neighbour_rows(subject, 9000)


def test_halves_are_kept_and_the_rest_is_drawn_anew(copier, digits):
    rows = completions(copier, digits.test, n=3, tries=4, kept=0.5).unflatten(0, (3, 6))
    x, _ = gathered(digits.test, some(digits.test, 3))
    assert torch.equal(rows[:, 0], x)
    assert torch.equal(rows[:, 1:, :, :4], x[:, None, :, :4].expand(-1, 5, -1, -1, -1))
    assert (rows[:, 1, :, 4:] == 1).all()
    assert not torch.equal(rows[:, 2], rows[:, 3])
    with pytest.raises(UsageError, match="completes nothing: choose a run of model=pixelcnn"):
        completions(torch.nn.Module(), digits.test, 3, 4, 0.5)
    with pytest.raises(UsageError, match="no part that a mask leaves open"):
        completions(copier, digits.test, 3, 4, torch.ones(1, 8, 8, dtype=torch.bool))


def test_originals_stand_above_their_reconstructions(copier, digits):
    rows = reconstructions(copier, digits.test, n=5, columns=2)
    x, _ = gathered(digits.test, some(digits.test, 5)[:4])
    assert torch.equal(rows, torch.stack([x[:2], -x[:2], x[2:], -x[2:]]))
    assert reconstructions(copier, digits.test, n=3, columns=4).shape[:2] == (2, 3)
    with pytest.raises(UsageError, match="reconstructs nothing: choose a run of an autoencoder"):
        reconstructions(torch.nn.Module(), digits.test, 4, 4)


class Named:
    """Draws its latents, whose entries have names, as they are."""

    device, classes = torch.device("cpu"), 0

    def codes(self):
        return Codes({"style": Interval(2)})

    def draw_latents(self, n):
        return self.codes().sample(n, 64, self.device)

    def decode_latents(self, z, y=None):
        return z.view(-1, 1, 8, 8)


def test_walks_through_latents_with_names():
    rows = drawn_walks(Named(), rows=2, steps=3, arcs=False).unflatten(0, (2, 3))
    assert torch.allclose(rows[:, 1], (rows[:, 0] + rows[:, 2]) / 2, atol=1e-6)
    assert not torch.equal(rows[0], rows[1])


def test_walks_without_an_encoder_join_draws(copier):
    torch.manual_seed(0)
    rows = drawn_walks(copier, rows=2, steps=5, arcs=False).unflatten(0, (2, 5))
    torch.manual_seed(0)
    start, end = torch.randn(4, 64).view(4, 1, 8, 8).chunk(2)
    assert torch.allclose(rows[:, 0], start)
    assert torch.allclose(rows[:, 2], (start + end) / 2, atol=1e-6)
    assert torch.allclose(rows[:, 4], end)
    with pytest.raises(UsageError, match="no codes to move or to walk between: choose a run of model=gan"):
        drawn_walks(torch.nn.Module(), rows=2, steps=5, arcs=False)

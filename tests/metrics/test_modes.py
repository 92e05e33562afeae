"""Modes by a classifier, of stacked digits and of classes."""

import math

import pytest
import torch
from torch import nn

from gen_models.data.digits import Digits
from gen_models.data.stacked import Stacked
from gen_models.errors import UsageError
from gen_models.metrics import classifier
from gen_models.metrics.extractors import DataSpace, Extractor
from gen_models.metrics.features import Features
from gen_models.metrics.modes import mode_count, mode_divergence, reverse_kl
from gen_models.metrics.scorer import Scorer
from gen_models.metrics.stacked import StackedClassifier, StackedMnist


def test_the_divergence_is_zero_for_even_modes_and_log_k_for_one():
    even = torch.full((8,), 1 / 8)
    assert reverse_kl(torch.full((8,), 5), even) == pytest.approx(0)
    assert reverse_kl(torch.tensor([7, 0, 0, 0, 0, 0, 0, 0]), even) == pytest.approx(math.log(8))
    half = torch.tensor([3, 3, 0, 0])
    assert reverse_kl(half, torch.tensor([0.5, 0.3, 0.1, 0.1])) == pytest.approx(0.5 * math.log(1 / 0.6))
    assert math.isnan(reverse_kl(torch.zeros(8, dtype=torch.long), even))


def test_perfect_samples_are_still_found_uneven_by_their_number():
    """A finite sample of even modes has a divergence of about (K - 1) / 2n: what real data score."""
    found = torch.bincount(torch.randint(1000, (26_000,), generator=torch.Generator().manual_seed(0)), minlength=1000)
    assert reverse_kl(found, torch.full((1000,), 1e-3)) == pytest.approx(999 / 52_000, rel=0.1)


def test_modes_are_the_combinations_of_what_the_parts_are_taken_for():
    logits = torch.zeros(4, 10, 3)
    for row, digits in enumerate([(1, 2, 3), (3, 2, 1), (1, 2, 3), (0, 0, 0)]):
        logits[row, digits, range(3)] = 1.0
    sets = Features(logits.flatten(1), logits), Features(logits.flatten(1))
    assert mode_count(*sets).value == 3
    assert mode_count(*sets).protocol == {"modes": 1000}
    assert mode_divergence(*sets).value == pytest.approx(math.log(1000) - 1.5 * math.log(2))
    classes = Features(logits[:, :, 0], logits[:, :, 0])
    assert mode_count(classes, classes).value == 3
    assert mode_count(classes, classes).protocol == {"modes": 10}


def test_a_classifier_of_single_digits_finds_the_modes_of_stacked_ones():
    source = Stacked(Digits(validation_count=0), count=2500, test_count=1000)
    scorer = Scorer(StackedClassifier("digits", epochs=2), ("class_modes", "class_modes_kl"), n=1000, batch_size=500)
    one = source.train.gather([0])[0] / 127.5 - 1
    found, divergence = scorer.score(lambda n, y: one.expand(n, -1, -1, -1), source.train, source.test, "stacked")
    assert found.key == "modes_classifier_of_digits"
    assert found.value == 1
    assert found.real == pytest.approx(1000 * (1 - math.exp(-1)), rel=0.05)  # so many of 1,000 draws differ
    assert divergence.value == pytest.approx(math.log(1000))
    assert found.protocol["accuracy"] > 0.9


def test_the_classifier_of_stacked_digits_sees_each_single_one_once_an_epoch(monkeypatch):
    """128,000 stacked ones are made of 50,000: training on as many first channels took minutes, and taught no more."""
    seen, trained = [], classifier.train_classifier
    monkeypatch.setattr(
        classifier, "train_classifier", lambda items, *rest: seen.append(items) or trained(items, *rest)
    )
    source = Stacked(Digits(), count=5000, test_count=10)
    judge = StackedClassifier("digits").prepare(source.train, source.test, "stacked", None, torch.device("cpu"))
    assert seen == [source.single.train]
    assert judge(source.test.gather(range(4))[0] / 127.5 - 1)[1].shape == (4, 10, 3)


def test_a_pretrained_classifier_judges_stacked_digits_at_once(monkeypatch):
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    monkeypatch.setattr(
        "gen_models.metrics.stacked.Mnist", lambda: Plain("MNIST classifier", network, {"weights": "x"})
    )
    source = Stacked(Digits(), count=100, test_count=100)
    scorer = Scorer(StackedMnist(), ("class_modes",), n=100, batch_size=50)
    x = source.test.gather(range(100))[0] / 127.5 - 1
    drawn = iter(x.split(50))
    (found,) = scorer.score(lambda n, y: next(drawn), source.train, source.test, "stacked")
    told = network(x.flatten(0, 1)).argmax(1).view(100, 3).tolist()
    assert (found.key, found.value) == ("modes_mnist_classifier", len(set(map(tuple, told))))
    assert found.protocol["judged"] == "channel by channel"


class Plain(Extractor):
    """A network that gives logits, which are its features."""

    def forward(self, images):
        logits = self.network(images)
        return logits, logits


def test_data_that_are_not_stacked_are_refused():
    source = Digits()
    scorer = Scorer(StackedClassifier(), ("class_modes",), n=10)
    with pytest.raises(UsageError, match="data=stacked_mnist"):
        scorer.score(lambda n, y: torch.zeros(n, 1, 8, 8), source.train, source.test, "digits")
    with pytest.raises(UsageError, match="needs an extractor with classes"):
        Scorer(DataSpace(), ("class_modes",))

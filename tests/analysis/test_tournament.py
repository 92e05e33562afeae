from contextlib import nullcontext

import pytest
import torch

from gen_models.analysis.standings import plain, tables
from gen_models.analysis.tournament import Entrant, best_cut, check_classes, play
from gen_models.errors import UsageError


def test_the_best_cut_is_between_what_it_tells_apart():
    assert best_cut(torch.tensor([3.0, 4.0, 5.0]), torch.tensor([1.0, 2.0])) == 2.5
    assert best_cut(torch.tensor([1.0, 4.0, 5.0]), torch.tensor([2.0, 3.0, 0.0])) == 3.5  # one error, not two
    # However many there are of either: all reals count as much as all fakes.
    assert best_cut(torch.tensor([5.0]), torch.tensor([1.0] * 9 + [6.0])) == 3.0


def entrant(name, brightness, digits):
    """Samples of one grey; a critic that takes for real what is at least as bright as its own."""
    samples = torch.full((100, 1, 8, 8), brightness)
    return Entrant(
        name, samples, torch.zeros(100, dtype=torch.long), lambda x, y: x.flatten(1).mean(1) - brightness - 0.01
    )


class Judge:
    """A model of so many classes, whose critic looks at the class or at the picture alone."""

    device = torch.device("cpu")

    def __init__(self, classes, looks):
        self.classes, self.looks = classes, looks

    def score(self, x, y):
        return x.flatten(1).mean(1) + self.looks * y

    def evaluating(self, *key):
        return nullcontext()


def test_a_critic_that_is_told_classes_judges_nobody_who_draws_none(digits):
    """One that predicts the class, as AC-GAN's, is told none; one that is trained afterwards is told none either."""
    told, guessing, plain = Judge(10, 1.0), Judge(10, 0.0), Judge(0, 0.0)
    check_classes([("told", told), ("another", told)], digits, "own")
    check_classes([("guessing", guessing), ("plain", plain)], digits, "own")
    check_classes([("told", told), ("plain", plain)], digits, "trained")
    with pytest.raises(UsageError, match="critic of told is told a class, and plain draws none .*--critics trained"):
        check_classes([("plain", plain), ("told", told)], digits, "own")


def test_a_cross_table_by_hand(digits):
    grey = sum(float(x.float().mean()) for x, _ in [digits.test.gather(range(300))]) / 127.5 - 1
    players = [
        entrant("dark", grey - 0.5, digits),
        entrant("middle", grey - 0.4, digits),
        entrant("bright", grey + 0.9, digits),
    ]
    standings = play(players, digits, tolerance=0.2, seed=0)
    assert standings.taken[:3].tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0]]
    assert standings.taken[3].tolist() == [1, 1, 0]
    verdicts = {(p.first, p.second): (p.by_accuracies.verdict, p.by_errors.verdict) for p in standings.pairs}
    assert verdicts["dark", "middle"][0] == "second"  # critics alike, and the darker one's is fooled
    assert verdicts["dark", "bright"] == ("withheld", "withheld")  # a critic that believes nothing is no judge
    assert standings.ratings.judged[2] > standings.ratings.judged[1] > standings.ratings.judged[0]
    text = tables(standings)
    assert "| samples of middle | 1.000 | 0.000 | 0.000 |" in text
    assert plain(standings)["pairs"][0]["accuracies"]["sample_ratio"] == pytest.approx(0.0)

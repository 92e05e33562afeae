import math

import pytest
import torch

from gen_models.experiments.theory.affine import AffineGenerator
from gen_models.experiments.theory.line import masses
from gen_models.experiments.theory.optimal import LIMIT, JensenShannon, TotalVariation, best_logits, value
from gen_models.losses.adversarial import Hinge, Minimax
from gen_models.losses.total_variation import BoundedTotalVariation, ClippedTotalVariation, PenalisedTotalVariation

P, Q = masses(AffineGenerator(-0.1, 0.15)), masses(AffineGenerator(0.2, 0.15))


def test_divergences_of_known_distributions():
    # two Gaussians of one width, two standard deviations apart: TV = 2 Φ(1) - 1
    assert TotalVariation()(P, Q) == pytest.approx(math.erf(1 / math.sqrt(2)), abs=1e-4)
    apart, same = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([0.3, 0.7])
    assert JensenShannon()(*apart) == pytest.approx(math.log(2))
    assert JensenShannon()(same, same) == 0
    # by hand, of a certain and a fair coin
    certain, fair = torch.tensor([1.0, 0.0]).double(), torch.tensor([0.5, 0.5]).double()
    expected = 0.5 * math.log(4 / 3) + 0.25 * (math.log(2 / 3) + math.log(2))
    assert JensenShannon()(certain, fair) == pytest.approx(expected)


def test_a_value_is_the_loss_itself():
    logits, counts = torch.tensor([-1.5, 0.3, 2.0]).double(), ([1, 4, 5], [6, 3, 1])
    real, fake = (logits.repeat_interleave(torch.tensor(count)) for count in counts)
    p, q = (torch.tensor(count).double() / 10 for count in counts)
    for loss in (Minimax(), Hinge(), PenalisedTotalVariation()):
        assert value(loss, logits, p, q) == pytest.approx(loss.critic(real, fake).item())


def test_the_best_classifier_is_the_posterior():
    logits = best_logits(Minimax(), P, Q)
    inside = (P / Q).log().abs() < LIMIT
    assert torch.allclose(logits.sigmoid()[inside], (P / (P + Q))[inside], atol=0.006)
    assert value(Minimax(), logits, P, Q) == pytest.approx(2 * math.log(2) - 2 * JensenShannon()(P, Q).item(), abs=1e-4)


@pytest.mark.parametrize(
    ("loss", "offset", "slope"),
    [
        (Hinge(), 2, -2),
        (BoundedTotalVariation(), 0, -1),
        (ClippedTotalVariation(), 0, -2),
        (PenalisedTotalVariation(), 0, -1),
    ],
)
def test_the_best_critics_of_total_variation(loss, offset, slope):
    expected = offset + slope * TotalVariation()(P, Q).item()
    assert value(loss, best_logits(loss, P, Q), P, Q) == pytest.approx(expected, abs=1e-3)

"""How well codes and known factors of variation correspond: one code a factor, one factor a code.

The scores are those of disentanglement_lib (Locatello et al. 2019, https://arxiv.org/abs/1811.12359), of the held-out
items that there are; where they differ, it is said. They are blind to the order of the codes. Codes (N, D) are numbers;
factors (N, F) are int64 values from 0 on, and all that are counted occur.
"""

import math
import sys
from itertools import product
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import one_hot

BINS = 20
"""Equally wide bins of a code between its extremes (Locatello et al. 2019, appendix C)."""
TREES, DEPTH = 10, 10
PENALTY = 0.01
"""C of the support vector machines of SAP, as in disentanglement_lib."""
LEARNED, TESTED, VOTERS = 10_000, 5_000, 64
"""Votes that say which factor a code stands for, votes that count, and items to a vote (Locatello et al. 2019)."""
CHUNK = 500
"""Groups whose codes are in memory together."""


class Dci(NamedTuple):
    """What Eastwood and Williams (2018) ask of codes."""

    disentanglement: float
    completeness: float
    informativeness: float


def mutual_information_gap(codes: Tensor, factors: Tensor) -> float:
    """MIG (Chen et al. 2018): how much more of a factor's entropy its best code tells than the next one."""
    gaps = []
    for counts in _tables(codes, factors):
        share = counts[0].sum(0) / counts[0].sum()
        gaps.append(_gap(mutual_information(counts)) / -torch.xlogy(share, share).sum())
    return float(torch.stack(gaps).mean())


def separated_predictability(codes: Tensor, factors: Tensor) -> float:
    """SAP (Kumar et al. 2018, https://arxiv.org/abs/1711.00848): how much a factor's best code predicts it better.

    The mean over factors of the accuracy of the best code above the next one's. Each code has a linear support vector
    machine for each factor, as in disentanglement_lib; it learns from the even items and is tested on the odd ones.
    """
    from sklearn.svm import LinearSVC

    x, y = codes.double().numpy(), factors.numpy()
    accuracies = torch.zeros(x.shape[1], y.shape[1], dtype=torch.double)
    for code, factor in product(range(x.shape[1]), range(y.shape[1])):
        machine = LinearSVC(C=PENALTY, class_weight="balanced").fit(x[::2, [code]], y[::2, factor])
        accuracies[code, factor] = machine.score(x[1::2, [code]], y[1::2, factor])
    return float(torch.stack([_gap(column) for column in accuracies.unbind(1)]).mean())


def importances(codes: Tensor, factors: Tensor) -> tuple[Tensor, float]:
    """How much forests that predict the factors make of each code.

    Returns:
        (D, F) float64, each column with sum 1; and their accuracy on the odd items, learned from the even ones: a mean
        over factors.
    """
    from sklearn.ensemble import RandomForestClassifier

    x, columns, accuracies = codes.numpy(), [], []
    for y in factors.numpy().T:
        # Each split may choose among all codes: among a few, it would often have to take one that tells nothing.
        forest = RandomForestClassifier(TREES, max_depth=DEPTH, max_features=None, random_state=0)
        forest.fit(x[::2], y[::2])
        columns.append(torch.from_numpy(forest.feature_importances_))
        accuracies.append(forest.score(x[1::2], y[1::2]))
    return torch.stack(columns, dim=1), float(sum(accuracies) / len(accuracies))


def dci(codes: Tensor, factors: Tensor) -> Dci:
    """Does a code matter for one factor only, does a factor need one code only, and do the codes tell the factors?

    Eastwood and Williams (2018), https://openreview.net/forum?id=By-7dz-AZ. disentanglement_lib takes boosted trees for
    the importances, in minutes where forests take a second; the formulas are the same.
    """
    matters, informativeness = importances(codes, factors)
    return Dci(*concentration(matters), informativeness)


def concentration(matters: Tensor) -> tuple[float, float]:
    """Disentanglement and completeness of importances (D, F): means over codes, and over factors, by importance."""
    by_code, by_factor = ((rows.sum(1) / rows.sum()) @ _purity(rows) for rows in (matters, matters.T))
    return float(by_code), float(by_factor)


def factor_vae_score(codes: Tensor, factors: Tensor) -> float:
    """Kim and Mnih (2018), https://arxiv.org/abs/1802.05983: is the code that varies least among items its factor's?

    Groups of items that share a value of one factor vote for the code of the least variance, relative to that over all
    items. A code stands for the factor that most of the first votes for it were about; the score is the share of
    further votes that agree. Codes that never vary have no say. Random numbers come from torch's default generator.
    """
    spread = codes.std(0)
    codes = codes[:, spread > 0] / spread[spread > 0]
    if not codes.shape[1]:
        return 0.0
    learned, tested = (_votes(codes, factors, count) for count in (LEARNED, TESTED))
    agreed = tested.gather(1, learned.argmax(1, keepdim=True)).sum()
    return float(agreed / tested.sum())


def _votes(codes: Tensor, factors: Tensor, count: int) -> Tensor:
    """How often groups that share a factor's value vote for each code: (D, F); the factor is drawn evenly."""
    about = torch.randint(factors.shape[1], (count,))
    columns = [_winners(codes, factors[:, f], int(about.eq(f).sum())) for f in range(factors.shape[1])]
    return torch.stack([torch.bincount(column, minlength=codes.shape[1]) for column in columns], dim=1)


def _winners(codes: Tensor, values: Tensor, groups: int) -> Tensor:
    """The code (groups,) of the least variance within each of some groups of items that share a value."""
    order, counts = values.argsort(), torch.bincount(values)
    shared = values[torch.randint(len(values), (groups,))]  # a value is drawn as often as items have it
    within = (torch.rand(groups, VOTERS) * counts[shared, None]).long()
    items = order[(counts.cumsum(0) - counts)[shared, None] + within]
    return torch.cat([codes[part].var(1).argmin(1) for part in items.split(CHUNK)])


def class_accuracy(clusters: Tensor, y: Tensor) -> float:
    """Share of items whose cluster is that of their class, under the best one-to-one matching.

    Args:
        clusters: (N,) int64.
        y: (N,) int64 classes.
    """
    from scipy.optimize import linear_sum_assignment

    counts = one_hot(clusters).T.double() @ one_hot(y).double()
    rows, columns = linear_sum_assignment(counts.numpy(), maximize=True)
    return float(counts[rows, columns].sum() / len(y))


def mutual_information(counts: Tensor) -> Tensor:
    """Mutual information (...,) in nats between rows and columns of tables (..., R, C) of counts or of shares."""
    joint = counts / counts.sum((-2, -1), keepdim=True)
    independent = joint.sum(-1, keepdim=True) * joint.sum(-2, keepdim=True)
    return (torch.xlogy(joint, joint) - torch.xlogy(joint, independent)).sum((-2, -1))


def binned(codes: Tensor) -> Tensor:
    """Give the bin (N, D) int64 of each code."""
    low, high = codes.min(0).values, codes.max(0).values
    width = (high - low).clamp_min(torch.finfo(codes.dtype).tiny)
    return ((codes - low) / width * BINS).long().clamp_(0, BINS - 1)


def _tables(codes: Tensor, factors: Tensor) -> list[Tensor]:
    """For each factor, how often each bin of each code meets each of its values: (D, BINS, V) float64."""
    bins = one_hot(binned(codes), BINS).double()
    return [torch.einsum("ndb,nv->dbv", bins, one_hot(factor).double()) for factor in factors.unbind(1)]


def _gap(scores: Tensor) -> Tensor:
    """How far the best of scores (D,) is above the next one; one alone is above nothing."""
    best, second = torch.cat([scores, scores.new_zeros(1)]).topk(2).values
    return best - second


def _purity(rows: Tensor) -> Tensor:
    """For each row of (R, C): 1 if it has one entry only, 0 if all are equal. 1 - entropy / log C."""
    share = rows / rows.sum(1, keepdim=True).clamp_min(sys.float_info.min)
    return 1 + torch.xlogy(share, share).sum(1) / max(math.log(rows.shape[1]), sys.float_info.min)

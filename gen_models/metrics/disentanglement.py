"""How well codes and known factors of variation correspond: one code a factor, one factor a code.

Every score is 1 for codes that are the factors, near 0 for codes that tell nothing of them, and blind to the order of
the codes. Codes (N, D) are numbers; factors (N, F) are int64 values from 0 on, and all that are counted occur.
"""

import math
import sys
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import one_hot

BINS = 20
"""Equally wide bins of a code between its extremes (Locatello et al. 2019, appendix C)."""
TREES, DEPTH = 10, 10
VOTES, VOTERS = 500, 32


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
    """SAP (Kumar et al. 2018): how much better a factor's best code predicts it than the next one.

    The predictor knows the bin of one code; it learns from the even items and is tested on the odd ones. Accuracies are
    means over the factor's values, stretched so that guessing gives 0.
    """
    gaps = []
    for learned, tested in zip(*(_tables(codes, factors, slice(i, None, 2)) for i in (0, 1)), strict=True):
        values = learned.shape[2]
        guess = one_hot(_by_value(learned).argmax(2), values)
        accuracy = (_by_value(tested) * guess).sum((1, 2)) / values
        gaps.append(_gap(_stretched(accuracy, values)))
    return float(torch.stack(gaps).mean())


def importances(codes: Tensor, factors: Tensor, seed: int = 0) -> tuple[Tensor, float]:
    """How much forests that predict the factors make of each code.

    Returns:
        (D, F) float64, each column with sum 1; and how well they predict the odd items, learned from the even ones: a
        mean over a factor's values and over factors, stretched so that guessing gives 0.
    """
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.metrics import balanced_accuracy_score

    x, columns, accuracies = codes.numpy(), [], []
    for y in factors.numpy().T:
        # Each split may choose among all codes: among a few, it would often have to take one that tells nothing.
        forest = RandomForestClassifier(TREES, max_depth=DEPTH, max_features=None, random_state=seed)
        forest.fit(x[::2], y[::2])
        columns.append(torch.from_numpy(forest.feature_importances_))
        accuracies.append(balanced_accuracy_score(y[1::2], forest.predict(x[1::2]), adjusted=True))
    return torch.stack(columns, dim=1), float(sum(accuracies) / len(accuracies))


def dci(codes: Tensor, factors: Tensor, seed: int = 0) -> Dci:
    """Does a code matter for one factor only, does a factor need one code only, and do the codes tell the factors?"""
    matters, informativeness = importances(codes, factors, seed)
    weight = matters.sum(1) / matters.sum()
    return Dci(float(weight @ _purity(matters)), float(_purity(matters.T).mean()), informativeness)


def factor_vae_score(codes: Tensor, factors: Tensor) -> float:
    """Kim and Mnih (2018): among items that share a value of one factor, is the code that varies least its code?

    Groups of items vote. A code stands for the factor that most of the first votes for it were about; the score is the
    share of further votes that agree, stretched so that guessing gives 0. Codes that never vary have no say. Random
    numbers come from torch's default generator.
    """
    spread = codes.std(0)
    codes = codes[:, spread > 0] / spread[spread > 0]
    if not codes.shape[1]:
        return 0.0
    votes = torch.zeros(2, codes.shape[1], factors.shape[1])
    for turn, factor in enumerate(torch.randint(factors.shape[1], (2 * VOTES,)).tolist()):
        values = factors[:, factor]
        mates = (values == values[torch.randint(len(values), ())]).nonzero().squeeze(1)
        group = codes[mates[torch.randint(len(mates), (VOTERS,))]]
        votes[turn % 2, group.var(0).argmin(), factor] += 1
    agreed = votes[1].gather(1, votes[0].argmax(1, keepdim=True)).sum() / votes[1].sum()
    return float(_stretched(agreed, factors.shape[1]))


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


def _tables(codes: Tensor, factors: Tensor, rows: slice = slice(None)) -> list[Tensor]:
    """For each factor, how often each bin of each code meets each of its values in some items: (D, BINS, V) float64."""
    bins = one_hot(binned(codes), BINS).double()[rows]
    return [torch.einsum("ndb,nv->dbv", bins, one_hot(factor).double()[rows]) for factor in factors.unbind(1)]


def _by_value(counts: Tensor) -> Tensor:
    """Shares (D, BINS, V) of the bins among the items of one value."""
    return counts / counts.sum(1, keepdim=True).clamp_min(1)


def _stretched(accuracy: Tensor, choices: int) -> Tensor:
    """Move and stretch accuracies so that guessing among so many gives 0, and 1 stays 1."""
    return (accuracy - 1 / choices) / (1 - 1 / choices)


def _gap(scores: Tensor) -> Tensor:
    """How far the best of scores (D,) is above the next one; one alone is above nothing."""
    best, second = torch.cat([scores, scores.new_zeros(1)]).topk(2).values
    return best - second


def _purity(rows: Tensor) -> Tensor:
    """For each row of (R, C): 1 if it has one entry only, 0 if all are equal. 1 - entropy / log C."""
    share = rows / rows.sum(1, keepdim=True).clamp_min(sys.float_info.min)
    return 1 + torch.xlogy(share, share).sum(1) / max(math.log(rows.shape[1]), sys.float_info.min)

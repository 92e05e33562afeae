"""Friedman and Dieng (2023): The Vendi score: a diversity evaluation metric for machine learning.

https://arxiv.org/abs/2210.02410
"""

import torch
from torch.nn.functional import normalize

from gen_models.metrics.features import Features
from gen_models.metrics.figure import of_features
from gen_models.metrics.record import Estimate


def vendi_score(fake: Features, real: Features) -> Estimate:
    """The effective number of different samples: the exponential of the entropy of their similarities' eigenvalues.

    Similarity is the cosine of features: n equal samples score 1, n orthogonal ones n (section 3). The real set plays
    no part, and noise may score above it: read it beside a figure of fidelity, and compare only equal n.
    """
    unit = normalize(fake.x.double().flatten(1))
    values = torch.linalg.svdvals(unit).square() / len(unit)  # the eigenvalues of K / n, other than zeros
    return Estimate(float((-torch.xlogy(values, values).sum()).exp()), protocol={"kernel": "cosine"})


VENDI = of_features("vendi", "Vendi score", vendi_score, higher_is_better=True)

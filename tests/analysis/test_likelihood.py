"""Likelihoods of held-out data, and what their protocols say."""

import json
import math

import pytest
import torch

from gen_models.analysis.reconstruction import feature_distance
from gen_models.analysis.subject import Subject
from gen_models.analysis.token_likelihood import token_likelihood
from gen_models.metrics.extractors import DataSpace
from gen_models.metrics.scorer import Scorer


def test_what_is_taken_given_the_class_stands_apart_from_what_is_not(run_job, tmp_path):
    """log p(x | y) may be log(classes) nats above log p(x): a board that ranked both would favour who is told.

    So would one of reconstructions, of which the decoder is told the class.
    """
    said = {}
    for model in ("vae", "cvae"):
        run = run_job(f"model={model}", "loss=logistic", "turns=1", "metrics=none", run=tmp_path / model)
        records = json.loads((run / "evaluation" / "turn-000001.json").read_text())
        said[model] = {record["metric"]: record["protocol"] for record in records}
    for figure in ("bits per dimension", "PSNR of reconstructions"):
        assert said["cvae"][figure] == said["vae"][figure] | {"given": "class"}


class Tokens:
    """A model of four tokens of two codes, told one of so many classes."""

    grid, token_grids, vocabulary, device = (2, 2), [(2, 2)], 2, torch.device("cpu")

    def __init__(self, classes):
        self.classes = classes

    def tokenise(self, x, y=None):
        return torch.zeros(len(x), 2, 2, dtype=torch.long)

    def detokenise(self, tokens, y=None):
        return tokens[:, None].float()

    def token_log_prob(self, x, y=None):
        return torch.full((len(x),), -4 * math.log(2))

    def reconstruct(self, x, y=None):
        return x


@pytest.mark.parametrize(("classes", "given"), [(10, {"given": "class"}), (0, {})])
def test_tokens_and_features_given_the_class_stand_apart_too(digits, classes, given):
    subject = Subject(Tokens(classes), digits, Scorer(DataSpace(), ("kid",), 40))
    (tokens,), (features,) = token_likelihood(subject), feature_distance(subject)
    assert tokens.value == pytest.approx(1.0)
    for found in (tokens, features):
        assert {name: word for name, word in found.protocol.items() if name == "given"} == given

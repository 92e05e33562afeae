"""What several test files need: the newest checkpoint of a run, equality to the last bit, the rows of a CSV."""

import csv

import torch

from gen_models.run.checkpoints import Store


def newest(run):
    """What the newest checkpoint of a run holds."""
    return Store(run / "checkpoints").newest()[1]


def tensors(state):
    """The entries of a state that are tensors."""
    return {key: value for key, value in state.items() if isinstance(value, torch.Tensor)}


def assert_same(expected, other, path=""):
    """Equal to the last bit, tensors and integers alike."""
    if isinstance(expected, dict):
        assert expected.keys() == other.keys(), path
        for key in expected:
            assert_same(expected[key], other[key], f"{path}/{key}")
    elif isinstance(expected, list | tuple):
        assert len(expected) == len(other), path
        for position, pair in enumerate(zip(expected, other, strict=True)):
            assert_same(*pair, f"{path}/{position}")
    elif isinstance(expected, torch.Tensor):
        assert torch.equal(expected, other), path
    else:
        assert expected == other, path


def rows(path):
    """The rows of a CSV file, by column."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))

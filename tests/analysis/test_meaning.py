import pytest
import torch

from gen_models.analysis.meaning import agreement, beside, nearest


def test_neighbours_are_others_nearest_first_also_across_chunks(monkeypatch):
    monkeypatch.setattr("gen_models.analysis.meaning.CHUNK", 2)
    codes = torch.tensor([[0.0], [1], [3], [3.5], [10]])
    assert nearest(codes, 2).tolist() == [[1, 2], [0, 2], [3, 1], [2, 1], [3, 2]]


def test_agreement_is_one_where_codes_know_and_chance_where_they_do_not():
    torch.manual_seed(0)
    known, unknown = torch.arange(400) % 4, torch.randint(4, (400,))
    found = nearest(known[:, None] + 0.01 * torch.randn(400, 3), 5)
    knows, guesses = agreement(found, {"known": known, "unknown": unknown}, "codes")
    assert knows.value == 1
    assert knows.chance == pytest.approx(99 / 399)
    assert guesses.value == pytest.approx(guesses.chance, abs=0.05)


def test_items_stand_beside_their_neighbours():
    pictures = torch.arange(5.0).view(5, 1, 1, 1)
    assert beside(pictures, torch.tensor([[1, 2], [0, 3]]), 2).flatten().tolist() == [0, 1, 2, 1, 0, 3]

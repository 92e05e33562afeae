"""Statistics over ranks: the same on all of them to the last bit, with gradients of their own."""

import torch

from gen_models.networks.layers import ranks


def of_rank(value, monkeypatch, others):
    """The mean as a rank of three finds it, and its gradient."""
    monkeypatch.setattr(ranks, "grouped", lambda: True)
    monkeypatch.setattr(ranks.dist, "get_world_size", lambda: 3)
    monkeypatch.setattr(ranks.dist, "all_reduce", lambda x: x.copy_(torch.tensor([value, *others]).sort().values.sum()))
    x = torch.tensor(value, requires_grad=True)
    mean = ranks.averaged(x)
    mean.backward()
    return mean.item(), x.grad.item()


def test_a_mean_is_the_same_on_all_ranks(monkeypatch):
    values = [0.1, 1e4, -3e-3]
    found = [of_rank(value, monkeypatch, [v for v in values if v != value]) for value in values]
    assert len({mean for mean, _ in found}) == 1
    assert {gradient for _, gradient in found} == {1.0}


def test_a_lone_process_is_a_group_of_one():
    x = torch.tensor(0.3)
    assert ranks.averaged(x) is x

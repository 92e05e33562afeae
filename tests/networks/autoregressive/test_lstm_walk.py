"""The LSTM with a backward pass of its own: the same states and gradients as torch's automatic ones."""

from types import SimpleNamespace

import pytest
import torch
from torch.nn.functional import pad

from gen_models.networks.autoregressive.lstm_walk import in_order, walk
from gen_models.networks.autoregressive.pixel_rnn import lstm
from gen_models.run.build import build_model
from tests.waiting import batch_on_device, watched_turn


def plainly(gates, weight, shifts):
    """A walk step by step, by the cell of the paper, differentiated by torch."""
    state = cell = gates.new_zeros(*gates.shape[1:3], weight.shape[2])
    states = []
    for entering in gates:
        for tap, shift in zip(weight, shifts, strict=True):
            places = state.shape[1]
            before, after = max(0, -shift), max(0, shift)
            seen = pad(state[:, after : places - before], (0, 0, before, after))
            entering = entering + seen @ tap  # noqa: PLW2901
        state, cell = lstm(entering, cell, dim=2)
        states.append(state)
    return torch.stack(states)


@pytest.mark.parametrize(("groups", "shifts"), [(1, (0, -2, 2)), (2, (0, -2)), (1, (0,))])
def test_a_walk_is_the_plain_one_with_its_gradients(groups, shifts):
    torch.manual_seed(0)
    gates = torch.randn(5, groups, 6, 12, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(len(shifts), groups, 3, 12, dtype=torch.float64, requires_grad=True)
    toward = torch.randn(5, groups, 6, 3, dtype=torch.float64)
    found = walk(in_order(gates, 3), in_order(weight, 3), shifts)
    expected = plainly(gates, weight, shifts)
    assert torch.allclose(found, expected, atol=1e-12)
    pairs = [torch.autograd.grad((states * toward).sum(), (gates, weight)) for states in (found, expected)]
    for got, wanted in zip(*pairs, strict=True):
        assert torch.allclose(got, wanted, atol=1e-12)
        assert wanted.any()


def test_a_walk_computes_in_the_precision_of_its_weights():
    torch.manual_seed(0)
    gates, weight = torch.randn(5, 1, 6, 12, requires_grad=True), torch.randn(1, 1, 3, 12, requires_grad=True)
    found = []
    for mixed in (False, True):
        with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
            states = walk(gates, weight, (0,))
            found.append([states, *torch.autograd.grad(states.square().sum(), (gates, weight))])
    assert all(map(torch.equal, *found))


@pytest.mark.gpu
def test_the_fused_cell_gives_what_the_plain_one_gives():
    torch.manual_seed(0)
    gates, weight = torch.randn(5, 2, 6, 12), torch.randn(2, 2, 3, 12)
    found = []
    for device in ("cpu", "cuda"):
        given = [tensor.to(device).requires_grad_() for tensor in (gates, weight)]
        states = walk(*given, (0, -2))
        found.append([states, *torch.autograd.grad(states.square().sum(), given)])
    for plain, fused in zip(*found, strict=True):
        assert torch.allclose(plain, fused.cpu(), atol=1e-5)


@pytest.mark.parametrize(("name", "kernels", "before"), [("row_lstm", 2090, 5271), ("diagonal_bilstm", 3900, 12593)])
def test_a_turn_launches_a_third_of_the_kernels(name, kernels, before, compose_job, monkeypatch):
    """Those of a GPU, at the default size; before, a step took a kernel for each operation of its cell."""
    cfg = compose_job(f"model={name}")
    cfg.spec = {"shape": [3, 32, 32], "levels": 256, "num_classes": 0, "num_train": 64, "fingerprint": ""}
    cfg.network.causal.update(width=16, layers=7)
    batch = batch_on_device(torch.zeros(8, 3, 32, 32, dtype=torch.uint8), torch.zeros(8, dtype=torch.long))
    waits, found = watched_turn(build_model(cfg), SimpleNamespace(train=range(64)), batch, monkeypatch)
    assert waits == []
    assert 0.9 * kernels < found <= kernels < 0.4 * before

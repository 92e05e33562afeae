"""Two processes exchange the gradients of who moves, in buckets, and end as one process with the whole batch would."""

import os
import sys
from subprocess import PIPE, STDOUT, Popen

import torch
from torch import nn

from gen_models.core import exchange
from gen_models.core.average import Averages, Averaging
from gen_models.core.network_tensors import SharedBuffers
from gen_models.families.parts.langevin import ReplayBuffer
from gen_models.networks.autoregressive.causal_conv import pointwise
from tests.conftest import CONF

RANK = """
import sys
import torch
from torch import distributed, nn
from gen_models.core import exchange

rank, folder = int(sys.argv[1]), sys.argv[2]
distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2)
exchange.BUCKET = 200
torch.manual_seed(0)
x = torch.randn(8, 5)[rank::2]
net = nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 7), nn.ReLU(), nn.Linear(7, 1))
unused = nn.Linear(2, 2)
parameters = [*unused.parameters(), *net.parameters()]
exchanged = exchange.GradientExchange(parameters)
sent, reduced = [], distributed.all_reduce
distributed.all_reduce = lambda flat, **options: sent.append(flat.numel()) or reduced(flat, **options)
net(x[:2]).square().mean().mul(0.5).backward()
with exchanged.during():
    net(x[2:]).square().mean().mul(0.5).backward()
    before = len(sent)
overlapped, count = [p.grad.clone() for p in net.parameters()], len(sent)
net.zero_grad()
net(x).square().mean().backward()
exchanged.now()
at_once = [torch.allclose(p.grad, mean, atol=1e-6) for p, mean in zip(net.parameters(), overlapped)]
assert all(at_once) and len(sent) == 2 * count
sent = sent[:count]
state = torch.full((3,), float(rank)), torch.tensor(rank), torch.tensor([rank == 0])
exchange.share(state)
none = [p.grad is None for p in parameters]
torch.save(([p.grad for p in net.parameters()], sent, before, none, state), f"{folder}/rank-{rank}")
distributed.destroy_process_group()  # gloo's threads abort a process that ends under them
"""


def test_gradients_of_two_ranks_are_those_of_the_whole_batch(tmp_path):
    (tmp_path / "rank.py").write_text(RANK)
    command = [sys.executable, str(tmp_path / "rank.py")]
    options = {"env": os.environ | {"PYTHONPATH": str(CONF.parent)}, "stdout": PIPE, "stderr": STDOUT}
    ranks = [Popen([*command, str(rank), str(tmp_path)], **options) for rank in (0, 1)]
    said = [process.communicate(timeout=120)[0] for process in ranks]
    assert [process.returncode for process in ranks] == [0, 0], said
    first, second = (torch.load(tmp_path / f"rank-{rank}") for rank in (0, 1))
    torch.manual_seed(0)
    x = torch.randn(8, 5)
    net = nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 7), nn.ReLU(), nn.Linear(7, 1))
    net(x).square().mean().backward()
    for mine, other, parameter in zip(first[0], second[0], net.parameters(), strict=True):
        assert torch.equal(mine, other)
        assert torch.allclose(mine, parameter.grad, atol=1e-6)
    assert first[1] == second[1]
    assert sum(first[1]) == sum(p.numel() for p in net.parameters()) + 6
    assert first[2] == second[2] >= 1  # before the backward pass has ended
    assert first[3] == [True, True, *[False] * 6]
    for mine, other in zip(first[4], second[4], strict=True):
        assert torch.equal(mine, other)
    assert first[4][1] == 0


def test_buckets_hold_one_type_and_few_bytes(monkeypatch):
    monkeypatch.setattr(exchange, "BUCKET", 100)
    parameters = [nn.Parameter(torch.zeros(n, dtype=t)) for n, t in ((9, torch.float32), (9, torch.float32))]
    parameters += [nn.Parameter(torch.zeros(40)), nn.Parameter(torch.zeros(3, dtype=torch.float64))]
    assert [[p.numel() for p in bucket] for bucket in exchange._buckets(parameters)] == [[9, 9], [40], [3]]


def test_buffers_that_never_change_do_not_travel():
    masked = nn.ModuleList([pointwise(6, 6, channels=3), nn.BatchNorm1d(2)])
    assert masked[0].mask is not None
    assert [tuple(buffer.shape) for buffer in SharedBuffers(masked).tensors()] == [(2,), (2,), ()]
    assert len(SharedBuffers(nn.Sequential(masked[1], masked[1])).tensors()) == 3  # each once


def test_chains_of_each_rank_and_copies_of_networks_do_not_travel():
    chains, norm = ReplayBuffer(5, (2,)), nn.BatchNorm1d(2)
    copies = Averages({"norm": norm}, Averaging(["norm"], halflife=1))
    found = SharedBuffers(nn.ModuleDict({"chains": chains, "norm": norm, "averages": copies}))
    assert {id(buffer) for buffer in found.tensors()} == {id(buffer) for buffer in norm.buffers()}
    norm.running_mean = torch.ones(2)
    assert any(buffer is norm.running_mean for buffer in found.tensors()), "where it stands now"
    copy = copies.copies["norm"]
    averaged = SharedBuffers(nn.ModuleDict({"averages": copies}), [copy]).tensors()
    assert [id(buffer) for buffer in averaged] == [id(copy.running_mean), id(copy.running_var)], "each rank's own else"

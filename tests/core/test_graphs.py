"""CUDA graphs of moves, by a stand-in on the processor: a replay is the move itself, or the move is refused."""

import pytest
import torch
from torch import nn

from gen_models.core.batch import Batch
from gen_models.core.clock import Clock
from gen_models.core.graphed import GraphedMove
from gen_models.core.graphs import Circumstances
from gen_models.core.player import Noted, Player
from gen_models.errors import UsageError
from gen_models.job import train
from gen_models.run.build import build_data, build_model, build_stream, build_trainer
from tests.helpers import assert_same
from tests.standin import StandIn

CPU = torch.device("cpu")
MLP = ["network=mlp", "data.batch_size=8"]
DECAY = "+model.schedules.lr={_target_: gen_models.core.LinearDecay, end: 9}"
SAME = {
    "a lazy penalty, clipped gradients, decaying rates": [
        *("model=sngan", *MLP, "penalty=r1", "penalty.r1.every=2", "model.clip_norm=1", DECAY)
    ],
    "a penalty, and players of unequal rhythms": ["model=wgan_gp", *MLP, "model.critic_steps=2"],
    "a batch in parts": ["model=vae", *MLP, "model.accumulate=2"],
}
SLOW = {
    "data that are paired with noise": ["model=flow_matching", "data=toy2d", "network=mlp_denoiser"],
    "a network of two players": ["model=aae", *MLP],
    "bfloat16": ["model=sngan", *MLP, "trainer.precision=bf16-mixed"],
} | {
    name: [f"model={name}", "data.batch_size=8"]
    for name in ("sngan", "dcgan", "stylegan2", "progan", "ddpm", "gated_pixelcnn", "realnvp", "dip")
}
SAME_ALL = [
    *(pytest.param(options, id=name) for name, options in SAME.items()),
    *(pytest.param(options, id=name, marks=pytest.mark.slow) for name, options in SLOW.items()),
]
REFUSED = {
    "look at the clock": ["model=made_ensemble"],
    "what Python decides before a turn of encoder and decoder and critic": ["model=vaegan"],
    "from outside of the move that is another one in each turn": ["model=gan", *MLP],
    "augment._observed is a number of Python that changes, from 1 to 2": ["model=sngan", *MLP, "augment=ada"],
    "the schedule of beta": ["model=vae", *MLP, DECAY.replace(".lr=", ".beta=")],
}


@pytest.fixture
def play(compose_job, monkeypatch):
    """Train without a run directory, by graphs or not; give the model, its state and the last row."""

    def played(*options, graphs=True):
        monkeypatch.setattr("gen_models.core.engine.CudaGraphs", StandIn)
        cfg = compose_job(*options, "callbacks=none", "turns=8", f"model.graphs={graphs}")
        data = build_data(cfg)
        model = build_model(cfg)
        trainer = build_trainer(cfg, data)
        trainer.fit(model, datamodule=build_stream(cfg, data, model))
        return model, model.capture(), dict(trainer.callback_metrics)

    return played


@pytest.mark.parametrize("options", SAME_ALL)
def test_replayed_moves_end_in_the_same_bits(play, options):
    model, replayed, row = play(*options)
    _, expected, expected_row = play(*options, graphs=False)
    assert_same(expected, replayed)
    assert_same(expected_row, row)
    assert model.backend.replays >= model.backend.captures >= len(model.players())


@pytest.mark.parametrize("reason", REFUSED)
def test_moves_that_a_graph_would_change_are_refused(play, reason):
    with pytest.raises(UsageError, match="choose") as refusal:
        play(*REFUSED[reason])
    assert reason in str(refusal.value)


def test_without_cuda_graphs_are_refused_before_anything_is_written(compose_job, tmp_path):
    with pytest.raises(UsageError, match="captures CUDA graphs, and this training is on cpu: leave it out"):
        train(compose_job("model=vae", "model.graphs=true", "~callbacks.progress"))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["compiled", "scaled", "wrapped"])
def test_what_graphs_do_not_go_together_with(name):
    fine = Circumstances(compiled=False, scaled=False, wrapped=False, deciding=[], scheduled=[])
    fine.check()
    with pytest.raises(UsageError, match=r"model\.graphs=true does not go together with"):
        fine._replace(**{name: True}).check()


class Small(nn.Module):
    """A model of one layer with a number of Python, of which a loss may make what it likes."""

    def __init__(self, loss=None, variant=None):
        super().__init__()
        self.layer = nn.Linear(3, 1)
        self.weight, self.clock = 1.0, Clock()
        self.loss = loss or (lambda model, x: model.weight * model.layer(x).square().mean())
        player = Player("one", [self.layer], self.gradients, variant=variant and (lambda: variant(self)))
        self._move = GraphedMove(player, self.gradients, self, StandIn())

    def gradients(self, batch):
        self.zero_grad()
        loss = self.loss(self, batch.x)
        loss.backward()
        return Noted(True, [("loss", loss.detach())])

    def play(self, count):
        """Move so often, and give the losses."""
        torch.manual_seed(0)
        none = torch.zeros(4, dtype=torch.long)
        return [float(self._move(Batch(torch.randn(4, 3), none, none)).terms[0][1]) for _ in range(count)]


@pytest.mark.parametrize(
    ("loss", "reason"),
    [
        (lambda m, x: m.layer(x).mean() * x.sum().item(), "waits for a number of the device"),
        (lambda m, x: m.layer(x[x[:, 0] > -9]).mean(), "a mask's elements are counted"),
        (lambda m, x: m.layer(x).mean() * (x > -9).nonzero().sum(), "how much it gives depends on values"),
        (lambda m, x: m.layer(x).mean() * torch.tensor(2.0), "made of numbers of Python"),
        (lambda m, x: m.layer(x).mean() * torch.rand(1, generator=torch.Generator())[0], "generator of its own"),
        (lambda m, x: (torch.zeros(1, device="meta"), m.layer(x).mean())[1], "lies on meta"),
        (lambda m, x: m.layer(x).mean() * (1 + m.clock.turn), "look at the clock"),
    ],
)
def test_what_a_graph_can_not_hold_is_named(loss, reason):
    with pytest.raises(UsageError, match=f"move of one, since .*{reason}.*choose model.graphs=false"):
        Small(loss).play(2)


def test_a_number_that_changes_is_found_early_or_late():
    model = Small()
    model.play(5)
    model.weight = 2.0  # which no clock, schedule or variant tells
    wrong = model.play(1)
    with pytest.raises(UsageError, match=r"weight is a number of Python that changes, from 1\.0 to 2\.0"):
        model.play(3)
    assert wrong == [pytest.approx(model_of(model).play(1)[0] / 2)]


def model_of(other):
    """A small model with another's weights and number, that has not moved."""
    model = Small()
    model.load_state_dict(other.state_dict())
    model.weight = other.weight
    return model


def test_each_variant_has_a_graph_of_its_own():
    model = Small(variant=lambda model: model.weight)
    for turn in range(16):
        model.weight = float(turn % 2 + 1)
        assert model.play(1) == model_of(model).play(1)
    assert (model._move.backend.captures, model._move.backend.replays) == (2, 8)


@pytest.mark.gpu
@pytest.mark.parametrize(
    "options", [["model=sngan"], ["model=flow_matching"], ["model=wgan_gp", "model.critic_steps=2"]]
)
def test_cuda_graphs_end_where_eager_moves_do(compose_job, options):
    found = []
    for graphs in ("true", "false"):
        cfg = compose_job(*options, "callbacks=none", "turns=40", f"model.graphs={graphs}", "trainer.accelerator=gpu")
        data = build_data(cfg)
        model = build_model(cfg)
        build_trainer(cfg, data).fit(model, datamodule=build_stream(cfg, data, model))
        found.append([parameter.detach().cpu() for parameter in model.parameters()])
    for replayed, expected in zip(*found, strict=True):
        assert torch.allclose(replayed, expected, atol=1e-4)

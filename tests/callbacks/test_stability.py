"""The watch: each alarm on a case made for it, silence on a healthy run, and no trace in the weights."""

import json
import warnings
from functools import partial

import pytest
import torch
from lightning import Callback

from gen_models.api.handle import Run
from gen_models.callbacks.alarms import REPEATED, Collapsed, Jumped, Still, Turned, Won, disappointment
from gen_models.callbacks.judgement import Judgement
from gen_models.callbacks.quality import Evaluation, Quality
from gen_models.callbacks.statistics import singular_values, spread
from gen_models.errors import UsageError
from gen_models.losses.adversarial import Hinge
from gen_models.metrics.record import Record
from gen_models.networks.layers.weights import normalise_spectrally
from gen_models.reports.status import status_of
from gen_models.run.beginning import Beginning
from gen_models.run.build import build_data, build_model, build_stream, build_trainer
from gen_models.run.checkpoints import Store
from gen_models.run.directory import occupied, resume
from gen_models.run.events import standing
from tests.helpers import assert_same, newest

WATCHED = "callbacks=watched ~callbacks.progress ~callbacks.throughput callbacks.watch.warmup=2".split()
SMALL = [*WATCHED, "model=sngan", "network=mlp", "data.batch_size=16"]
WON = ["model.optimizers.critic.lr=0.03", "model.optimizers.generator.lr=0"]
QUIET = {"vanished": "{}", "variation": 0, "distance": 0, "singular_values": 1e9, "gradients": 1e9}


def only(signal, value):
    """Watch one signal alone."""
    return [f"callbacks.watch.{name}={threshold}" for name, threshold in (QUIET | {signal: value}).items()]


class Act(Callback):
    """Does something to the model after chosen turns, where figures are taken."""

    def __init__(self, acts):
        self.acts = acts

    def on_train_batch_end(self, trainer, model, *_):
        self.acts.get(model.clock.turn, id)(model)


@pytest.fixture
def play(compose_job, tmp_path):
    """Train or go on, with `acts` by turn; give the model, the trainer, and the events so far."""

    def played(*overrides, acts=None, run=tmp_path / "run", edit=id):
        cfg = compose_job(*overrides, run=run)
        edit(cfg)
        data = build_data(cfg)
        model = build_model(cfg)
        stream = build_stream(cfg, data, model)
        with occupied(run):
            trainer = build_trainer(cfg, data)
            trainer.callbacks += [Beginning(run, cfg, resume(run, cfg, model, stream.turns.total))]
            trainer.callbacks.insert(0, Act(acts or {}))
            trainer.fit(model, datamodule=stream)
        file = run / "events.jsonl"
        return model, trainer, [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    return played


def rate(figure, model):
    (quality,) = (callback for callback in model.trainer.callbacks if isinstance(callback, Quality))
    record = Record(metric="KID", value=figure, higher_is_better=False)
    quality.latest = Evaluation(model.clock.turn, [record])


def silence(model):
    for p in (*model.generator.parameters(), *model.averages.parameters()):
        p.data.zero_()


def repeat(model):
    """Let it draw two samples again and again."""
    drawn = model.sample
    model.sample = lambda n, y=None: drawn(n, y)[torch.arange(n) % 2]


def inflate(model):
    list(model.discriminator.modules())[-2].original.data.mul_(100)


class Sharp(Hinge):
    def critic(self, real, fake):
        return 1e4 * super().critic(real, fake)


def sharpen(model):
    model.loss = Sharp()


def test_a_healthy_run_raises_no_alarm(play):
    _, trainer, events = play(*WATCHED, "model=sngan", "turns=60", "log_every=10", "data.batch_size=16")
    assert events == []
    signals = {name.split("/")[1]: float(v) for name, v in trainer.callback_metrics.items() if "watch/" in name}
    assert signals.keys() == {"variation", "distance", "gradient", "singular_value"}
    assert 0.1 < signals["variation"] < 2


def test_two_glyphs_vary_as_data_do_and_lie_near_each_other():
    generator = torch.Generator().manual_seed(0)
    data = torch.randn(64, 1, 28, 28, generator=generator)
    glyphs = data[:2].repeat(32, 1, 1, 1) + 0.1 * torch.randn(64, 1, 28, 28, generator=generator)
    shares = spread(glyphs).shares(spread(data))
    assert shares["variation"] > 0.5
    assert shares["distance"] < 0.12
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert spread(data[:1]).shares(spread(data)) == {}


def test_the_first_gan_in_turn_repeats_itself_and_at_once_it_does_not():
    """Shares of `distance` in grids of model=gan data=mnist data.batch_size=100: model.moves=in_turn, at_once."""
    in_turn = [0.064, 0.043, 0.047, 0.057, 0.054, 0.067, 0.166, 0.152, 0.138, 0.221, 0.206, 0.304, 0.319, 0.392, 0.403]
    at_once = [0.080, 0.397, 0.566, 0.574, 0.618, 0.699, 0.661, 0.704, 0.747, 0.694]
    repeated, healthy = (Judgement({"distance": Collapsed(0.45, 4, REPEATED)}, 4) for _ in range(2))
    alarms = [repeated.look(200 * turn, "distance", share) for turn, share in enumerate(in_turn, 1)]
    assert [alarm.turn for alarm in alarms if alarm] == [1000]
    assert repeated.raised("distance")
    assert not any(healthy.look(1000 * turn, "distance", share) for turn, share in enumerate(at_once, 1))


def test_a_critic_that_wins_is_noticed_once(play):
    with pytest.warns(UserWarning, match=r"turn \d+: the critic has won: its adversarial loss is 0"):
        _, _, events = play(*SMALL, *WON, "turns=12", *only("vanished", "{critic/adversarial: 0.01}"))
    (event,) = [event for event in events if event["signal"] == "loss/critic/adversarial"]
    assert 0 <= event["value"] < 0.01


@pytest.mark.parametrize(
    ("threshold", "value", "act", "signal"),
    [
        ("variation", 0.01, silence, "variation"),
        ("distance", 0.01, repeat, "distance"),
        ("singular_values", 3, inflate, "singular_value/discriminator.head.weight"),
        ("gradients", 30, sharpen, "gradient/critic"),
    ],
)
def test_what_goes_wrong_after_turn_7_is_named_in_turn_8(play, threshold, value, act, signal):
    healthy = [*SMALL, "network=dcgan", *only(threshold, value)]
    _, _, events = play(*healthy, "model.optimizers.generator.lr=0", "turns=10", acts={7: act})
    assert [(event["turn"], event["signal"]) for event in events] == [(8, signal)]


def test_a_figure_that_turns_ends_the_run_and_its_checkpoint_goes_on(play, tmp_path):
    figures = zip((1, 3, 4, 5, 7), (4, 3, 5, 5, 5), strict=True)  # also between two looks
    acts = {turn: partial(rate, figure) for turn, figure in figures}
    options = [*SMALL, *only("patience", 2), "objective=kid", "callbacks.watch.stop=true", "turns=10"]
    _, trainer, events = play(*options, acts=acts)
    assert [event["turn"] for event in events] == [5]
    assert events[0]["message"].startswith("kid turned: it is 5 now, 3 at turn 3; the best is of turn 3: gen-models")
    store = Store(tmp_path / "run" / "checkpoints")
    assert (store.best().turn, store.entries()[-1].turn) == (3, 5)
    assert (tmp_path / "run" / "samples" / "turn-000005.png").is_file()
    model, _, events = play(*options, acts=acts)
    assert model.clock.turn == 10
    assert [event["turn"] for event in events] == [5]


@pytest.mark.slow
def test_the_order_of_callbacks_counts_for_nothing(play, tmp_path):
    """The saver and the watch stand before who takes figures; all the same they have those of the turn."""
    options = [*SMALL, *only("patience", 2), "metrics=data_space", "metrics.n=20", "turns=4"]
    options += ["callbacks.quality.every=2", "callbacks.checkpoint.every=100"]

    def reverse(cfg):
        cfg.callbacks = dict(reversed(cfg.callbacks.items()))

    for run, edit in ((tmp_path / "forwards", id), (tmp_path / "backwards", reverse)):
        play(*options, "objective=kid_data_space", run=run, edit=edit)
    one, other = (Store(tmp_path / run / "checkpoints") for run in ("forwards", "backwards"))
    assert [(e.turn, e.score, e.figure) for e in one.entries()] == [
        (e.turn, e.score, e.figure) for e in other.entries()
    ]
    assert one.entries()[-1].turn == 4
    assert one.entries()[-1].score is not None
    assert_same(newest(tmp_path / "forwards"), newest(tmp_path / "backwards"))
    history = newest(tmp_path / "backwards")["callbacks"]["StabilityWatch"]["histories"]["figure/kid_data_space"]
    assert [turn for turn, _ in history] == [2, 4]


def test_any_alarm_ends_the_run_with_a_checkpoint(play, tmp_path):
    options = [*SMALL, *only("variation", 0.01), "callbacks.watch.stop=true", "callbacks.checkpoint.every=2"]
    model, _, _ = play(*options, "turns=20", acts={7: silence})
    assert model.clock.turn == Store(tmp_path / "run" / "checkpoints").entries()[-1].turn == 8


def test_the_watch_leaves_no_trace_in_the_weights(play, tmp_path):
    watched, _, _ = play(*SMALL, "network=dcgan", "turns=6")
    free, _, _ = play(*SMALL, "network=dcgan", "turns=6", "~callbacks.watch", run=tmp_path / "free")
    assert_same(free.state_dict(), watched.state_dict())


@pytest.mark.slow
def test_what_was_seen_and_said_survives_a_restart(play, tmp_path):
    options = [*SMALL, *WON, "callbacks.checkpoint.every=2"]
    _, _, uncut = play(*options, "turns=10", run=tmp_path / "whole")
    play(*options, "turns=8")
    with (tmp_path / "run" / "events.jsonl").open("a") as file:
        file.write('{"turn": 9}\n{"tur')  # by a process that was killed before it saved
    _, _, events = play(*options, "turns=10")
    assert [(event["turn"], event["signal"]) for event in events] == [(e["turn"], e["signal"]) for e in uncut]
    assert [event["signal"] for event in events].count("loss/critic/adversarial") == 1
    whole, parts = newest(tmp_path / "whole"), newest(tmp_path / "run")
    assert_same(whole, parts)
    assert "loss/critic/adversarial" in whole["callbacks"]["StabilityWatch"]["raised"]


@pytest.mark.parametrize("collapsed", [False, True])
def test_by_default_a_collapse_is_seen_in_the_grids(play, collapsed):
    """After four grids, or at the end; samples of the grids are all that is drawn."""
    options = ["~callbacks.progress", "model=sngan", "network=mlp", "callbacks.grids.every=1", "turns=6"]
    options += ["callbacks.watch.variation=0.1", "callbacks.watch.distance=0.1"]  # what is hardly trained varies little
    acts = dict.fromkeys(range(1, 7), silence) if collapsed else {}
    _, _, events = play(*options, acts=acts)
    assert [(event["turn"], event["signal"]) for event in events] == ([(5, "variation")] if collapsed else [])


def test_what_went_wrong_is_told_wherever_a_run_is_told_of(run_job):
    options = ["model=sngan", "network=mlp", "turns=4"]
    with pytest.warns(UserWarning, match=r"turn 4: samples are all alike \(mode collapse\): they vary 0"):
        run = run_job(*options, "callbacks.watch.variation=10", "callbacks.grids.every=2")
    assert [alarm.signal for alarm in standing(run)] == ["variation"]
    assert "samples are all alike" in (run / "report.html").read_text()
    assert "samples are all alike" in status_of(run).remark
    assert Run(run).alarms == [status_of(run).alarm]


def test_an_alarm_is_raised_once_and_over_when_all_is_well():
    judgement = Judgement({"variation": Collapsed(0.1)}, warmup=1)
    events = [judgement.look(turn, "variation", v) for turn, v in enumerate([0, 0.05, 0, 0.5, 0.5, 0.01])]
    assert [event and event.over for event in events] == [None, False, None, True, None, False]
    young = Judgement({"variation": Collapsed(0.1)}, warmup=1)
    assert Collapsed(0.2, young=2)("", [(1, 0.15), (2, 0.15)]) is None
    assert Collapsed(0.2, young=2)("", [(1, 0.15), (2, 0.15), (3, 0.15)]) is not None
    assert young.look(1, "variation", 0.0, last=True) is not None


def test_a_run_that_is_no_better_than_untrained_says_so():
    worse = Record(metric="KID", value=29, higher_is_better=False, untrained=17)
    better = Record(metric="FID", value=29, higher_is_better=False, untrained=170)
    bare = Record(metric="likelihood", value=1, higher_is_better=False)
    assert disappointment([bare, worse, better]) == (
        "KID is 29, and that of the untrained model 17; try more turns, and look at the samples"
    )
    assert disappointment([better, worse]) is None
    assert disappointment([bare]) is None


def test_it_looks_when_losses_are_logged(play):
    with pytest.raises(UsageError, match="every 3 turns at losses that are logged every 2"):
        play(*SMALL, "turns=4", "callbacks.watch.every=3")


def test_singular_values_are_those_of_the_raw_weights_in_training():
    net = torch.nn.Sequential(torch.nn.Linear(6, 4), torch.nn.Linear(4, 3))
    normalise_spectrally(net)
    for _ in range(200):
        net(torch.zeros(1, 6))
    net[1].requires_grad_(False)
    expected = torch.linalg.matrix_norm(net[0].parametrizations.weight.original, 2)
    assert singular_values(net) == {"0.weight": pytest.approx(expected.item(), rel=1e-4)}


@pytest.mark.parametrize(
    ("rule", "values", "alarm"),
    [
        (Won({"critic/w": 0.1}), [1, 0.05], True),
        (Won({"critic/w": 0.1}), [1, -0.5, 0.05], False),
        (Won({"critic*": 0.1, "critic/w": 0.01}), [1, 0.05], False),
        (Won({"critic?*/w": 0.1}), [1, 0.05], False),
        (Won({"critic/w": 0.1}, looks=2), [1, 0.05], False),
        (Won({"critic/w": 0.1}, looks=2), [1, 0.05, 0.05], True),
        (Still(3), [1, 2, 2, 2.0001], True),
        (Still(3), [2, 2, 2.01], False),
        (Still(3), [2, 2], False),
        (Still(3), [0, 0, 0], False),
        (Jumped("the norm of", 10), [1, 2, 1, 19, 12], False),
        (Jumped("the norm of", 10), [2, 2, 0.1], False),
        (Jumped("the norm of", 10, both=True), [2, 2, 0.1], True),
        (Jumped("the norm of", 10, both=True), [0, 0, 0.1], False),
        (Turned(False, 0.5, 2), [3, 2, 3.1, 2.9, 3.1], False),
        (Turned(False, 0.5, 2), [float("nan"), 2, float("nan"), 3.1], True),
        (Turned(True, 0.5, 2), [4, 8, 3, 3.9], True),
        (Turned(True, 0.5, 2), [4, 8, 12, 16], False),
    ],
)
def test_rules_read_histories(rule, values, alarm):
    assert (rule("critic/w", list(enumerate(values))) is not None) is alarm

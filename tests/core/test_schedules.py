"""Numbers that change with the clock: closed forms, what they may change, and that a resumed run goes on with them."""

import math

import pytest

from gen_models.core.schedules import (
    Cosine,
    CosineDecay,
    Doubling,
    ExponentialDecay,
    Linear,
    LinearDecay,
    Product,
    Steps,
    WarmUp,
)
from gen_models.errors import UsageError
from gen_models.run.build import build_data, build_model, build_stream, build_trainer
from tests.helpers import assert_same, newest

MLP = ["model=sngan", "network=mlp", "data.batch_size=16", "data.limit=32"]
LINEAR = "_target_: gen_models.core.Linear"


@pytest.mark.parametrize(
    ("schedule", "numbers"),
    {
        WarmUp(4): {0: 0.25, 3: 1.0, 9: 1.0},
        LinearDecay(end=3, start=1): {0: 1.0, 2: 0.5, 9: 0.0},
        Doubling(initial=10, final=1280, end=400_000): {
            0: 10,
            49_999: 10,
            50_000: 20,
            349_999: 640,
            350_000: 1280,
            9e5: 1280,
        },
        Doubling(initial=2, final=256, end=25.6e6): {0: 2, 3.2e6: 4, 22.3e6: 128, 22.4e6: 256},
        ExponentialDecay(halflife=2, floor=0.3): {0: 1.0, 2: 0.5, 9: 0.3},
        Linear(initial=0.0, final=0.7, start=5, end=6): {5: 0.0, 5.5: 0.35, 6: 0.7},
        Cosine(initial=1.0, final=0.2, end=4): {0: 1.0, 1: 0.6 + 0.4 * math.cos(math.pi / 4), 2: 0.6, 4: 0.2, 9: 0.2},
        CosineDecay(start=4, end=8, final=0.5): {0: 1.0, 4: 1.0, 6: 0.75, 8: 0.5, 9: 0.5},
        Steps(values=(1.0, 0.1, 0.01), starts=(2, 4)): {0: 1.0, 1.9: 1.0, 2: 0.1, 4: 0.01, 9: 0.01},
        Product((WarmUp(4), LinearDecay(end=2))): {0: 0.25, 1: 0.25, 2: 0.0},
    }.items(),
    ids=lambda value: type(value).__name__,
)
def test_closed_forms(schedule, numbers):
    assert {time: schedule(time) for time in numbers} == pytest.approx(numbers)


def test_factors_multiply_and_values_replace():
    assert LinearDecay(end=2).applied(4.0, 1) == 2.0
    assert Linear(initial=0.0, final=1.0, end=2).applied(4.0, 1) == 0.5


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Linear(0.0, 1.0, end=1, start=1), "must end after it starts"),
        (lambda: Steps(values=(1.0,), starts=(1,)), "one value more"),
        (lambda: Steps(values=(1.0, 2.0, 3.0), starts=(2, 1)), "rising starts"),
        (lambda: Product((WarmUp(1), LinearDecay(end=1, unit="images"))), "the same unit"),
    ],
)
def test_what_makes_no_sense_is_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()


@pytest.fixture
def play(compose_job):
    """Train without a run directory; give the model."""

    def played(*overrides):
        cfg = compose_job(*overrides, "callbacks=none")
        data = build_data(cfg)
        model = build_model(cfg)
        build_trainer(cfg, data).fit(model, datamodule=build_stream(cfg, data, model))
        return model

    return played


def test_every_kind_of_number_follows_in_its_unit(play):
    """After three turns of 16 of 32 items, the last of which began at 32 images, one pass."""
    schedules = [
        f"critic.betas.0: {{{LINEAR}, initial: 0.0, final: 0.8, end: 4}}",
        f"generator.lr: {{{LINEAR}, initial: 1.0e-3, final: 2.0e-3, end: 64, unit: images}}",
        f"penalties.gp.weight: {{{LINEAR}, initial: 0.0, final: 4.0, end: 2, unit: passes}}",
        f"averaging.halflife: {{{LINEAR}, initial: 10.0, final: 20.0, end: 2, unit: passes}}",
        "augment.p: {_target_: gen_models.core.Steps, values: [0.0, 0.25], starts: [1], unit: passes}",
    ]
    options = ["penalty=gp", "augment=ada", "augment.interval=1000", "turns=3"]
    model = play(*MLP, *options, f"+model.schedules={{{', '.join(schedules)}}}")
    critic, generator = (optimizer.param_groups[0] for optimizer in model.trainer.optimizers)
    assert critic["betas"] == pytest.approx((0.4, 0.999))
    assert generator["betas"] == (0.5, 0.999)
    assert generator["lr"] == pytest.approx(1.5e-3)
    assert critic["lr"] == 4e-4
    assert model.penalties["gp"].weight == 2.0
    assert model.averaging.halflife == 15.0
    assert model.augment.p.item() == 0.25


def test_moves_are_those_of_the_player_whose_option_it_is(play):
    """The critic has moved nine times, and the generator four times, before the last of ten turns, in which both do."""
    warm = "_target_: gen_models.core.WarmUp, turns: 20, unit: moves"
    model = play(*MLP, "model.critic_steps=2", "turns=10", f"+model.schedules.lr={{{warm}}}")
    critic, generator = (optimizer.param_groups[0]["lr"] for optimizer in model.trainer.optimizers)
    assert (critic / 4e-4, generator / 2e-4) == pytest.approx((10 / 20, 5 / 20))


def test_moves_of_nobody_are_refused(play):
    schedule = f"{{penalties.gp.weight: {{{LINEAR}, initial: 0.0, final: 1.0, end: 2, unit: moves}}}}"
    with pytest.raises(UsageError, match="counts moves, and 'penalties.gp.weight' is a number of the model"):
        play(*MLP, "penalty=gp", "turns=1", f"+model.schedules={schedule}")


def test_momentum_may_rise_from_nothing(play):
    changed = ["._target_=torch.optim.SGD", ".lr=0.01"]
    sgd = [f"model.optimizers.{player}{option}" for player in ("critic", "generator") for option in changed]
    sgd += [f"~model.optimizers.{player}.betas" for player in ("critic", "generator")]
    rising = f"+model.schedules={{momentum: {{{LINEAR}, initial: 0.0, final: 0.7, end: 2}}}}"
    model = play(*MLP, *sgd, rising, "turns=3")
    assert [optimizer.param_groups[0]["momentum"] for optimizer in model.trainer.optimizers] == [0.7, 0.7]


@pytest.mark.parametrize(
    "path", ["critc.lr", "critic.momentum", "lr.first", "penalties.gp.weight", "averaging.networks"]
)
def test_a_schedule_of_nothing_is_refused_by_name(play, path):
    with pytest.raises(UsageError, match=f"model.schedules has '{path}', which is neither"):
        play(*MLP, "turns=1", f"+model.schedules={{{path}: {{{LINEAR}, initial: 0.0, final: 1.0, end: 2}}}}")


@pytest.mark.slow
def test_a_resumed_run_follows_to_the_last_bit(run_job, tmp_path):
    schedules = [
        f"lr: {{{LINEAR}, initial: 1.0e-3, final: 0.0, end: 3, unit: passes}}",
        f"betas.0: {{{LINEAR}, initial: 0.0, final: 0.9, end: 6}}",
        "penalties.gp.weight: {_target_: gen_models.core.ExponentialDecay, halflife: 32, unit: images}",
    ]
    options = [*MLP, "penalty=gp", f"+model.schedules={{{', '.join(schedules)}}}"]
    whole = newest(run_job(*options, "turns=6", run=tmp_path / "whole"))
    run_job(*options, "turns=3", run=tmp_path / "parts")
    assert_same(whole, newest(run_job(*options, "turns=6", run=tmp_path / "parts")))
    assert whole["optimizers"]["critic"]["param_groups"][0]["betas"] == pytest.approx((0.75, 0.999))

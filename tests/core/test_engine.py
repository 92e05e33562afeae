"""The one place with manual optimization, and what is measured of Lightning there."""

import pytest
import torch
from lightning import Callback, LightningModule

from gen_models.core.accumulation import check_parts
from gen_models.core.average import Averaging
from gen_models.core.batch import Batch
from gen_models.errors import NumericalDeath, UsageError
from gen_models.families.gan import GAN
from gen_models.run.build import build_data, build_model, build_stream, build_trainer
from gen_models.run.checkpoints import Store
from tests.helpers import assert_same, newest, rows

MLP = ["model=sngan", "network=mlp", "data.batch_size=16"]


class Probe(Callback):
    """Looks at every turn's end, and draws random numbers as a careless callback would."""

    def __init__(self):
        self.steps, self.moves, self.lr = [], [], []

    def on_train_batch_end(self, trainer, model, *_):
        torch.rand(7)
        self.steps.append((trainer.global_step, model.clock.turn))
        self.moves.append(dict(model.clock.moves))
        self.lr.append([optimizer.param_groups[0]["lr"] for optimizer in trainer.optimizers])


@pytest.fixture
def play(compose_job):
    """Train without a run directory; give the model, its state before, and what was seen of it."""

    def played(*overrides, probe=True):
        cfg = compose_job(*overrides, "callbacks=none")
        data = build_data(cfg)
        model = build_model(cfg)
        before = {name: value.detach().clone() for name, value in model.named_parameters()}
        trainer = build_trainer(cfg, data)
        seen = Probe()
        trainer.callbacks += [seen] if probe else []
        trainer.fit(model, datamodule=build_stream(cfg, data, model))
        return model, before, seen

    return played


@pytest.mark.parametrize("options", ["model=vae", "model=sngan", "model=aae", "model=sngan model.critic_steps=3"])
def test_lightning_counts_turns_for_any_number_of_players(play, options):
    _, _, seen = play(*options.split(), "turns=7")
    assert seen.steps == [(turn, turn) for turn in range(1, 8)]


def test_the_generator_waits_for_its_critic_steps(play):
    _, _, seen = play(*MLP, "model.critic_steps=3", "turns=7")
    assert [moves.get("generator", 0) for moves in seen.moves] == [0, 0, 1, 1, 1, 2, 2]
    assert [moves["critic"] for moves in seen.moves] == list(range(1, 8))


def test_noise_is_another_for_every_rank_turn_and_player(play, monkeypatch):
    drawn, generate = [], GAN.generate
    monkeypatch.setattr(GAN, "generate", lambda self, z, y: drawn.append(z) or generate(self, z, y))
    for rank in (0, 1, 0):
        monkeypatch.setattr(LightningModule, "global_rank", rank)
        play(*MLP, "turns=2")
    assert len(drawn) == 3 * 4
    assert len({tuple(z.flatten().tolist()) for z in drawn}) == 2 * 4
    assert all(torch.equal(z, again) for z, again in zip(drawn[:4], drawn[8:], strict=True))


def test_a_player_without_losses_passes_its_turn(play, monkeypatch):
    monkeypatch.setattr(GAN, "generator_losses", lambda *_: {})
    model, before, seen = play(*MLP, "turns=3")
    assert seen.moves == [{"critic": turn} for turn in (1, 2, 3)]
    assert all(torch.equal(p, before[name]) for name, p in model.generator.named_parameters(prefix="generator"))
    assert model.averages.get_extra_state() == {"generator": 0}
    assert [len(optimizer.state) > 0 for optimizer in model.trainer.optimizers] == [True, False]


def test_what_callbacks_draw_changes_nothing(play):
    careless, tidy = (play(*MLP, "turns=4", probe=probe)[0] for probe in (True, False))
    assert all(torch.equal(a, b) for a, b in zip(careless.parameters(), tidy.parameters(), strict=True))


def test_a_player_changes_its_own_networks_only(play):
    model, before, _ = play(*MLP, "model.critic_steps=9", "turns=2")
    changed = {name.split(".")[0] for name, p in model.named_parameters() if not torch.equal(p, before[name])}
    assert changed == {"discriminator"}
    assert all(p.requires_grad for net in (model.generator, model.discriminator) for p in net.parameters())
    assert all(p.grad is None for p in model.generator.parameters())


def test_gradients_do_not_depend_on_the_parts_of_a_batch(play):
    options = ["model=aae", "network=mlp", "turns=1", "data.batch_size=16"]
    whole, parts = (play(*options, f"model.accumulate={k}", *sgd("autoencoder"))[0] for k in (1, 4))
    for a, b in zip(whole.decoder.parameters(), parts.decoder.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-6)


def test_statistics_over_parts_of_a_batch_are_told(play, recwarn):
    """Batch normalisation sees a part: the gradient is another one, and a warning names the network."""
    options = ["model=dcgan", "turns=1", "data.batch_size=16", *sgd("critic", "generator")]
    whole, parts = (play(*options, f"model.accumulate={k}")[0] for k in (1, 4))
    pairs = zip(whole.generator.parameters(), parts.generator.parameters(), strict=True)
    assert not all(torch.allclose(a, b, atol=1e-4) for a, b in pairs)
    told = [str(each.message) for each in recwarn if "model.accumulate" in str(each.message)]
    assert len(told) == 1
    assert "model.accumulate=4: the statistics over a batch in generator are those of its parts" in told[0]


def test_the_gradient_of_a_move_is_clipped(play):
    options = [*MLP, "turns=1", *sgd("critic", "generator")]
    free, clipped = (play(*options, f"model.clip_norm={norm}") for norm in ("null", "0.01"))

    def step(run):
        model, before, _ = run
        moved = model.discriminator.named_parameters(prefix="discriminator")
        return torch.cat([(p.detach() - before[name]).flatten() for name, p in moved])

    assert step(free).norm() > 0.05
    assert step(clipped).norm() == pytest.approx(0.01, rel=1e-3)


def test_options_follow_their_schedules(play):
    decay = "{_target_: gen_models.core.LinearDecay, start: 1, end: 3}"
    _, _, seen = play(*MLP, "turns=4", f"+model.schedules={{generator.lr: {decay}}}")
    critic, generator = zip(*seen.lr, strict=True)
    assert critic == (4e-4,) * 4
    assert generator == pytest.approx((2e-4, 2e-4, 1e-4, 0))


def test_averages_follow_with_a_halflife_in_images(play):
    average = ["model.average.networks=[discriminator]", "model.average.halflife=32", "+model.average.ramp=1e9"]
    model, before, _ = play(*MLP, "turns=1", *average)
    raw = {name: p.clone() for name, p in model.discriminator.named_parameters()}
    with model.evaluating("test"):
        averaged = {name: p.clone() for name, p in model.discriminator.named_parameters()}
    for name, p in model.discriminator.named_parameters():
        expected = torch.lerp(before[f"discriminator.{name}"], raw[name], 1 - 0.5 ** (16 / 32))
        assert torch.allclose(averaged[name], expected, atol=1e-7)
        assert torch.equal(p, raw[name])


def test_an_average_may_begin_late():
    """BigGAN's at its published batch: 0.9999 a move of two turns of 2,048 images, once 20,000 moves are made."""
    averaging = Averaging(["generator"], halflife=2.839e7, ramp=None, start=8.192e7)
    assert averaging.decay(passed=2 * 2048, images=20_000 * 2 * 2048) == 0
    assert averaging.decay(passed=2 * 2048, images=20_001 * 2 * 2048) == pytest.approx(0.9999, abs=1e-7)


def test_it_trains_in_mixed_precision(play):
    model, before, _ = play("model=sngan", "penalty=gp", "trainer.precision=bf16-mixed", "turns=3")
    assert all(p.dtype == torch.float32 and torch.isfinite(p).all() for p in model.parameters())
    assert all(not torch.equal(p, before[name]) for name, p in model.generator.named_parameters(prefix="generator"))


def sixteen_bit(scale):
    """Float16 on the processor, where Lightning's own trainer takes bfloat16 instead."""
    scaler = f"{{_target_: torch.amp.GradScaler, device: cpu, init_scale: {scale}}}"
    plugin = "_target_: lightning.pytorch.plugins.MixedPrecision, precision: 16-mixed, device: cpu"
    return [*MLP, "plugins=[torch]", "trainer.precision=null", f"+trainer.plugins=[{{{plugin}, scaler: {scaler}}}]"]


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.slow
def test_clipping_sees_the_true_gradients_of_16_bit(run_job, tmp_path, fused):
    clipped = [f"model.optimizers.{player}.fused={fused}" for player in ("critic", "generator")]
    clipped += ["model.clip_norm=0.1", "penalty=gp", "turns=2"]
    full = run_job(*MLP, *clipped, run=tmp_path / "full")
    half = run_job(*sixteen_bit(1024.0), *clipped, run=tmp_path / "half")
    exact, rough = (rows(run / "metrics.csv")[0] for run in (full, half))
    for name in ("critic/gradient_norm", "generator/gradient_norm"):
        assert float(rough[name]) == pytest.approx(float(exact[name]), rel=0.05)


@pytest.mark.slow
def test_steps_of_16_bit_that_overflow_are_left_out(run_job, tmp_path):
    options = [*sixteen_bit(2.0**40), "model.clip_norm=1", "turns=40"]
    whole = run_job(*options, run=tmp_path / "whole")
    run_job(*options, "turns=7", run=tmp_path / "parts")
    early, whole = newest(tmp_path / "parts"), newest(whole)
    assert_same(whole, newest(run_job(*options, run=tmp_path / "parts")))
    assert early["precision"]["scale"] == 2.0 ** (40 - 2 * 7)  # two players, and all their steps have been left out
    assert {int(state["step"]) for state in early["optimizers"]["generator"]["state"].values()} == {0}
    assert 2.0**10 < whole["precision"]["scale"] < 2.0**26
    assert all(0 < int(state["step"]) < 40 for state in whole["optimizers"]["generator"]["state"].values())


def test_a_dead_run_says_so_and_saves_nothing_of_it(run_job, tmp_path):
    dying = [*MLP, "turns=6", "model.optimizers.critic.lr=1e38"]
    with pytest.raises(NumericalDeath, match=r"generator/adversarial is not finite since turn 1\."):
        run_job(*dying)
    with pytest.raises(NumericalDeath, match=r"model\.\S+ is not finite after turn 1, which was not saved"):
        run_job(*dying, "callbacks.checkpoint.every=1", run=tmp_path / "often")
    assert not Store(tmp_path / "run" / "checkpoints").entries()
    assert not Store(tmp_path / "often" / "checkpoints").entries()


def test_players_and_optimizers_must_agree(compose_job):
    cfg = compose_job(*MLP, "~model.optimizers.critic", "+model.optimizers.critc=${model.optimizers.generator}")
    build_data(cfg)
    with pytest.raises(UsageError, match="critc.*did you mean critic"):
        build_model(cfg)


def sgd(*players):
    options = ["._target_=torch.optim.SGD", ".lr=1"]
    changed = [f"model.optimizers.{player}{option}" for player in players for option in options]
    return [*changed, *(f"~model.optimizers.{player}.betas" for player in players if player != "autoencoder")]


@pytest.mark.parametrize("channels_last", [True, False])
def test_images_are_laid_out_as_the_model_asks(play, monkeypatch, channels_last):
    seen = []
    compute = GAN.critic_losses
    monkeypatch.setattr(GAN, "critic_losses", lambda self, batch: (seen.append(batch.x), compute(self, batch))[1])
    options = ["model=sngan", "data=avatars", "data.count=8", "data.test_count=2", "data.size=8", "data.batch_size=4"]
    play(*options, f"model.channels_last={str(channels_last).lower()}", "turns=1", "network=mlp")
    assert len(seen) == 1
    assert seen[0].is_contiguous() is not channels_last


@pytest.mark.parametrize(("parts", "size", "cut"), [(100, 64, 64), (48, 64, 32), (2, 1, 1)])
def test_parts_that_a_batch_does_not_have_are_refused(parts, size, cut):
    with pytest.raises(UsageError, match=f"accumulate={parts} cuts a batch of {size} into {cut} parts: say {cut}"):
        check_parts(parts, size)
    check_parts(cut, size)
    assert len(list(Batch(*torch.zeros(3, size)).parts(cut))) == cut

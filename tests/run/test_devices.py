"""What is asked of Lightning's trainer and can't be had is refused in one sentence."""

import re

import pytest
from lightning.pytorch.accelerators import AcceleratorRegistry
from lightning.pytorch.strategies import StrategyRegistry
from omegaconf import OmegaConf

from gen_models.core.precision import DTYPES, PLAIN
from gen_models.errors import UsageError
from gen_models.run.devices import check_trainer
from gen_models.run.trainer_words import ACCELERATORS, OF_TPUS, PRECISIONS, SHARDED, STRATEGIES

REFUSED = {
    "precision=null": "trainer.precision=null does not keep weights in 32 bit: there is 16-mixed",
    "devices=0": "trainer.devices=0 is no number of devices",
    "devices=-3": "trainer.devices=-3 is no number of devices",
    "devices=-1": "trainer.devices=-1 is no number of devices",
    "devices='-1'": "trainer.devices=-1 is no number of devices",
    "devices=abc": "trainer.devices=abc is no number of devices: give 1 or more",
    "devices=1.5": "trainer.devices=1.5 is no number of devices",
    "devices=true": "trainer.devices=true is no number of devices",
    "devices=null": "trainer.devices=null is no number of devices",
    "devices=[a]": "trainer.devices=['a'] is no number of devices",
    "devices='0,1'": "trainer.devices=0,1 names GPUs, and this trainer uses the processor",
    "devices=[0]": "trainer.devices=[0] names GPUs, and this trainer uses the processor",
    "num_nodes=0": "trainer.num_nodes=0 is no number of machines",
    "num_nodes=abc": "trainer.num_nodes=abc is no number of machines",
    "accelerator=foo": "there is no trainer.accelerator=foo: there is auto, cpu, cuda, gpu, mps",
    "accelerator=1": "there is no trainer.accelerator=1: there is auto",
    "accelerator=null": "there is no trainer.accelerator=null: there is auto",
    "accelerator=cdua": "there is no trainer.accelerator=cdua: did you mean cuda",
    "accelerator=tpu": "trainer.accelerator=tpu finds no such device here: use trainer=cpu",
    "strategy=foo": "there is no trainer.strategy=foo: there is auto, ddp, ddp_",
    "strategy=dpp": "there is no trainer.strategy=dpp: did you mean ddp",
    "strategy=null": "there is no trainer.strategy=null: there is auto",
    "strategy=xla": "there is no trainer.strategy=xla: there is auto",
    "log_every_n_steps=0": "log_every=…",
    "log_every_n_steps=null": "log_every=…",
    "limit_train_batches=1": "the budget is turns=… or images=…: leave trainer.limit_train_batches=1 out",
    "val_check_interval=1": "figures are taken every callbacks.quality.every turns",
    "enable_checkpointing=true": "checkpoints are callbacks.checkpoint's",
    "use_distributed_sampler=true": "the stream gives each process its share",
    "inference_mode=false": "figures are taken without gradients",
    "barebones=true": "a run leaves nothing",
}

HARMLESS = ("limit_train_batches=1.0", "overfit_batches=0", "overfit_batches=0.0", "num_sanity_val_steps=0")


def trainer(*options):
    return OmegaConf.from_dotlist(["accelerator=cpu", "devices=1", "log_every_n_steps=50", *options])


@pytest.mark.parametrize("option", REFUSED)
def test_it_is_named_with_what_to_do(option):
    with pytest.raises(UsageError, match=re.escape(REFUSED[option])):
        check_trainer(trainer(option), log_every=50)


@pytest.mark.parametrize(
    "option",
    [
        "accelerator=auto",
        "precision=bf16-mixed",
        "devices=2",
        "devices='2'",
        "devices=auto",
        "strategy=ddp_spawn",
        *HARMLESS,
    ],
)
def test_what_can_be_had_passes(option):
    check_trainer(trainer(option), log_every=50)


@pytest.mark.parametrize("devices", ["[0, 1]", "'0,1'", "2", "'2'", "-1", "auto"])
def test_gpus_are_counted_however_they_are_said(devices, monkeypatch):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    check_trainer(trainer("accelerator=gpu", f"devices={devices}"), log_every=50)


@pytest.mark.parametrize("devices", ["[0, 1, 2]", "'0,1,2'", "3", "'3'"])
def test_more_gpus_than_there_are_are_refused_however_they_are_said(devices, monkeypatch):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    with pytest.raises(UsageError, match=r"but torch sees 2: lower it\.$"):
        check_trainer(trainer("accelerator=gpu", f"devices={devices}"), log_every=50)


def test_a_trainer_that_was_taken_away_is_asked_for():
    with pytest.raises(UsageError, match="there is no trainer: choose trainer=auto"):
        check_trainer(None, log_every=50)


def test_the_names_that_are_known_without_torch_are_lightnings():
    assert {*ACCELERATORS} == {"auto", "gpu", *AcceleratorRegistry.available_accelerators()}
    names = {name for name in StrategyRegistry.available_strategies() if not any(part in name for part in SHARDED)}
    assert {*STRATEGIES, *OF_TPUS} == {"auto", *names}
    assert (PLAIN, *DTYPES) == PRECISIONS

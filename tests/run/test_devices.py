"""What is asked of Lightning's trainer and can't be had is refused in one sentence."""

import re

import pytest
from omegaconf import OmegaConf

from gen_models.errors import UsageError
from gen_models.run.devices import check_trainer

REFUSED = {
    "precision=null": "trainer.precision=null does not keep weights in 32 bit: there is 16-mixed",
    "devices=0": "trainer.devices=0 is no number of devices",
    "devices=-3": "trainer.devices=-3 is no number of devices",
    "devices=-1": "trainer.devices=-1 is no number of devices",
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


@pytest.mark.parametrize("option", ["accelerator=auto", "precision=bf16-mixed", "devices=2", "devices=[0]", *HARMLESS])
def test_what_can_be_had_passes(option):
    check_trainer(trainer(option), log_every=50)

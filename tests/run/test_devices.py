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
}


def trainer(*options):
    return OmegaConf.from_dotlist(["accelerator=cpu", "devices=1", "log_every_n_steps=50", *options])


@pytest.mark.parametrize("option", REFUSED)
def test_it_is_named_with_what_to_do(option):
    with pytest.raises(UsageError, match=re.escape(REFUSED[option])):
        check_trainer(trainer(option), log_every=50)


@pytest.mark.parametrize("option", ["accelerator=auto", "precision=bf16-mixed", "devices=2", "devices=[0]"])
def test_what_can_be_had_passes(option):
    check_trainer(trainer(option), log_every=50)

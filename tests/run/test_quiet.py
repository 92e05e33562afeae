"""What stands on the screen of a training: what was asked for, and what is amiss."""

import logging
import warnings

import pytest
from lightning import Trainer
from lightning.pytorch.utilities import rank_zero_info

from gen_models.callbacks import alarms
from gen_models.run.quiet import TALKATIVE, quietly


@pytest.fixture
def heard(caplog):
    """What Lightning logs, as loudly as its import makes it."""
    root = logging.getLogger("lightning.pytorch")
    level, propagate = root.level, root.propagate
    root.propagate = True
    with quietly():
        root.setLevel(logging.INFO)
        yield caplog
    root.setLevel(level)
    root.propagate = propagate


def test_lightning_does_not_greet_even_where_it_is_imported_later(heard):
    Trainer(accelerator="cpu", logger=False, enable_checkpointing=False)
    rank_zero_info("`Trainer.fit` stopped: `max_epochs=1` reached.")
    assert heard.messages == []
    for name in TALKATIVE:
        logging.getLogger(name).warning("something is amiss")
    assert heard.messages == ["something is amiss"] * len(TALKATIVE)


def test_without_quiet_it_greets(heard):
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.NOTSET)
    Trainer(accelerator="cpu", logger=False, enable_checkpointing=False)
    assert any(message.startswith("GPU available") for message in heard.messages)


def test_own_warnings_are_sentences_and_those_of_others_name_their_line():
    def written(filename):
        return warnings.formatwarning("it is late.", UserWarning, filename, 7)

    usual = written(alarms.__file__)
    with quietly():
        assert written(alarms.__file__) == "Warning: it is late.\n"
        assert written("/elsewhere/theirs.py") == "/elsewhere/theirs.py:7: UserWarning: it is late.\n"
    assert written(alarms.__file__) == usual


def test_a_library_that_is_right_is_not_contradicted():
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        with quietly():
            warnings.warn("The 'train_dataloader' does not have many workers", stacklevel=1)
            warnings.warn("Found 42 module(s) in eval mode at the start of training. This may lead to", stacklevel=1)
            warnings.warn("another", stacklevel=1)
    assert [str(one.message) for one in found] == ["another"]

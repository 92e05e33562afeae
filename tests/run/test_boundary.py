"""Wrong input ends with one sentence and exit code 2, before anything is trained."""

import runpy
import sys

import pytest
from hydra.core.global_hydra import GlobalHydra

from tests.conftest import CONF

SENTENCES = {
    "modle=vae": "no option 'modle': did you mean model",
    "model=vea": "no model=vea: did you mean vae",
    "model.lr=1": "no option 'model.lr': did you mean model.optimizers.",
    "penalty=[gpp]": "no penalty=gpp: did you mean gp",
    "model=vae loss=hinge": "does not take loss=hinge: it takes loss=bernoulli, gaussian, learned_gaussian, logistic",
    "model.generator.width=5": "change network.generator.width",
    "model.compile={generator: {}}": "open map of named parts: add one with +model.compile.NAME",
    "network.generator.width=abc": "model.generator.width takes int, not 'abc'",
    "model.penalties=abc": "takes objects of a config",
    "model=vae network=maxout": "has no encoder: choose network=",
    "network.generator.kernel=3": "kernels are 4 or 5",
    "data=folder data.root=/nowhere": "There is no folder /nowhere",
    "data=folder data.root=~/nowhere": "There is no folder /",
    "data=toy2d": "use network=mlp",
    "trainer=gpu": "needs a GPU",
    "trainer.strategy=fsdp": "cuts networks into pieces",
    "turns=abc": "turns takes a whole number",
    "model=cgan data=avatars data.count=2 data.test_count=2": "data.label",
    "logger=null": "a group is chosen by the name",
    "model._target_=os.system": "may not name 'os.system'",
    "data.batch_size=0": "at least 1",
    "trainer.precision=tiny": "there is 16-mixed, 32-true, bf16-mixed",
    "trainer.precision=16-true": "does not keep weights in 32 bit",
    "trainer=cpu trainer.sync_batchnorm=true": "needs GPUs",
}


@pytest.fixture
def typed(monkeypatch, capfd, tmp_path):
    """Type options after `python train.py`; give the exit code and stderr."""

    def run(*options):
        GlobalHydra.instance().clear()
        fixed = [f"paths.runs={tmp_path}", f"paths.cache={tmp_path}/cache", "metrics=none", "turns=1"]
        data = [] if any(option.startswith("data=") for option in options) else ["data=digits"]
        monkeypatch.setattr(sys, "argv", ["train.py", *data, *fixed, *options])
        with pytest.raises(SystemExit) as end:
            runpy.run_path(str(CONF.parent / "train.py"), run_name="__main__")
        return end.value.code, capfd.readouterr().err

    return run


@pytest.mark.parametrize("options", SENTENCES, ids=str)
def test_a_sentence_names_cause_and_fix(typed, options):
    code, text = typed(*(options.split() if "{" not in options else [options]))
    lines = [line for line in text.splitlines() if "Warning" not in line and not line.startswith("  ")]
    assert code == 2
    assert SENTENCES[options] in lines[-1]
    assert "Traceback" not in text


def test_a_developer_sees_the_traceback(typed, monkeypatch):
    monkeypatch.setenv("GEN_MODELS_DEBUG", "1")
    with pytest.raises(Exception, match="needs a GPU"):
        typed("trainer=gpu")

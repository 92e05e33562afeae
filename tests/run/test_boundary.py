"""Wrong input ends with one sentence and exit code 2, before anything is trained."""

import errno
import re
import runpy
import sys
from pathlib import Path

import pytest
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser

from gen_models.errors import UsageError, nearest, visible
from gen_models.reports.finished import read
from gen_models.run.arguments import understood
from gen_models.run.boundary import explained
from gen_models.run.build import build
from tests.conftest import CONF

SENTENCES = {
    "modle=vae": "no option 'modle': did you mean model",
    "model=vea": "no model=vea: did you mean vae",
    "model.lr=1": "model=sngan has no option 'lr': did you mean model.optimizers.",
    "penalty=[gpp]": "no penalty=gpp: did you mean gp",
    "model=vae loss=hinge": "does not take loss=hinge: it takes loss=bernoulli, gaussian, learned_gaussian, logistic",
    "model.generator.width=5": "change network.generator.width",
    "model=consistency model.schedules.pairs.divisions.end=9": "write 'model.schedules={pairs.divisions:{end:…}}'",
    "model.compile={generator: {}}": "open map of named parts: add one with +model.compile.NAME",
    "network.generator.width=abc": "network.generator.width takes int, not 'abc'",
    "model.penalties=abc": "takes objects of a config",
    "model=vae network=maxout": "has no encoder: choose network=",
    "network.generator.kernel=3": "kernels are 4 or 5",
    "data=folder data.root=/nowhere": "There is no folder /nowhere",
    "data=folder data.root=~/nowhere": "There is no folder /",
    "data=toy2d": "use network=mlp",
    "trainer=gpu": "needs a GPU",
    "trainer.strategy=fsdp": "cuts networks into pieces",
    "turns=abc": "turns takes a whole number",
    "images=5": "turns=1 would be ignored, since images=5 is the budget",
    "shuffle=maybe": "shuffle takes bool, not 'maybe'",
    "log_every=0": "log_every=0 is too small: it must be at least 1",
    "run=": "run= is empty",
    "model=vae network=mlp model.beta=-1": "model.beta=-1 is too small: it must be at least 0",
    "model.critic_steps=0": "model.critic_steps=0 is too small",
    "model.accumulate=0": "model.accumulate=0 is too small",
    "model.clip_norm=0": "model.clip_norm=0 is too small: it must be above 0",
    "model=ddpm data=ring network=mlp_denoiser model.guidance.scale=3": "this network is told none",
    "+trainer.limit_val_batches=3": "figures are taken every callbacks.quality.every turns",
    "model=ae network=mlp model.optimizers.ae.lr=-1": "model.optimizers.ae: Invalid learning rate: -1",
    "data=ring network=mlp augment=shift": "augment changes pictures, and the data has shape [2]",
    "trainer=mac": "needs the GPU of a Mac and torch sees none",
    "turns=-5": "turns takes a whole number from 0 on, not '-5'",
    "vae": "options are written as name=value, and not vae: did you mean model=vae?",
    "my-cats": "options are written as name=value, and not my-cats: did you mean my-cats=…?",
    "docs": "options are written as name=value, and not docs: did you mean data=folder data.root=docs?",
    "digits": "and not digits: did you mean data=digits?",
    "~/cats": "and not ~/cats: did you mean data=folder data.root=~/cats?",
    "nothing": "and not nothing: did you mean nothing=…?",
    "model=cgan data=avatars data.count=2 data.test_count=2": "data.label",
    "logger=3": "a group is chosen by the name",
    "model._target_=os.system": "may not name 'os.system'",
    "data.batch_size=0": "at least 1",
    "trainer.precision=tiny": "there is 16-mixed, 32-true, bf16-mixed",
    "trainer.precision=16-true": "does not keep weights in 32 bit",
    "trainer=cpu trainer.sync_batchnorm=true": "needs GPUs",
    "model=vae,gan": "model=vae,gan names several: choose one, or sweep over all by -m.",
    "turns=1,2": "turns=1,2 names several: choose one, or sweep over all by -m.",
    "lr=0.001": "did you mean model.optimizers.generator.lr or model.optimizers.critic.lr?",
    "model.lr=0.001 model=vae": "model=vae has no option 'lr': did you mean model.optimizers.vae.lr?",
    "+turns=5": "there is 'turns' already: set it without the +",
    "epochs=5": "the budget is turns=… or images=…",
    "trainer.max_epochs=3": "the budget is turns=… or images=…: leave trainer.max_epochs=3 out",
    "+trainer.max_steps=3": "the budget is turns=… or images=…: leave trainer.max_steps=3 out",
    "+trainer.max_time=00:01:00:00": "the budget is turns=… or images=…: leave trainer.max_time",
    "+trainer.gradient_clip_val=1": "clipped by model.clip_norm",
    "+trainer.accumulate_grad_batches=2": "model.accumulate=",
    "hydra.job.nmae=x": "no option 'hydra.job.nmae': did you mean hydra.job.name",
    "data=digits data.size=128": "data=digits has no option 'size'",
    "model=vae model.latent_dims=10": "model=vae has no option 'latent_dims': did you mean model.latent_dim",
    "experiment=figure_1": "there is no experiment=figure_1: did you mean theory/figure_1?",
    "experiment=theory/figure1": "there is no experiment=theory/figure1: did you mean theory/figure_1",
    "model=": "model= names no file: there is aae",
    "--model vae": "without dashes, as in model=vae",
    "--turns=100": "without dashes, as in turns=100",
    "model.optimizers.generator._target_=torch.optim.Adamm": "did you mean Adam",
    "model=vae model.latent_dim=-5 network=mlp": "model.latent_dim must be at least 1, and is -5",
    "model=vae metrics=null": "metrics=null names no file: say metrics=none.",
    "model=vae logger=null": "logger=null names no file: name one, or leave it out by ~logger.",
    "model=vae model.beta=interval(0,1)": "an option that is to vary needs -m",
    "run=/proc/foo": "the run directory /proc/foo can't be made",
    "model=realnvp loss=hinge": "model=realnvp has no loss to choose: leave loss=hinge out.",
    "model=vae model.optimizers.vae.betas=[0.5,0.9]": "is an option of Adam that no file states: set it with a +",
    "trainer.gradient_clip_val=1": "clipped by model.clip_norm=…: leave trainer.gradient_clip_val out",
    "data=folder data.share=0.5": "is an option of Folder that no file states",
    "augment=[ada,bgc]": "augment is one file, not several: say augment=ada or augment=bgc",
    "model=[gan,vae]": "model is one file, not several",
    "model=ddpm network=mlp_denoiser model.guidance=null": "model.guidance takes Guidance, not null",
    "penalty=[gp] penalty.gp.every=null": "penalty.gp.every takes int, not null",
    "penalty=[gp] penalty.gp.weight=-1": "penalty.gp.weight=-1 is too small",
    "seed=null": "seed takes int, not null",
    "network.generator.classes=4": "network.generator is made for 4 classes, and the data has 10",
    "network.generator.classes=20": "network.generator is made for 20 classes, and the data has 10",
    "model=igpt network.causal.classes=4": "the model's prior.causal is made for 4 classes, and the data has 10",
    "data=toy2d network=mlp network.generator.classes=3": "network.generator is made for 3 classes, and the data has 8",
    "model=ddpm network=mlp_denoiser network.denoiser.classes=10 data.labelled=100": "with data.labelled, has none",
    "model=flow_matching network=mlp_denoiser_mean": "tells its network of 1 times, and the network reads 2",
    "model=meanflow network=mlp_denoiser": "tells its network of 2 times, and the network reads 1",
    "model=dcgan data.batch_size=1": "normalises over the items of a batch, and was given one",
    "model=wgan_gp model.optimizers.critic.betas=0.5": "betas takes a list, such as [0.5], not '0.5'",
    "model=wgan_gp model.optimizers.critic.betas=[0.5]": "betas takes a list of 2, and [0.5] has 1",
    "model=wgan_gp +model.optimizers.critic.foreach=true": "model.optimizers.critic: `fused` and `foreach`",
    "model=ae network=mlp +model.compile.encoder.mode=fast": "model.compile.encoder: Unrecognized mode=fast",
    "hydra/sweeper=optuna": "nothing reads hydra/sweeper=optuna here, since this is a single run",
    "+hydra.sweeper.n_jobs=2": "nothing reads +hydra.sweeper.n_jobs=2 here",
    "model=vae network=mlp loss=bernoulli +loss.weigt=3": "loss has no option 'weigt'",
    "logger=wandb logger.wandb.mode=ofline": "mode takes auto or online or offline or disabled, not 'ofline'",
    "logger=wandb logger.wandb.tags=mine": "logger.wandb.tags takes a list, such as [mine], not 'mine'",
    "logger=wandb logger.wandb.artifact=yess": "logger.wandb.artifact takes bool, not 'yess'",
    "logger=wandb +logger.wandb.tag=[mine]": "logger.wandb has no option 'tag': did you mean tags?",
    "logger=wandb +logger.wandb.entity=3": "logger.wandb.entity can't be 3: input should be a valid string.",
    "~callbacks.histogram": "no callbacks.histogram to take away: did you mean callbacks.histograms",
    "~seeed": "there is no seeed to take away: did you mean seed?",
    "+model.prior.wrong=${model.nothing}": "refers to model.nothing, which is not there",
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


@pytest.mark.parametrize("option", ["paths.runs=", "paths.cache=null"])
def test_a_folder_without_a_name_is_refused_before_any_is_made(option):
    with pytest.raises(UsageError, match=f"{option} names no folder"):
        understood(["model=vae", option])


@pytest.mark.parametrize("option", ["name='a\nb'", "study='\x1b[31mred'", "+run=a\tb", "paths.runs=a\x07"])
def test_a_folder_that_can_not_be_printed_is_refused_before_any_is_made(option):
    with pytest.raises(UsageError, match="holds signs that can't be printed") as refused:
        understood(["-m", "model=vae", option])
    assert str(refused.value).isprintable()
    assert visible("a\nb\x1b[1m\x85 józef 👩\u200d🎨") == r"a\nb\x1b[1m\x85 józef 👩‍🎨"
    assert nearest("psnr", [f"a{i}" for i in range(30)] + ["psnr_of_it"]) == "did you mean psnr_of_it?"
    assert visible("a\nb\x1b\udce9", "\n") == "a\nb" + r"\x1b\udce9"
    assert understood(["model.prompt='a\nb'", "name=józef"]) == ["model.prompt='a\nb'", "name=józef"]


@pytest.mark.parametrize("option", ["study=a/../../b", "name=..", "study='../b'"])
def test_a_run_or_study_stays_in_the_folder_of_runs(option):
    with pytest.raises(UsageError, match=r"leads out of paths\.runs"):
        understood(["-m", "model=vae", option])
    assert understood(["paths.runs=../runs", "study=a..b", "run=../c"]) == [
        "paths.runs=../runs",
        "study=a..b",
        "run=../c",
    ]


def test_a_developer_sees_the_traceback(typed, monkeypatch):
    monkeypatch.setenv("GEN_MODELS_DEBUG", "1")
    with pytest.raises(Exception, match="needs a GPU"):
        typed("trainer=gpu")


LATE = "model=ae network=mlp trainer=cpu callbacks=watched callbacks.watch.every=3 log_every=2"
"""Refused while Lightning sets the training up."""


@pytest.mark.parametrize("options", ["trainer=gpu", "model=realnvp loss=hinge", "data.batch_size=0", "+bogus=1", LATE])
def test_a_refused_command_leaves_no_directory(options, typed, tmp_path):
    typed(*options.split())
    assert not list(tmp_path.glob("*-digits"))


@pytest.mark.parametrize(
    "option",
    ["model.optimizers.ae.lr=-1", "+model.schedules.nothing={_target_: gen_models.core.LinearDecay, end: 9}"],
)
def test_optimizers_are_made_before_the_run_begins(option, typed, monkeypatch):
    monkeypatch.setattr("gen_models.job._played", None)
    code, text = typed("model=ae", "network=mlp", "trainer=cpu", option)
    assert code == 2
    assert text.startswith("model.")


@pytest.mark.parametrize(
    ("options", "words"), [("model=ae network=mlp trainer=cpu seed=7", "choose another run"), (LATE, "the watch can't")]
)
def test_a_refused_command_changes_nothing_in_a_run(options, words, typed, run_job):
    run = run_job("model=ae", "network=mlp", "turns=1")
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    code, text = typed(*options.split(), "logger=csv", "turns=3", f"run={run}")
    assert code == 2
    assert words in text
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before


def test_a_sweep_may_be_asked_for_anywhere(monkeypatch):
    assert understood(["a=1", "-m", "b=~/c"]) == ["-m", "a=1", f"b={Path.home()}/c"]
    assert understood(["--cfg", "job"]) == ["--cfg", "job"]
    monkeypatch.setenv("HOME", "/home/józef")
    parser = OverridesParser.create()
    assert parser.parse_override(*understood(["data.root=~/my cats"])).value() == "/home/józef/my cats"
    assert parser.parse_override(*understood(["data.root=[~/a,~]"])).value() == ["/home/józef/a", "/home/józef"]
    assert understood(["name='~/a'"]) == ["name='~/a'"]
    with pytest.raises(UsageError, match="--cfg shows a single job: leave -m out"):
        understood(["-m", "a=1,2", "--cfg", "job"])


def test_a_constructor_that_lacks_a_package_says_so(compose_job, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    monkeypatch.setitem(sys.modules, "torch_fidelity.feature_extractor_inceptionv3", None)
    with pytest.raises(UsageError, match="^InceptionV3 needs torch-fidelity"):
        build(compose_job("metrics=inception"), "metrics")


def test_overrides_with_references_are_shown_as_they_were_typed(run_job):
    run = run_job("model=sngan", "network=mlp", "turns=1", "network.generator.classes=${spec.num_classes}")
    assert "network.generator.classes=${spec.num_classes}" in read(run).command


def test_a_full_disk_is_no_programmer_s_error():
    message, code = explained(OSError(errno.ENOSPC, "No space left on device"))
    assert (code, message) == (
        2,
        "a file could not be written (No space left on device): make room, and the same command goes on.",
    )
    assert explained(OSError(errno.EIO, "Input/output error")) is None


@pytest.mark.parametrize(
    ("text", "said", "code"),
    [
        ("sbatch: error: a\nsbatch: error: invalid partition specified: x", r"\(invalid partition specified: x\)", 2),
        ("Job (task=0) has not produced any output\nstate: TIMEOUT", "ended from outside: Job \\(task=0\\)", 1),
        ('Could not detect "srun", are you indeed on a slurm cluster?', "this machine has no Slurm: leave hydra", 2),
    ],
)
def test_what_submitit_says_names_the_cause(text, said, code):
    kind = type("FailedJobError", (RuntimeError,), {"__module__": "submitit.core.utils"})
    sentence, exit_code = explained(kind(text))
    assert exit_code == code
    assert re.search(said, sentence)

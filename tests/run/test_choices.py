"""Nothing that was chosen is ignored: the sentence comes before anything is built."""

import re

import pytest
from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf

from gen_models.errors import UsageError
from gen_models.run.choices import check_choices, typed
from gen_models.run.reading import flat
from tests.conftest import CONF
from tests.test_recipes import RECIPES

SWEEPS = list(CONF.glob("sweep/**/*.yaml"))

IGNORED = {
    "model=realnvp loss=hinge": "model=realnvp has no loss to choose: leave loss=hinge out.",
    "model=vae penalty=[gp]": "model=vae has no penalty to choose: leave penalty=[gp] out.",
    "model=vae augment=ada": "model=vae has no augment to choose",
    "model=vae judge=[mmd]": "model=vae has no judge to choose",
    "model=judged loss=hinge": "model=judged has no loss to choose",
    "model=pixelcnn loss=softmax": None,
    "model=realnvp +loss.factor=1": "model=realnvp has no loss to choose: leave +loss.factor=1 out.",
    "+bogus=1": "nothing reads 'bogus'",
    "+turn=100": "nothing reads 'turn': did you mean turns",
    "model=sngan network.encoder.width=3": "model=sngan has no network.encoder to set: leave network.encoder.width=3",
    "callbacks=none +callbacks.grids.every=3": "this callbacks has no callbacks.grids to set",
    "spec.num_classes=3": "the data decides spec.num_classes",
    "model=sngan judge=[mmd] augment=ada penalty=[gp] loss=hinge": None,
    "model=wgan_gp penalty.gp.weight=3 network.generator.width=4": None,
    "model=vae penalty=[] judge=[]": None,
    "model=vae +mine=3 model.latent_dim=${mine}": None,
    "experiment=theory/optimal_critic data=toy1d": None,
    "+model.schedules.lr={_target_: gen_models.core.LinearDecay}": None,
    "hydra.job.chdir=false paths.data=x": None,
    "choices.model=y": "the files that are chosen decide choices.model: leave choices.model=y out.",
    "study=mine": "nothing reads study=mine here, since it names a sweep, and this is a single run: leave it out.",
    "study=mine logger=wandb": None,
    "name=mine": None,
    "name=mine run=there": "nothing reads name=mine here, since it is part of a directory's name",
    "experiment=vae/binary_mnist turns=3": "turns=3 would be ignored, since images=",
    "experiment=vae/binary_mnist images=null turns=3": None,
    "turns=3": None,
    "data.share=0.3": "data.share is part of data.labelled and does nothing without it: say both, or neither.",
    "data=image data.path=a.png data.photo=china": "data.path takes the place of data.photo: leave one of them out.",
    "data=celeba data.root=x data.partition=true data.test_fraction=0.2": "data.partition takes the place of",
    "data=celeba data.root=x data.partition=false data.test_fraction=0.2": None,
    "data=folder data.root=x data.classes=false data.num_classes=3": "data.num_classes is part of data.classes",
    "data=folder data.root=x data.num_classes=3": None,
    "data.share=0.3 data.labelled=50": None,
    "model=rectified_flow model.pairs=100": "model.pairs is part of model.teacher",
    "model=rectified_flow model.pairs=null": None,
    "model=token_prior model.space=there model.space_images=3": "model.space takes the place of model.space_images",
    "model=token_prior model.space_images=3": None,
    "experiment=r3gan/cifar10 model.optimizers.critic.lr=1": "critic.lr=1 would be without effect, since",
    "experiment=r3gan/cifar10 penalty.r1.weight=1": "has 'penalties.r1.weight', which says what it is at each time",
    "experiment=progan/celeba_128 model.average.halflife=1": "has 'averaging.halflife', which",
    "experiment=r3gan/cifar10 augment.p=1": "has 'augment.p', which",
    "experiment=r3gan/cifar10 model.average.halflife=1 penalty.r1.every=2": None,
    "model=consistency model.pairs.divisions=8": None,
    "model=vqgan model.game=0.1": None,
    "model=glow model.optimizers.flow.lr=0.1": None,
    "model=pixelcnn_pp model.optimizers.autoregressive.lr=0.1": None,
}


def answer(cfg, overrides):
    """The sentence of a refusal, or None."""
    try:
        return check_choices(cfg, overrides)
    except UsageError as error:
        return str(error)


@pytest.mark.parametrize("options", IGNORED, ids=str)
def test_what_nothing_reads_is_refused(options, compose_job):
    cfg = compose_job(*(options.split() if "{_" not in options else [options]))
    told = answer(cfg, typed())
    assert told is None if IGNORED[options] is None else IGNORED[options] in (told or "")


@pytest.mark.parametrize("option", ["name=mine", "study=mine", "run=there"])
def test_where_the_directory_is_settled_names_were_read_before(option, compose_job):
    """A rank composes the words of its job again, and is given the directory that rank 0 has."""
    cfg = compose_job("hydra.run.dir=there", option)
    assert answer(cfg, [option]) is None


def test_a_recipe_in_images_is_debugged_in_as_few_turns(compose_job):
    cfg = compose_job("experiment=vae/binary_mnist", "debug=fast")
    assert cfg.images == 20 * cfg.data.batch_size


def test_a_file_may_not_bring_plugins(compose_job):
    cfg = compose_job("plugins=[torch]")
    assert answer(cfg, ["plugins=[torch]"]) is None
    assert "command line only" in answer(cfg, [])


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
@pytest.mark.slow
def test_a_recipe_sets_nothing_that_is_ignored(recipe, compose_job):
    cfg = compose_job(f"experiment={recipe.name}")
    lines = OmegaConf.to_container(OmegaConf.load(CONF / f"experiment/{recipe.name}.yaml"), resolve=False)
    for name in ("defaults", "spec"):  # spec is for plans; in a training the data decide
        lines.pop(name, None)
    keys = [f"{key}=1" for key in flat(lines) if re.fullmatch(r"(?!hydra)[\w.]+", key)]
    assert answer(cfg, [*typed(), *keys]) is None


@pytest.mark.parametrize("path", SWEEPS, ids=lambda path: path.stem)
def test_a_sweep_varies_nothing_that_is_ignored(path, compose_job):
    sweep = path.relative_to(CONF / "sweep").with_suffix("")
    if path.stem == "search":
        pytest.importorskip("optuna", minversion="4", reason="pip install '.[optuna]'")
    params = OmegaConf.load(path).hydra.sweeper.params
    first = [f"{key}={str(value).split(',')[0].strip()}" for key, value in params.items() if "(" not in str(value)]
    assert answer(compose_job(f"sweep={sweep}", *first), typed()) is None
    assert HydraConfig.get().overrides.task

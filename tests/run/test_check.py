"""A configuration is held against the constructors that it names, before any of them is called."""

import re

import pytest
from lightning import Callback
from omegaconf import OmegaConf

import gen_models.callbacks
import gen_models.experiments.theory
from gen_models.bounds import AtLeast
from gen_models.errors import UsageError
from gen_models.run.check import check
from gen_models.run.hints import annotations, remarks

BODY = {"_target_": "gen_models.networks.MLPBody", "shape": [1, 8, 8], "hidden": [16]}
MODEL = {
    "_target_": "gen_models.families.AE",
    "encoder": BODY,
    "decoder": {"_target_": "gen_models.networks.MLPGenerator", "shape": [1, 8, 8], "latent_dim": 4, "hidden": [16]},
    "loss": {"_target_": "gen_models.losses.SquaredError"},
    "latent_dim": 4,
    "optimizers": {},
}

PLAIN = {
    "a map in the place of a network": ({"encoder": {"anything": [{"more": BODY}]}}, "takes Body, not options"),
    "a list in the place of a network": ({"encoder": [BODY]}, "takes Body, not a list"),
    "a map in the place of a loss": ({"loss": {"weight": 1}}, "takes Reconstruction, not options"),
    "a list in the place of a number": ({"latent_dim": [4]}, "takes int, not a list"),
    "a map in the place of a number": ({"encoder": {**BODY, "hidden": {"a": 1}}}, "not options without a _target_"),
    "a part of another name": (
        {"optimizers": {"ae": {"_target_": "torch.optim.Adam", "_partial_": True}, "ea": {"lr": 1}}},
        r"ea takes Callable, not options without a _target_: did you mean ae\?",
    ),
    "null in the place of a number": ({"latent_dim": None}, r"model\.latent_dim takes int, not null"),
    "an optimizer that is a list": ({"optimizers": {"ae": [1]}}, r"model\.optimizers\.ae takes .*, not a list"),
}


def checked(**options):
    return check(OmegaConf.create({"model": {**MODEL, **options}}), "model")


def test_what_fits_passes():
    assert checked()["encoder"] == BODY


@pytest.mark.parametrize("name", PLAIN)
def test_a_map_or_a_list_is_no_object(name):
    options, sentence = PLAIN[name]
    with pytest.raises(UsageError, match=sentence):
        checked(**options)


def test_a_missing_argument_is_named_with_its_class():
    lacking = {key: value for key, value in BODY.items() if key != "shape"}
    with pytest.raises(UsageError, match=r"^model\.encoder lacks 'shape', for which MLPBody has no default"):
        checked(encoder=lacking)
    with pytest.raises(UsageError, match="^model lacks 'decoder', for which AE has no default"):
        check(OmegaConf.create({"model": {key: MODEL[key] for key in MODEL if key != "decoder"}}), "model")


def test_arguments_that_families_share_are_required_too():
    vae = {"_target_": "gen_models.families.VAE", **{key: MODEL[key] for key in ("encoder", "decoder", "optimizers")}}
    with pytest.raises(UsageError, match="^model lacks 'loss', for which VAE has no default"):
        check(OmegaConf.create({"model": {**vae, "latent_dim": 4, "beta": 2}}), "model")
    with pytest.raises(UsageError, match=r"^model has no option 'latent_dims': did you mean latent_dim\?"):
        check(OmegaConf.create({"model": {**vae, "latent_dims": 4}}), "model")


def test_a_partial_is_given_the_rest_later():
    adam = {"_target_": "torch.optim.Adam", "_partial_": True, "lr": 0.1}
    assert checked(optimizers={"ae": adam})["optimizers"]["ae"] == adam


TOO_SMALL = {
    "callbacks.quality.every=-5": "callbacks.quality.every=-5 is too small: it must be at least 0",
    "callbacks.grids.n=0": "callbacks.grids.n=0 is too small: it must be at least 1",
    "+callbacks.grids.columns=0": "callbacks.grids.columns=0 is too small",
    "+callbacks.quality.held_out=-1": "callbacks.quality.held_out=-1 is too small",
    "callbacks.watch.patience=0": "callbacks.watch.patience=0 is too small",
    "callbacks.lines.seconds=-0.5": "callbacks.lines.seconds=-0.5 is too small",
    "metrics.batch_size=0 metrics=data_space": "metrics.batch_size=0 is too small",
}


@pytest.mark.parametrize("options", TOO_SMALL)
def test_a_number_below_its_bound_is_refused(options, compose_job):
    cfg = compose_job(*options.split())
    group = options.lstrip("+").partition(".")[0]
    with pytest.raises(UsageError, match=re.escape(TOO_SMALL[options])):
        check(cfg, group)


def test_nought_is_never_and_null_is_no_number_to_bound(compose_job):
    cfg = compose_job("callbacks.quality.every=0", "+callbacks.quality.held_out=null", "callbacks.watch.n=0")
    assert check(cfg, "callbacks")["quality"]["held_out"] is None


def test_every_rhythm_of_a_callback_has_a_bound():
    packages = (gen_models.callbacks, gen_models.experiments.theory)
    found = [getattr(package, name) for package in packages for name in dir(package)]
    watching = [each for each in found if isinstance(each, type) and issubclass(each, Callback)]
    timed = [each for each in watching if "every" in (annotations(each) or {})]
    assert len(timed) > 10
    for each in timed:
        assert any(isinstance(remark, AtLeast) for remark in remarks(each).get("every", ())), each

"""A configuration is held against the constructors that it names, before any of them is called."""

import pytest
from omegaconf import OmegaConf

from gen_models.errors import UsageError
from gen_models.networks.gan.equalised import PixelNorm
from gen_models.run.check import check
from gen_models.run.hints import takes_more
from gen_models.run.wandb_logger import RunWandb

BODY = {"_target_": "gen_models.networks.MLPBody", "shape": [1, 8, 8], "hidden": [16]}
MODEL = {
    "_target_": "gen_models.families.AE",
    "encoder": BODY,
    "decoder": {"_target_": "gen_models.networks.MLPGenerator", "shape": [1, 8, 8], "latent_dim": 4, "hidden": [16]},
    "loss": {"_target_": "gen_models.losses.SquaredError"},
    "latent_dim": 4,
    "optimizers": {},
}

LATENT = {"latent_dim": 4, "loss": {"_target_": "gen_models.losses.Gaussian"}}

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
    "null in the place of a network": ({"encoder": None}, r"model\.encoder takes Body, not null"),
    "null in the place of a map": ({"optimizers": None}, r"model\.optimizers takes Mapping, not null"),
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


def test_what_a_constructor_names_is_checked_where_it_takes_more():
    logger = {"_target_": "gen_models.run.RunWandb", "save_dir": "x", "project": "p", "name": 3, "notes": "mine"}
    check(OmegaConf.create({"logger": {"wandb": logger}}), "logger")
    with pytest.raises(UsageError, match="logger.wandb.mode takes auto or online"):
        check(OmegaConf.create({"logger": {"wandb": {**logger, "mode": 3}}}), "logger")
    assert takes_more(RunWandb)


def test_a_module_without_a_constructor_of_its_own_takes_no_options():
    assert not takes_more(PixelNorm)
    with pytest.raises(UsageError, match="model.loss has no option 'weight': there is none"):
        checked(loss={"_target_": "gen_models.losses.SquaredError", "weight": 2})


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

    with pytest.raises(UsageError, match="^model lacks 'optimizers', for which VAE has no default"):
        check(OmegaConf.create({"model": {**{key: vae[key] for key in vae if key != "optimizers"}, **LATENT}}), "model")


def test_an_option_is_named_as_it_is_typed():
    cfg = {"model": {**MODEL, "encoder": "${network.encoder}"}, "network": {"encoder": {**BODY, "hidden": "${width}"}}}
    with pytest.raises(UsageError, match="^width takes Sequence, not null"):
        check(OmegaConf.create({**cfg, "width": None}), "model")
    with pytest.raises(UsageError, match=r"^network\.encoder\.dropout takes float, not 'abc'"):
        check(OmegaConf.create({**cfg, "width": [4], "network": {"encoder": {**BODY, "dropout": "abc"}}}), "model")


def test_a_partial_is_given_the_rest_later():
    adam = {"_target_": "torch.optim.Adam", "_partial_": True, "lr": 0.1}
    assert checked(optimizers={"ae": adam})["optimizers"]["ae"] == adam

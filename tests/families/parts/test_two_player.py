"""Parts of a game are options of every family of games."""

from typing import get_type_hints

import pytest
from omegaconf import OmegaConf

from gen_models.errors import UsageError
from gen_models.families.game import Game
from gen_models.families.gan import GAN
from gen_models.families.infogan import InfoGAN
from gen_models.families.parts.two_player import Parts
from gen_models.families.stylegan2 import StyleGAN2
from gen_models.run.check import check
from gen_models.run.hints import annotations, remarks, required

PRIOR = {"_target_": "gen_models.latents.Normal"}


def test_families_pass_on_what_a_game_takes():
    assert annotations(Game) == {"prior": annotations(Game)["prior"], **get_type_hints(Parts)}


@pytest.mark.parametrize("family", [GAN, InfoGAN, StyleGAN2])
def test_a_config_may_give_each_part_and_each_option_of_training(family):
    options = annotations(family)
    assert get_type_hints(Parts).items() <= options.items()
    assert options["latent_dim"] is int
    assert remarks(family)["critic_steps"] == remarks(Game)["critic_steps"] != []


def test_a_game_without_a_part_is_refused_in_a_sentence():
    with pytest.raises(UsageError, match="^model lacks 'optimizers', for which GAN has no default"):
        check(OmegaConf.create({"model": {"_target_": "gen_models.families.GAN", "prior": PRIOR}}), "model")
    assert {"prior", "generator", "discriminator", "loss", "latent_dim", "optimizers"} == set(required(GAN))

"""Parts of a game are options of every family of games."""

from dataclasses import fields

import pytest
from torch import nn

from gen_models.core.training import Training
from gen_models.families.gan import GAN
from gen_models.families.infogan import InfoGAN
from gen_models.families.parts.two_player import Parts
from gen_models.losses.adversarial import Hinge
from gen_models.run.hints import annotations


@pytest.mark.parametrize("family", [GAN, InfoGAN])
def test_a_config_may_give_each_part_and_each_option_of_training(family):
    options = annotations(family)
    assert {part.name for part in fields(Parts)} | set(Training.__annotations__) < set(options)
    assert options["latent_dim"] is int
    assert "taken_from" not in options


def test_parts_are_taken_out_of_the_options():
    networks = {"generator": nn.Identity(), "discriminator": nn.Identity(), "penalties": None}
    options = {**networks, "loss": Hinge(), "latent_dim": 8, "critic_steps": 5, "seed": 3}
    parts = Parts.taken_from(options)
    assert (parts.latent_dim, parts.critic_steps, parts.generator_batches) == (8, 5, 1)
    assert parts.penalties is None
    assert options == {"seed": 3}
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'loss'"):
        Parts.taken_from({**networks, "latent_dim": 8})

"""Sizes that no annotation bounds, and what constructors refuse themselves, before the training and by name."""

import re

import pytest

from gen_models.errors import UsageError
from gen_models.run.build import build_data, build_model

REFUSED = {
    "model=vae network=mlp model.latent_dim=0": "model.latent_dim must be at least 1, and is 0.",
    "model=vae network=mlp model.latent_dim=-3": "model.latent_dim must be at least 1, and is -3.",
    "model=vae network=mlp network.encoder.hidden=[0]": "network.encoder.hidden.0 must be at least 1, and is 0.",
    "model=vaegan network.encoder.channels=[32,0]": "network.encoder.channels.1 must be at least 1, and is 0.",
    "model=vaegan network.encoder.channels=[]": "network.encoder.channels is empty, and needs a number at least.",
    "model=vqvae network.encoder.width=0": "network.encoder.width must be at least 1, and is 0.",
    "model=vqvae network.quantiser.codes=0": "network.quantiser.codes must be at least 1, and is 0.",
    "model=spline_flow data=toy2d network.flow.bins=0": "network.flow.bins must be at least 1, and is 0.",
    "model=vae network=mlp network.encoder.hidden=[]": "hidden=[] names none",
    "model=edm network=mlp_denoiser model.sigma_min=100": "noise falls from 80.0 to 100 on the way to data",
}


@pytest.mark.parametrize("options", REFUSED)
def test_the_option_is_named(options, compose_job):
    cfg = compose_job(*options.split())
    build_data(cfg)
    with pytest.raises(UsageError, match=re.escape(REFUSED[options])):
        build_model(cfg)


@pytest.mark.parametrize("options", ["model=gan network=mlp", "model=igpt model.tokeniser.colours=8"])
def test_nought_is_left_alone_where_it_is_meant(options, compose_job):
    """Neither classes that there are none of, nor images by which a space without weights would be trained."""
    cfg = compose_job(*options.split())
    build_data(cfg)
    build_model(cfg)

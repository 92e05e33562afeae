"""What a family's author is told who gives the engine something else than agreed: one sentence, and no traceback."""

import pytest
import torch
from torch import nn

from gen_models.core.contract import check_first_samples, check_losses, check_players, check_samples
from gen_models.core.player import Player
from gen_models.errors import UsageError
from gen_models.families import VAE
from gen_models.run.build import build_data, build_model, build_stream, build_trainer
from gen_models.run.check import check

NETWORK = nn.Linear(2, 1)
CPU = torch.device("cpu")
IMAGES, POINTS = {"shape": [1, 2, 2], "levels": 256}, {"shape": [2], "levels": None}


def player(*networks, name="flow"):
    return Player(name, networks, dict)


@pytest.mark.parametrize(
    ("players", "said"),
    [
        (player(NETWORK), "gives a Player: give a tuple"),
        ([NETWORK], "gives a list: give a tuple"),
        ((player(NETWORK), player(NETWORK)), "2 players named 'flow'"),
        ((Player("flow", NETWORK, dict),), "networks of player 'flow' are a Linear: give a list"),
        ((player(nn.Linear(2, 1)),), "player 'flow' trains a Linear that is no part of the model"),
    ],
)
def test_players_are_players_over_networks_of_the_model(players, said):
    model = nn.ModuleDict({"network": NETWORK})
    check_players(model, (player(NETWORK), player(NETWORK, name="other")))
    with pytest.raises(UsageError, match=said):
        check_players(model, players)


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        (torch.zeros(()), r"losses of player 'flow' are a torch.float32 tensor of shape \(\): give a dictionary"),
        ({"error": NETWORK.weight}, r"'flow/error' is a torch.float32 tensor of shape \(1, 2\): give a scalar"),
        ({"error": 0.5}, "'flow/error' is a float: give a scalar"),
        ({"error": torch.zeros(())}, "no loss of player 'flow' depends on the weights"),
    ],
)
def test_losses_are_named_scalars_with_a_graph(losses, said):
    check_losses("flow", {})
    check_losses("flow", {"error": NETWORK.weight.sum(), "constant": torch.zeros(())})
    with pytest.raises(UsageError, match=said):
        check_losses("flow", losses)


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (torch.zeros(3, 4), r"torch.float32 tensor of shape \(3, 4\)"),
        (torch.zeros(3, 1, 2, 2, dtype=torch.uint8), "torch.uint8 tensor"),
        (torch.linspace(0, 255, 12).view(3, 1, 2, 2), "lie between 0 and 255"),
        (None, "are a NoneType"),
    ],
)
def test_samples_are_items_in_their_range(samples, said):
    check_samples(torch.ones(3, 1, 2, 2), 3, IMAGES)
    check_samples(torch.full((3, 2), 7.0), 3, POINTS)
    with pytest.raises(UsageError, match=said):
        check_samples(samples, 3, IMAGES)


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (torch.zeros(2, 4), r"torch.float32 tensor of shape \(2, 4\)"),
        (torch.full((3, 2), torch.nan), "not all finite numbers: look for a logarithm"),
        (torch.zeros(3, 2, device="meta"), "the model is on cpu, its samples on meta: draw with device="),
    ],
)
def test_samples_of_an_untrained_model_are_numbers_on_its_device(samples, said):
    check_first_samples(torch.full((3, 2), 7.0), 3, POINTS, CPU)
    with pytest.raises(UsageError, match=said):
        check_first_samples(samples, 3, POINTS, CPU)


def test_the_engine_holds_families_to_it(compose_job, monkeypatch):
    cfg = compose_job("model=vae", "callbacks=none", "turns=1")
    data = build_data(cfg)
    model = build_model(cfg)
    monkeypatch.setattr(VAE, "losses", lambda *_: torch.zeros(()))
    with pytest.raises(UsageError, match="losses of player 'vae' are"):
        build_trainer(cfg, data).fit(model, datamodule=build_stream(cfg, data, model))
    monkeypatch.setattr(VAE, "players", lambda self: Player("vae", [self.encoder], self.losses))
    with pytest.raises(UsageError, match=r"VAE.players\(\) gives a Player"):
        build_model(cfg)


def test_a_family_takes_the_options_of_all(compose_job, monkeypatch):
    cfg = compose_job("model=vae")
    monkeypatch.setattr(VAE, "__init__", lambda self, width=8: None)
    cfg.model = {"_target_": cfg.model._target_, "seed": 1}
    with pytest.raises(UsageError, match=r"VAE does not take 'seed'.* \*\*training: Unpack\[Training\]"):
        check(cfg, "model")

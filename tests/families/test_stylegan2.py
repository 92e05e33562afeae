"""Styles as codes, path lengths on some moves, and what is refused."""

import pytest
import torch

from gen_models.analysis.interpolate import drawn_walks
from gen_models.analysis.latent_space import space_of
from gen_models.analysis.steer import directions
from gen_models.core.abilities.codes import Decodes, HasCodePrior
from gen_models.core.abilities.sampling import Truncates
from gen_models.core.batch import Batch
from gen_models.errors import UsageError
from gen_models.run.build import build_data, build_model


@pytest.fixture
def model(compose_job):
    sizes = ["size=8", "base=64", "limit=8"]
    cfg = compose_job("model=stylegan2", "model.latent_dim=6", *(f"network.generator.{size}" for size in sizes))
    build_data(cfg)
    return build_model(cfg)


def test_codes_are_styles_that_truncation_brings_to_the_mean(model):
    assert isinstance(model, Decodes)
    assert isinstance(model, HasCodePrior)
    assert isinstance(model, Truncates)
    with model.evaluating("test"):
        assert model.draw_codes(5).shape == (5, 8)
        model.truncate(0.0, passes=0)
        pictures = model.sample(5)
        torch.testing.assert_close(pictures, pictures[:1].expand_as(pictures))
        with pytest.raises(UsageError, match=r"a share in \[0, 1\]"):
            model.truncate(2.0, passes=0)


def test_draws_are_walked_and_moved_where_there_are_no_classes(model):
    """Items of a set with classes have some, which an unconditional generator is not asked for."""
    space = space_of(model)
    with model.evaluating("test"):
        assert drawn_walks(model, 2, 3, arcs=False).shape == (6, 1, 8, 8)
        assert directions(model, space, 2).shape == (2, 8)


def test_a_mixture_has_one_style_up_to_a_layer_and_another_from_there_on(model):
    with model.evaluating("test"):
        one, other = model.draw_codes(2).split(1)
        mixed = [model.mix(one, other, slice(layer, None)) for layer in range(model.style_scales + 1)]
        assert torch.equal(mixed[0], model.decode(other))
        assert torch.equal(mixed[-1], model.decode(one))
        assert not torch.equal(mixed[1], mixed[2])


def test_both_styles_of_a_mixture_are_of_the_prior(model, monkeypatch):
    """Of latents that are all alike, all layers have one style."""
    drawn = []
    monkeypatch.setattr(model.prior, "sample", lambda n, dim, device: torch.ones(n, dim))
    monkeypatch.setattr(model.generator, "draw", lambda styles: drawn.append(styles) or styles[:, :1, :, None])
    model.generator.mixing = 1.0
    y = torch.zeros(4, dtype=torch.long)
    model.generate(torch.ones(4, 6), y)
    model.lazy_path_length(Batch(torch.rand(4, 1, 8, 8), y, y), ["path_length"])
    assert [len(styles) for styles in drawn] == [4, 2]
    for styles in drawn:
        torch.testing.assert_close(styles, styles[:, :1].expand_as(styles))


def test_path_lengths_and_r1_take_steps_of_their_own(model):
    y = torch.zeros(4, dtype=torch.long)
    batch = Batch(torch.rand(4, 1, 8, 8), y, y)
    players = {player.name: player for player in model.players()}
    assert {name: player.lazy.every for name, player in players.items()} == {
        "critic": {"r1": 16},
        "generator": {"path_length": 4},
    }
    for name, player in players.items():
        assert set(player.losses(batch)) == {"adversarial"}
        assert set(player.lazily(lambda: 16).losses(batch)) == set(player.lazy.every)
        assert not player.lazily(lambda: 2).losses(batch), name
    model.path_length.every = 1
    assert set(model.generator_losses(batch)) == {"adversarial", "path_length"}
    assert {player.name: player.lazy for player in model.players()}["generator"] is None


def test_checkpoints_of_earlier_versions_are_read(model):
    """The loss held the mean length, and where there was no such loss nobody did."""
    state = model.state_dict()
    del state["lengths.mean"]
    model.load_state_dict({**state, "path_length.mean": torch.tensor(0.7)})
    assert model.lengths.mean.item() == pytest.approx(0.7)
    model.load_state_dict(state)
    assert model.lengths.mean.item() == 0


def test_other_generators_are_refused(compose_job):
    cfg = compose_job("model=stylegan2", "network=dcgan", "model.latent_dim=6")
    build_data(cfg)
    with pytest.raises(UsageError, match="network=stylegan2"):
        build_model(cfg)

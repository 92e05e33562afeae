"""Checkpoints of earlier versions can still be loaded."""

import pytest
import torch

from gen_models.networks.denoisers.block import DenoisingBlock
from gen_models.networks.denoisers.style import Style
from gen_models.networks.gan.stylegan2_critic import StyleBlock
from gen_models.networks.tokenisers import vqgan

BLOCKS = [
    (lambda: torch.nn.Sequential(DenoisingBlock(Style(), 8, 16, 4)), "past"),
    (lambda: torch.nn.Sequential(vqgan.ResidualBlock(32, 64)), "past"),
    (lambda: torch.nn.Sequential(StyleBlock(4, 8, residual=True)), "skip"),
]


@pytest.mark.parametrize(("make", "former"), BLOCKS)
def test_a_shortcut_is_found_by_its_former_name(make, former):
    trained, net = make(), make()
    state = trained.state_dict()
    old = {key.replace("0.shortcut.", f"0.{former}."): value for key, value in state.items()}
    assert old.keys() != state.keys()
    net.load_state_dict(old)
    assert all(torch.equal(value, state[key]) for key, value in net.state_dict().items())
    net.load_state_dict(state)  # and by its own

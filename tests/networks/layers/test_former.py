"""Checkpoints of earlier versions can still be loaded."""

import pytest
import torch

from gen_models.networks.autoregressive.pixelcnn_pp_scales import PixelCNNppScale
from gen_models.networks.denoisers.block import DenoisingBlock
from gen_models.networks.denoisers.style import Style
from gen_models.networks.gan.stylegan2_critic import StyleBlock
from gen_models.networks.tokenisers import vqgan

PARTS = [
    (lambda: DenoisingBlock(Style(), 8, 16, 4), {"shortcut": "past"}),
    (lambda: vqgan.ResidualBlock(32, 64), {"shortcut": "past"}),
    (lambda: StyleBlock(4, 8, residual=True), {"shortcut": "skip"}),
    (lambda: PixelCNNppScale(1, 4, 1, 0, 0.0), {"down": "there", "up": "back"}),
]


@pytest.mark.parametrize(("make", "former"), PARTS)
def test_parts_are_found_by_their_former_names(make, former):
    trained, net = (torch.nn.Sequential(make()) for _ in range(2))
    state, old = trained.state_dict(), {}
    for key, value in state.items():
        old[".".join(former.get(word, word) for word in key.split("."))] = value
    assert all(any(f".{word}." in key for key in old) for word in former.values())
    net.load_state_dict(old)
    assert all(torch.equal(value, state[key]) for key, value in net.state_dict().items())
    net.load_state_dict(state)  # and by its own

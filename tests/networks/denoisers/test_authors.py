"""Denoisers' outputs beside those of the authors' code, with the same weights."""

import pytest
import torch

from gen_models.networks.denoisers.unet import UNet

# With these weights and inputs the authors' networks give, at every 97th place:
# source: openai/guided-diffusion guided_diffusion/unet.py, groups of at least four channels, Ho et al.'s frequencies
DDPM = [1.63687, 0.216806, 0.657559, 1.709883, 1.601659, 0.229494, 0.672401, 1.943814]
# source: atong01/conditional-flow-matching cacd4dc, torchcfm/models/unet/unet.py, groups of at least four channels
CFM = [1.935207, 0.228771, 1.901657, 0.237473]
# source: NVlabs/edm training/networks.py, DhariwalUNet
ADM = [1.560238, 0.728629, 1.505986, 0.669378]
# source: NVlabs/edm training/networks.py, SongUNet
DDPMPP = [-0.04063, 2.183219, -0.429615, 2.150626]
NCSNPP = [1.453156, 0.854396, 1.321803, 0.72994]
# source: Gsunshine/py-meanflow 1f6d72d, meanflow/models/unet.py, SongUNet with the arguments of model_configs.py
MEANFLOW = [0.563583, 0.900762, 0.27076, 0.765782]


def filled(network):
    """The network in double precision, with weights that its parameters' order and shapes determine."""
    for i, parameter in enumerate(network.double().eval().parameters()):
        wave = torch.sin(torch.arange(parameter.numel(), dtype=torch.float64) * (1 + 0.1 * i) + i)
        inputs = parameter[0].numel() if parameter.ndim > 1 else 1
        parameter.data = wave.view_as(parameter) / inputs**0.5 + (parameter.ndim == 1)
    return network


@pytest.mark.parametrize(
    ("style", "options", "expected"),
    [
        ("ddpm", {"multipliers": (1, 4), "attention": (4,), "outputs": 2}, DDPM),
        ("cfm", {"width": 64, "multipliers": (1, 2), "attention": (4,), "scale": 1.0}, CFM),
        ("adm", {"multipliers": (1, 4), "attention": (4,), "labels": 2}, ADM),
        ("ddpm++", {"multipliers": (1, 2), "attention": (8,), "labels": 2}, DDPMPP),
        ("ncsn++", {"multipliers": (1, 2), "attention": (8,), "labels": 2, "scale": 1.0}, NCSNPP),
    ],
)
def test_a_small_network_gives_what_the_authors_gives(style, options, expected):
    network = filled(UNet((3, 8, 8), 3, blocks=1, style=style, **{"width": 32, **options}))
    if style == "ncsn++":
        network.embedding.frequencies.frequencies = torch.arange(32, dtype=torch.float64) / 8
    x = torch.sin(torch.arange(384, dtype=torch.float64)).view(2, 3, 8, 8)
    noise, y = torch.tensor([0.25, 0.75], dtype=torch.float64), torch.tensor([0, 2])
    labels = torch.tensor([[1.0, 0.0], [0.5, -1.0]], dtype=torch.float64) if "labels" in options else None
    found = network(x, noise, y, labels).flatten()[::97]
    assert torch.allclose(found, torch.tensor(expected, dtype=torch.float64), atol=1e-5)


def test_a_small_network_of_two_times_gives_what_the_authors_gives():
    options = {"multipliers": (1, 2), "attention": (8,), "labels": 6, "scale": 1.0, "times": 2}
    network = filled(UNet((3, 8, 8), width=32, blocks=1, style="meanflow", **options))
    x, labels = (torch.sin(torch.arange(n, dtype=torch.float64)) for n in (384, 12))
    times = torch.tensor([[0.75, 0.25], [0.5, 0.5]], dtype=torch.float64)  # t and t - r
    found = network(x.view(2, 3, 8, 8), times, None, labels.view(2, 6)).flatten()[::97]
    assert torch.allclose(found, torch.tensor(MEANFLOW, dtype=torch.float64), atol=1e-5)

import pytest
import torch

from gen_models.networks.skip import SkipNet


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 30, 44)])
def test_the_hourglass_fits_any_picture_and_judges_each_by_itself(shape):
    network = SkipNet(shape, inputs=4, width=8)
    x = torch.rand(2, 4, *shape[1:])
    assert network(x).shape == (2, *shape)
    assert torch.allclose(network(x)[:1], network(x[:1]), atol=1e-5)


def test_the_published_network_has_the_authors_weights():
    """Ulyanov et al.'s skip() with the options of denoising.ipynb; counted by its layers."""
    with torch.device("meta"):
        network = SkipNet((3, 512, 512), inputs=32, width=128, skip=4, scales=5)
    assert sum(p.numel() for p in network.parameters()) == 2_217_831

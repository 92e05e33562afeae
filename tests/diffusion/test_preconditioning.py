"""Facts of Karras et al. (2022), table 1 and appendix B.6."""

import torch

from gen_models.diffusion.preconditioning import preconditioning

SIGMA = torch.logspace(-3, 3, 50, dtype=torch.float64)
DATA = torch.tensor(0.5, dtype=torch.float64)


def test_the_loss_weighs_the_network_alike_at_every_level():
    c = preconditioning(SIGMA, DATA)
    assert torch.allclose(c.weight * c.out.square(), torch.ones_like(SIGMA))


def test_inputs_and_targets_have_a_variance_of_one():
    c = preconditioning(SIGMA, DATA)
    assert torch.allclose(c.into.square() * (SIGMA.square() + DATA.square()), torch.ones_like(SIGMA))
    left = (c.skip * SIGMA).square() + ((1 - c.skip) * DATA).square()
    assert torch.allclose(left, c.out.square(), rtol=1e-10)

import math

import pytest
import torch
from torch.distributions import Normal

from gen_models.metrics.parzen import SIGMAS, cross_validated, log_density


def test_windows_are_a_mixture_of_gaussians():
    x, centres = torch.randn(150, 4, dtype=torch.double), torch.randn(7, 4, dtype=torch.double)
    expected = Normal(centres, 0.3).log_prob(x[:, None]).sum(2).logsumexp(1) - math.log(7)
    assert torch.allclose(log_density(x, centres, 0.3), expected)


def test_the_width_is_that_of_the_data_around_a_single_centre():
    torch.manual_seed(0)
    chosen = cross_validated(0.3 * torch.randn(2000, 5), torch.zeros(1, 5))
    assert chosen == pytest.approx(min(SIGMAS, key=lambda sigma: abs(math.log(sigma / 0.3))))

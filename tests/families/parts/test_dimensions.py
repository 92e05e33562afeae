import torch

from gen_models.families.parts.dimensions import per_dimension
from gen_models.losses.reconstruction import SquaredError


def test_an_error_per_dimension_does_not_grow_with_the_sample():
    raw, x = torch.randn(2, 3, 1, 2, 2)
    for size in (1, 2):
        errors = SquaredError()(raw.repeat(1, size, 1, 1), x.repeat(1, size, 1, 1))
        torch.testing.assert_close(per_dimension(errors, x.repeat(1, size, 1, 1)), 0.5 * (raw - x).square().mean())

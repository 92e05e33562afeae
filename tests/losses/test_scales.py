"""Pictures of one thing at several scales."""

import torch
from torch.nn.functional import interpolate

from gen_models.losses.scales import ScaleConsistency


def test_detail_is_free_and_what_the_smaller_picture_does_not_show_costs():
    small = torch.randn(2, 3, 4, 4)
    large = interpolate(small, scale_factor=2)
    detail = torch.tensor([[1.0, -1.0], [-1.0, 1.0]]).repeat(4, 4)
    assert ScaleConsistency()([small]) == 0
    assert ScaleConsistency()([small, large + detail]) < 1e-9
    assert torch.isclose(ScaleConsistency(7.0)([small, large + 2]), torch.tensor(28.0))
    assert torch.isclose(
        ScaleConsistency(7.0)([small, large + 2, interpolate(large, scale_factor=2)]), torch.tensor(56.0)
    )

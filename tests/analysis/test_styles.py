import pytest
import torch
from lightning import LightningModule

from gen_models.analysis.styles import style_table
from gen_models.errors import UsageError


class Styled(LightningModule):
    """Draws a picture of two pixels: the coarse style and the fine one."""

    style_layers = 4

    def draw_codes(self, n, y=None):
        return torch.arange(n)[:, None] / 10

    def mix(self, coarse, fine, layer):
        return torch.stack([coarse, fine if layer < 4 else coarse], dim=2)[:, :, None]


def test_a_row_has_the_coarse_and_a_column_the_fine():
    table = style_table(Styled(), rows=2, columns=3).view(3, 4, 2)
    assert table[0, 0].tolist() == [0, 0]
    coarse, fine = table[1:, 1:, 0], table[1:, 1:, 1]
    torch.testing.assert_close(coarse, torch.tensor([[0.0], [0.1]]).expand(-1, 3))
    torch.testing.assert_close(fine, torch.tensor([[0.2, 0.3, 0.4]]).expand(2, -1))
    torch.testing.assert_close(table[1:, 0], torch.tensor([[0.0, 0.0], [0.1, 0.1]]))
    torch.testing.assert_close(table[0, 1:, 0], torch.tensor([0.2, 0.3, 0.4]))


def test_models_without_styles_and_wrong_layers_are_refused(copier):
    with pytest.raises(UsageError, match="choose a run of model=stylegan2"):
        style_table(copier, 2, 2)
    with pytest.raises(UsageError, match="there is no layer 5"):
        style_table(Styled(), 2, 2, layer=5)

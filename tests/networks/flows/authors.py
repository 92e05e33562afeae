"""How the programs of RealNVP's and Glow's authors differ from their papers, whom ours follows."""

from torch import nn

from gen_models.networks.flows.batchnorm import BatchNormalisation
from gen_models.networks.flows.coupling import MaskedCoupling, SplitCoupling
from gen_models.networks.flows.residual import ResidualNet


class ShiftFirst(nn.Module):
    """Form of a coupling (x + H) F, where the papers have x F + H."""

    def __init__(self, form):
        super().__init__()
        self.form = form

    def forward(self, raw):
        log_scale, shift = self.form(raw)
        return log_scale, shift * log_scale.exp()


def shift_first(flow):
    """Let all couplings shift before they scale."""
    for coupling in list(flow.modules()):
        if isinstance(coupling, MaskedCoupling | SplitCoupling):
            coupling.form = ShiftFirst(coupling.form)


def begin_with_even_places(flow):
    """Exchange the colours of all checkerboards: the paper keeps odd places first (section 3.4), the program even."""
    for part in flow.modules():
        if isinstance(part, MaskedCoupling | ResidualNet) and part.mask is not None:
            part.mask = 1 - part.mask
        if isinstance(part, BatchNormalisation) and part.moves.shape[-1] > 1:
            part.moves = 1 - part.moves

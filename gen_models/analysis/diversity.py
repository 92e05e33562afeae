"""How varied samples are: MS-SSIM of pairs (Odena et al. 2017, section 4.2, https://arxiv.org/abs/1610.09585)."""

import torch

from gen_models.analysis.subject import Subject, SubjectFigure, pictured
from gen_models.metrics.diversity import ms_ssim, settings
from gen_models.metrics.record import Estimate
from gen_models.metrics.standard_errors import mean_error


def diversity(subject: Subject) -> list[Estimate]:
    """Mean MS-SSIM of pairs of samples: what real pairs have is as varied as the data, 1 is one picture."""
    drawn, real = subject.samples, subject.real(subject.n)[0]
    order = torch.randperm(len(drawn), generator=torch.Generator().manual_seed(subject.seed))  # labels stand in turn
    values, others = (ms_ssim(*x[: len(x) // 2 * 2].chunk(2)) for x in (drawn[order], real))
    sigma, scales = settings(min(drawn.shape[-2:]))
    protocol = subject.protocol(pairs=len(values), scales=scales, window=sigma)
    return [Estimate(float(values.mean()), mean_error(values), protocol, real=float(others.mean()))]


DIVERSITY = SubjectFigure(
    name="diversity",
    titles=("MS-SSIM of pairs",),
    higher_is_better=False,
    take=diversity,
    needs=pictured,
    slow=True,
    reads=("n",),
)

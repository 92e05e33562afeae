"""How probable a model finds the tokens of held-out data: a code length of tokens, which no pixels are told by."""

import math

import torch

from gen_models.analysis.subject import Subject, SubjectFigure, able
from gen_models.core.abilities.likelihood import HasTokenLogProb
from gen_models.core.abilities.tokens import HasTokens
from gen_models.metrics.record import Estimate
from gen_models.metrics.standard_errors import mean_error


def token_likelihood(subject: Subject) -> list[Estimate]:
    """Bits per token of held-out items; figures of other tokenisers do not compare."""
    model = subject.model
    assert isinstance(model, HasTokenLogProb)
    assert isinstance(model, HasTokens)
    bits = math.prod(model.grid) * math.log(2)
    values = -torch.cat([model.token_log_prob(x, y).double().cpu() for x, y in subject.held_out_items()]) / bits
    tokens = " x ".join(map(str, (*model.grid, model.vocabulary)))
    protocol = {"real": subject.split, "n": len(values), "tokens": tokens, **subject.given}
    return [Estimate(float(values.mean()), mean_error(values), protocol, chance=math.log2(model.vocabulary))]


TOKEN_LIKELIHOOD = SubjectFigure(
    name="token_likelihood",
    titles=("bits per token",),
    higher_is_better=False,
    take=token_likelihood,
    needs=able(HasTokenLogProb, HasTokens),
    reads=("held_out",),
)

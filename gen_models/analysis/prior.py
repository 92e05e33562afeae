"""Do codes of data look like the prior that samples are decoded from?"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor

from gen_models.analysis.codes import codes_of
from gen_models.core.abilities.codes import HasCodePrior
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import Items, classes_of, partly
from gen_models.errors import UsageError
from gen_models.losses.discrepancy import SCALES
from gen_models.metrics.record import Record
from gen_models.metrics.two_sample import two_sample_test

Against = Literal["prior", "normal"]
Sets = Mapping[str, tuple[Tensor, Tensor | None]]
"""By name: codes (N, D), and their classes (N,) or None."""
PERMUTATIONS = 500


def compare_codes(
    model: GenerativeModel, items: Items, n: int, against: Against | None = None
) -> tuple[Sets, Record | None]:
    """Set the codes of items beside as many draws of the prior, and test whether they differ.

    Codes are those that `encode` gives, without noise: of a VAE the posteriors' means, which vary less than its prior
    even where posteriors and prior agree.

    Args:
        model: Has codes.
        items: `n` of them are taken.
        n: How many, where there are as many.
        against: The model's prior, or N(0, 1) in its place; None takes the prior where there is one.

    Returns:
        The codes, and beside them the draws; the test, which is missing with them where there is no prior.

    Raises:
        UsageError: The model has no codes, or no prior though it is asked for.
    """
    codes, y = codes_of(model, items, n), classes_of(items, n)
    own = {f"{len(codes)} held-out items": (codes, y)}
    drawn = _drawn(model, codes, y, against)
    if drawn is None:
        return own, None
    source = "N(0, 1)" if against == "normal" else "the prior"
    tested = _tested(codes, drawn, source)
    tested = replace(tested, protocol={**tested.protocol, **partly(items, n)})
    return {**own, f"draws of {source}": (drawn, None)}, tested


def _drawn(model: GenerativeModel, codes: Tensor, y: Tensor, against: Against | None) -> Tensor | None:
    if against == "normal":
        return torch.randn_like(codes)
    if isinstance(model, HasCodePrior):
        return model.draw_codes(len(codes), y if model.classes else None).float().cpu()
    if against == "prior":
        raise UsageError("this model has no prior over codes: compare them with N(0, 1) by --against normal.")
    return None


def _tested(codes: Tensor, drawn: Tensor, source: str) -> Record:
    """The kernel two-sample test: the value is MMD², and p is found beside it."""
    tested = two_sample_test(codes, drawn, PERMUTATIONS)
    protocol = {
        "against": source,
        "statistic": "unbiased MMD²",
        "kernel": f"mean of RBFs as wide as {', '.join(map(str, SCALES))} median distances",
        "real": "test",
        "n": len(codes),
        "permutations": PERMUTATIONS,
    }
    title = "MMD of codes to the prior"
    return Record(metric=title, value=tested.mmd2, higher_is_better=False, protocol=protocol, found={"p": tested.p})

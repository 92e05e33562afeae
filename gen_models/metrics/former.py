"""Records of earlier versions, which named neither their direction nor what was found out: tables for old files only.

Until commit c45b7b3 `real` was called floor, `untrained` (and some bounds that were none) ceiling, and the protocol
held what was found out and how the model was sampled.
"""

from collections.abc import Mapping
from typing import Any

HIGHER_IS_BETTER = (
    *("IS", "precision", "recall", "density", "coverage", "Parzen log-likelihood", "classifier accuracy score"),
    *("MIG", "SAP", "DCI ", "FactorVAE score", "isolation of codes", "unsupervised accuracy of ", "neighbours in "),
    *("PSNR of ", "mean PSNR of "),
)
"""How the names of such metrics begin."""
FOUND = frozenset({"p", "warning", "sigma", "codes", "changes"})
WAY = frozenset({"density", "n_codes", "density_seed", "truncation", "averaged"})
GUESSED = ("classifier accuracy score", "bits per dimension")
"""Metrics whose ceiling was what guessing scores."""
WORST = ("two-sample classifier accuracy", "MS-SSIM of pairs")
"""Metrics whose ceiling was the worst possible value, which no model need be compared with."""
RENAMED = {"n_floor": "n_other"}
"""Entries of protocols."""


def modernised_record(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields of a record as today's version would have written them."""
    if "higher_is_better" in values:
        return dict(values)
    metric, protocol = values["metric"], dict(values.get("protocol") or {})
    chance = protocol.pop("chance", None)
    ceiling = values.get("ceiling")
    bounds = {"untrained": None if metric in (*GUESSED, *WORST) else ceiling}
    bounds |= {"chance": ceiling if metric in GUESSED else chance}
    return {
        **{name: value for name, value in values.items() if name not in ("floor", "ceiling")},
        **bounds,
        "real": values.get("floor"),
        "higher_is_better": metric.startswith(HIGHER_IS_BETTER),
        "protocol": {RENAMED.get(k, k): v for k, v in protocol.items() if k not in FOUND and k not in WAY},
        "found": {name: value for name, value in protocol.items() if name in FOUND},
        "way": {name: value for name, value in protocol.items() if name in WAY},
    }

"""One figure, with all that is needed to trust it or to refuse a comparison: its error, its bounds and its protocol."""

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

GENUINE = "InceptionV3 (FID weights)"
"""The one extractor whose figures go by the bare names FID, KID and IS, as published ones do."""

HIGHER_IS_BETTER = (
    *("IS", "precision", "recall", "density", "coverage", "Parzen log-likelihood", "classifier accuracy score"),
    *("MIG", "SAP", "DCI ", "FactorVAE score", "isolation of codes", "unsupervised accuracy of ", "neighbours in "),
    *("PSNR of ", "mean PSNR of "),
)
"""How the names of such metrics begin."""
OUTCOMES = frozenset({"p", "warning", "sigma", "codes", "changes"})
"""What a protocol carries that was found out, of the model too (how many codes it has), and not chosen."""
WAYS = ("density", "n_codes", "density_seed", "truncation", "averaged")
"""What a protocol says of how a model was sampled, and not of how its samples were judged."""


class Estimate(NamedTuple):
    """A figure, its spread where the metric has one, and the part of the protocol that the metric decides."""

    value: float
    error: float | None
    protocol: dict[str, Any]


@dataclass(frozen=True)
class Record:
    """A metric's figure under a protocol.

    Args:
        metric: The bare name: "FID", "KID", "IS".
        value: The figure of the generated set.
        error: Its spread over subsets or splits, where the metric has one.
        floor: What real data scores in place of the generated set.
        ceiling: What the untrained model scores.
        protocol: Whatever the figure depends on, as plain JSON: extractor, weights, resizing, counts, real split, seed.
            Two records compare only where their `conditions` are equal.
        parts: The same figure for each part, by name, where the whole is a mean over some (classes).
    """

    metric: str
    value: float
    error: float | None = None
    floor: float | None = None
    ceiling: float | None = None
    protocol: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[str, float] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The name to print, for example "FID (EfficientNet-Lite0)"."""
        extractor = self.protocol.get("extractor", GENUINE)
        return self.metric if extractor == GENUINE else f"{self.metric} ({extractor})"

    @property
    def key(self) -> str:
        """The name for loggers, for example "fid_efficientnet_lite0"."""
        return re.sub(r"[^a-z0-9]+", "_", self.label.lower()).strip("_")

    @property
    def conditions(self) -> dict[str, Any]:
        """How samples were judged: the protocol without what was found out under it, and without `way`."""
        return {name: value for name, value in self.protocol.items() if name not in OUTCOMES and name not in WAYS}

    @property
    def way(self) -> dict[str, Any]:
        """How the model was sampled, where that is not its own way."""
        return {name: self.protocol[name] for name in WAYS if name in self.protocol}

    @property
    def higher_is_better(self) -> bool:
        """Whether a better model scores higher."""
        return self.metric.startswith(HIGHER_IS_BETTER)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Record":
        """The record that `to_dict` wrote; in JSON null stands for what is no number."""
        return cls(**(dict(values) | ({"value": math.nan} if values.get("value") is None else {})))

    def __str__(self) -> str:
        error = "" if self.error is None else f" ± {self.error:.3g}"
        bounds = {"real" if self.higher_is_better else "floor": self.floor, "untrained": self.ceiling}
        known = ", ".join(f"{name} {bound:.4g}" for name, bound in bounds.items() if bound is not None)
        count = f" n={self.protocol['n']}" if "n" in self.protocol else ""
        warning = f" ({self.protocol['warning']})" if "warning" in self.protocol else ""
        return f"{self.label} {self.value:.4g}{error}{f' [{known}]' if known else ''}{count}{warning}"

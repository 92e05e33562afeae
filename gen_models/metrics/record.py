"""One figure, with all that is needed to trust it or to refuse a comparison: its error, its bounds and its protocol."""

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from gen_models.metrics.former import modernised_record

NORMAL = 1.96
"""Half the 95 % interval of a normal distribution, in standard errors."""
GENUINE = "InceptionV3 (FID weights)"
"""The one extractor whose figures go by the bare names FID, KID and IS, as published ones do."""
AS_THE_DATA = "as the data"
"""What a protocol says of the classes that samples were asked for, where these are as frequent as those of the data."""
COPYING = "copying of training items"
"""A figure of copies alone, which finds nothing worse in what is blurred or noise."""
COSTS = ("evaluations a sample", "seconds a sample")
"""Figures of what sampling takes, which say nothing of its worth."""
OWN_ERROR = "a single run's own error: of KID and IS the deviation over subsets and splits, else a standard error"
"""The legend of errors, for tables."""


@dataclass(frozen=True)
class Estimate:
    """What taking a figure gives, before it is known by name; the fields are those of `Record`.

    Args:
        value: The figure; what is no finite number has no value as a record.
        title: What the record is called, where the figure has records of several names.
    """

    value: float
    error: float | None = None
    protocol: Mapping[str, Any] = field(default_factory=dict)
    found: Mapping[str, Any] = field(default_factory=dict)
    real: float | None = None
    untrained: float | None = None
    chance: float | None = None
    parts: Mapping[str, float] = field(default_factory=dict)
    title: str = ""

    def under(self, further: Mapping[str, Any]) -> "Estimate":
        """Give the same with more in its protocol."""
        return replace(self, protocol={**self.protocol, **further})


@dataclass(frozen=True, kw_only=True)
class Record:
    """A metric's figure under a protocol.

    Args:
        metric: The bare name: "FID", "KID", "IS".
        value: The figure of the generated set; None where it has none: a distance in units of a spread that is 0.
        higher_is_better: Whether a better model scores higher.
        error: Its standard error, where there is one; of KID and IS, as published, the standard deviation over the
            protocol's subsets or splits.
        real: What real data scores in place of the generated set.
        untrained: What the untrained model scores.
        chance: What guessing scores.
        protocol: How it was judged, as plain JSON: extractor, weights, resizing, counts, real split, seed. Two records
            compare only where their protocols are equal.
        found: What was found out beside the figure: a p-value, a fitted width, a warning.
        way: How the model was sampled, where that is not its own way: truncation, a density of its codes, raw weights.
        parts: The same figure for each part, by name, where the whole is a mean over some (classes).
    """

    metric: str
    value: float | None
    higher_is_better: bool
    error: float | None = None
    real: float | None = None
    untrained: float | None = None
    chance: float | None = None
    protocol: Mapping[str, Any] = field(default_factory=dict)
    found: Mapping[str, Any] = field(default_factory=dict)
    way: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take infinities and NaN for no value at all."""
        for name in ("value", "error", "real", "untrained", "chance"):
            number = getattr(self, name)
            if number is not None and not math.isfinite(number):
                object.__setattr__(self, name, None)

    @property
    def label(self) -> str:
        """The name to print, for example "FID (EfficientNet-Lite0)"."""
        return labelled(self.metric, self.protocol.get("extractor", GENUINE))

    @property
    def key(self) -> str:
        """The name for loggers, for example "fid_efficientnet_lite0"."""
        return key_of(self.label)

    @property
    def bounds(self) -> dict[str, float]:
        """What there is to compare the value with, by name: real, untrained, chance."""
        known = {"real": self.real, "untrained": self.untrained, "chance": self.chance}
        return {name: bound for name, bound in known.items() if bound is not None}

    @property
    def margin(self) -> str:
        """The error in print, " ± 0.2"; a deviation over parts says over how many, " over 20 subsets"."""
        if self.error is None:
            return ""
        over = [f" over {self.protocol[parts]} {parts}" for parts in ("subsets", "splits") if parts in self.protocol]
        return f" ± {rounded(self.error, 3)}{''.join(over)}"

    @property
    def remark(self) -> str:
        """What a reader should know before trusting the value, in words, or ""."""
        words = [str(self.found["warning"])] if "warning" in self.found else []
        return "; ".join(words + ["worse than untrained: more turns"] * self.disappoints)

    @property
    def disappoints(self) -> bool:
        """Whether the untrained model scores better, by a figure that favours data over it."""
        if self.value is None or self.untrained is None or not self._worse(self.value, self.untrained):
            return False
        # Noise may be more varied than data; then more turns would not help.
        return self.real is None or not self._worse(self.real, self.untrained)

    def _worse(self, one: float, other: float) -> bool:
        return one < other if self.higher_is_better else one > other

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Record":
        """The record that `to_dict` wrote, in this version or in an earlier one; null stands for what is no number."""
        return cls(**modernised_record(values))

    def __str__(self) -> str:
        bounds = ", ".join(f"{name} {rounded(bound, 4)}" for name, bound in self.bounds.items())
        count = f" n={self.protocol['n']}" if "n" in self.protocol else ""
        remark = f" ({self.remark})" if self.remark else ""
        value = "–" if self.value is None else rounded(self.value, 4)
        return f"{self.label} {value}{self.margin}{f' [{bounds}]' if bounds else ''}{count}{remark}"


def rounded(value: float, digits: int) -> str:
    """Write a number with so many digits; a large one as a whole number, and by a power of ten only beyond 10⁹."""
    text = f"{value:.{digits}g}"
    return f"{value:,.0f}" if "e+" in text and abs(value) < 1e9 else text


def labelled(metric: str, extractor: str) -> str:
    """The name to print of a metric of an extractor's features."""
    return metric if extractor == GENUINE else f"{metric} ({extractor})"


def key_of(label: str) -> str:
    """The name for loggers of what is printed as `label`; a `*` in it stays."""
    return re.sub(r"[^a-z0-9*]+", "_", label.lower()).strip("_")

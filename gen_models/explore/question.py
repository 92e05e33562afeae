"""What the page asks: bounded, so that no slider can ask for more than this machine can give."""

from abc import ABC, abstractmethod
from typing import Annotated, Any

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from gen_models.analysis.ways import Way
from gen_models.explore.session import Variant
from gen_models.explore.shown import Shown
from gen_models.run.quoting import as_typed

Setting = Annotated[str, Field(max_length=100)] | bool | int | float


class PageQuestion(BaseModel, ABC):
    """A question about a run.

    Attributes:
        run: Place of the run in the list.
        lane: Place on the page that the answer is for.
        seed: Of all that is drawn.
        n: Samples.
        class_: Class of all of them; None for any, or every one in turn.
        settings: Of the model's sampling that are not its own.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True, allow_inf_nan=False)

    run: int = Field(0, ge=0)
    lane: str = Field("a", max_length=40)
    seed: int = Field(0, ge=0, lt=2**32)
    n: int = Field(16, ge=1, le=5000)
    class_: int | None = Field(None, ge=0, alias="class")
    settings: dict[str, Setting] = Field(default_factory=dict, max_length=50)

    @abstractmethod
    def answer(self, run: Variant) -> Shown:
        """Ask the run's model, which samples in the way that is asked for.

        Raises:
            UsageError: It can't do that.
        """

    @property
    def way(self) -> Way:
        """How the model is sampled."""
        return Way(None, self.settings)

    @property
    def classes(self) -> Tensor | None:
        """The classes (n,) of samples that are all of one class; None of those that are of any."""
        return None if self.class_ is None else torch.full((self.n,), self.class_)

    @property
    def kind(self) -> str:
        """What drawings must have in common to take as long."""
        return f"{type(self).__name__} {self.model_dump_json(exclude={'lane', 'seed', 'mask', 'uploads'})}"

    def words(self, **options: Any) -> dict[str, Any]:
        """The options of a command that gives the same, with those that are its own."""
        settings = ",".join(f"{name}={_typed(value)}" for name, value in self.settings.items())
        return {**options, "way": settings or None}


class SampleQuestion(PageQuestion, ABC):
    """A question about samples, for which latents may be truncated.

    Attributes:
        truncation: The largest latent; None for the model's own.
    """

    truncation: float | None = Field(None, gt=0)

    @property
    def way(self) -> Way:
        """How the model is sampled."""
        return Way(self.truncation, self.settings)

    def words(self, **options: Any) -> dict[str, Any]:
        """The options of a command that gives the same, with those that are its own."""
        return super().words(**options, truncation=self.truncation)


def _typed(value: Setting) -> str:
    """A value as YAML reads it: without a point it would take 1e-05 for a word."""
    text = as_typed(value)
    return text.replace("e", ".0e") if isinstance(value, float) and "e" in text and "." not in text else text

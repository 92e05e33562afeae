"""Models whose samples have a temperature and no other setting."""

from collections.abc import Mapping
from typing import Any, Unpack

from gen_models.core.model import GenerativeModel
from gen_models.core.training import Training
from gen_models.families.parts.sampling import at_temperature


class Tempered(GenerativeModel):
    """Base class of models whose way of sampling is a temperature: below 1 samples are more alike, above 1 less.

    Args:
        temperature: Of samples.
        training: Options of the engine.

    Raises:
        UsageError: The temperature is not positive.
    """

    def __init__(self, temperature: float, **training: Unpack[Training]) -> None:
        super().__init__(**training)
        self.temperature = at_temperature(temperature)

    @property
    def way(self) -> Mapping[str, Any]:
        """The temperature."""
        return {"temperature": self.temperature}

    def set_way(self, temperature: float) -> None:
        """Change the temperature of samples."""
        self.temperature = at_temperature(temperature)

"""Options that mean something only beside another option, or only without it: said where an option is annotated.

`share: Annotated[float, Within("labelled")]` is read of the signatures of constructors (`gen_models.run.choices`) and
of commands (`gen_models.cli.bundles`); what was typed and would be without effect is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Within:
    """An option that is part of another one.

    Args:
        other: The option that it is part of.
        value: Of that one, where it is no part of its other values.
    """

    other: str
    value: str | None = None

    def idle(self, values: Mapping[str, Any]) -> bool:
        """Whether the option would be without effect among these."""
        given = values.get(self.other)
        return given != self.value if self.value is not None else not given

    def sentence(self, own: str, other: str) -> str:
        """Say so, of options as they are typed."""
        whole = other if self.value is None else f"{other} {self.value}"
        return f"{own} is part of {whole} and does nothing without it: say both, or neither."


@dataclass(frozen=True)
class Unless:
    """An option that another one takes the place of.

    Args:
        other: The option that does.
    """

    other: str

    def idle(self, values: Mapping[str, Any]) -> bool:
        """Whether the option would be without effect among these."""
        return bool(values.get(self.other))

    def sentence(self, own: str, other: str) -> str:
        """Say so, of options as they are typed."""
        return f"{other} takes the place of {own}: leave one of them out."


Rule = Within | Unless

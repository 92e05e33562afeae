"""What was typed after `train`, put as Hydra can read it."""

import re
from collections.abc import Sequence
from pathlib import Path

from hydra._internal.utils import get_args_parser

from gen_models.errors import UsageError

SWEEP = ("-m", "--multirun")


def understood(arguments: Sequence[str]) -> list[str]:
    """Put `-m` in front, where Hydra looks for it, and read `~` as the home directory, which shells leave in `a=~/b`.

    Raises:
        UsageError: An option is written with dashes.
    """
    flags = {flag for action in get_args_parser()._actions for flag in action.option_strings}
    for position, argument in enumerate(arguments):
        if argument.startswith("--") and argument.partition("=")[0] not in flags:
            name, _, value = argument.lstrip("-").partition("=")
            value = value or next(iter(arguments[position + 1 : position + 2]), "…")
            raise UsageError(f"options are written without dashes, as in {name}={value}, and not {argument}.")
    first = [argument for argument in arguments if argument in SWEEP]
    rest = [re.sub(r"=~(?=/|$)", f"={Path.home()}", argument) for argument in arguments if argument not in SWEEP]
    return [*first[:1], *rest]

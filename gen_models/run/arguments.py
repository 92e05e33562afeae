"""What was typed after `train`, put as Hydra can read it."""

import re
from collections.abc import Sequence
from pathlib import Path

from hydra._internal.utils import get_args_parser

from gen_models.errors import UsageError, visible
from gen_models.run.conf import CONF
from gen_models.run.quoting import quoted

NOUNS = ("model", "data", "network", "loss", "trainer", "penalty", "experiment")
"""Groups whose files are typed by their name alone, by mistake."""
SWEEP = ("-m", "--multirun")
LOOKS = ("-c", "--cfg", "-i", "--info")
"""What shows something of a single job in place of running it."""
PLACE = re.compile(r"(~|\.{0,2})/[^=]*")
BARE = re.compile(rf"\w[\w.-]*|{PLACE.pattern}")
"""A word, or a place, without the name of an option."""
HOME = re.compile(r"(?<=[=,[])~(/(?:\\.|[^],\\])*)?(?=[],]|$)")
"""A place below the home directory, as a value or one of several; its end may escape signs by a backslash."""
NOWHERE = re.compile(r"paths\.\w+=(null)?")
"""A folder of no name, which would be one in the root of the file system, or one called None."""

FOLDER = re.compile(r"\+{0,2}(name|study|run|paths\.\w+)=(.*)", re.DOTALL)
"""An option that names folders, and its value."""


def understood(arguments: Sequence[str]) -> list[str]:
    """Put `-m` in front, where Hydra looks for it, and read `~` as the home directory, which shells leave in `a=~/b`.

    Raises:
        UsageError: An option has dashes or no name, a folder has none, one that can't be printed or one that leads out
            of paths.runs, or a sweep is looked at as a job is.
    """
    flags = {flag for action in get_args_parser()._actions for flag in action.option_strings}
    for position, argument in enumerate(arguments):
        if argument.startswith("--") and argument.partition("=")[0] not in flags:
            name, _, value = argument.lstrip("-").partition("=")
            value = value or next(iter(arguments[position + 1 : position + 2]), "…")
            raise UsageError(f"options are written without dashes, as in {name}={value}, and not {argument}.")
        if BARE.fullmatch(argument) and not _is_flag(arguments[position - 1] if position else ""):
            raise UsageError(f"options are written as name=value, and not {argument}: did you mean {_meant(argument)}?")
        if NOWHERE.fullmatch(argument):
            raise UsageError(f"{argument} names no folder: name one, or leave it out.")
        if folder := FOLDER.fullmatch(argument):
            _check_folder(*folder.groups())  # here, since a sweep makes its folder before its jobs
    _check_looks(arguments)
    first = [argument for argument in arguments if argument in SWEEP]
    rest = [_at_home(argument) for argument in arguments if argument not in SWEEP]
    return [*first[:1], *rest]


def _check_folder(name: str, value: str) -> None:
    """Refuse a folder that can't be printed, and one of a run or study that leads out of the folder of all runs."""
    if visible(value) != value:
        raise UsageError(unprintable(name, value))
    if name in ("name", "study") and ".." in value.strip("'\"").split("/"):
        raise UsageError(f"{name}={value} leads out of paths.runs: leave '..' out, or set paths.runs.")


def unprintable(name: str, value: object) -> str:
    """The refusal of a folder's name with line breaks or escapes in it, which terminals obey and lists break at."""
    return f"{name}={visible(str(value))} holds signs that can't be printed: leave them out."


def _at_home(argument: str) -> str:
    """Put the home directory in the place of `~`, in quotes where Hydra needs them; what is in quotes stays."""

    def placed(found: re.Match[str]) -> str:
        home, below = str(Path.home()), found[1] or ""
        return home + below if quoted(home) == home else quoted(home + re.sub(r"\\(.)", r"\1", below))

    return argument if re.search("['\"]", argument) else HOME.sub(placed, argument)


def _check_looks(arguments: Sequence[str]) -> None:
    shown = [argument for argument in arguments if argument in LOOKS]
    if shown and set(SWEEP) & set(arguments):
        raise UsageError(f"{shown[0]} shows a single job: leave -m out, and give one value of each option.")


def _is_flag(argument: str) -> bool:
    """Whether it is one of Hydra's that a word may follow, as in `--cfg job`."""
    return argument.startswith("-") and "=" not in argument and argument not in SWEEP


def _meant(word: str) -> str:
    """The option that a word alone was meant to be: a folder of pictures, a file of a group, or a name."""
    groups = [group for group in NOUNS if (CONF / group / f"{word}.yaml").is_file()]
    if groups:
        return " or ".join(f"{group}={word}" for group in groups)
    return f"data=folder data.root={word}" if PLACE.fullmatch(word) or Path(word).is_dir() else f"{word}=…"

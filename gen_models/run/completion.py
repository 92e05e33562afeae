"""Completion of what can be written behind `train`: Hydra's own, for every shell that the command line knows."""

import re
from collections.abc import Sequence

from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException
from hydra.plugins.completion_plugin import DefaultCompletionPlugin
from omegaconf.errors import OmegaConfBaseException

from gen_models.run.conf import CONF


def completions(words: Sequence[str], incomplete: str) -> list[str]:
    """Give what an unfinished word may become; nothing where a word before it is wrong.

    Args:
        words: Those before it. Bash takes `model=va` for three words, `model`, `=` and `va`, and tells of `model=` the
            first alone.
        incomplete: The unfinished one.
    """
    kept = [word for word in words if not word.startswith("-")]
    if kept and not incomplete and re.fullmatch(r"\+?[\w./@]+", kept[-1]):
        kept.append("=")
    line = re.sub(r" ?= ?", "=", " ".join([*kept, incomplete]))
    before = line.rpartition(" ")[2].removesuffix(incomplete)
    try:
        with initialize_config_dir(str(CONF), version_base="1.3"):
            # Hydra's plugins for single shells ask this too; it has no public name.
            found = DefaultCompletionPlugin(GlobalHydra.instance().config_loader())._query("train", line)
    except (HydraException, OmegaConfBaseException):
        return []
    return [text.removeprefix(before) for text in found]

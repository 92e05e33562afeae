"""Functions for the first of a training's processes only, which know the rank before Lightning has been imported."""

import os

from lightning_utilities.core.rank_zero import rank_zero_only, rank_zero_warn

__all__ = ["rank_zero_only", "rank_zero_warn"]

VARIABLES = ("RANK", "LOCAL_RANK", "SLURM_PROCID", "JSM_NAMESPACE_RANK")
"""Those of the environment that say it, in the order in which Lightning asks; its strategies set it again."""

_said = (int(os.environ[name]) for name in VARIABLES if name in os.environ)
rank_zero_only.rank = getattr(rank_zero_only, "rank", next(_said, 0))  # type: ignore[attr-defined]

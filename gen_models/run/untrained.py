"""The model of a run before its training, to compare with."""

from dataclasses import dataclass

import torch
from omegaconf import DictConfig, OmegaConf

from gen_models.core.model import GenerativeModel
from gen_models.data.source import Source
from gen_models.metrics.cache import digest
from gen_models.run.build import build_model, precision_of
from gen_models.run.plugins import named_in
from gen_models.run.versions import versions

GROUPS = ("model", "spec")
"""What an untrained model depends on, beside the seed and the precision."""


@dataclass(frozen=True)
class Blank:
    """An untrained model, made when it is first needed.

    Args:
        cfg: The run's configuration, whose `spec` is known.
    """

    cfg: DictConfig

    @property
    def key(self) -> str:
        """An id of the model and of the data that it is prepared for: equal ones draw equal samples."""
        groups = [OmegaConf.to_container(self.cfg[name], resolve=True) for name in GROUPS]
        return digest(versions(named_in(self.cfg)), self.cfg.seed, precision_of(self.cfg), *groups)

    def made(self, source: Source, device: torch.device) -> GenerativeModel:
        """Build the untrained model, and let it look at the data as a training does before its first turn."""
        with torch.inference_mode(False), torch.enable_grad():  # as in a training, wherever figures are taken
            model = build_model(self.cfg).to(device)
            model.get_ready(source)
        return model.eval()

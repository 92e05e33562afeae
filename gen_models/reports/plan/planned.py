"""A plan of a configuration, without its data where these are stated."""

import torch
from omegaconf import DictConfig

from gen_models.core.model import GenerativeModel
from gen_models.reports.plan.estimate import Estimate, estimate
from gen_models.reports.plan.screen import stated
from gen_models.run.build import build_data, build_model
from gen_models.run.check import check
from gen_models.run.class_counts import check_class_counts
from gen_models.run.plugins import allowed
from gen_models.run.quiet import quieten


def planned(cfg: DictConfig) -> Estimate:
    """Estimate what the training of a composed configuration takes.

    Raises:
        UsageError: It could not be trained.
    """
    quieten()
    return estimate(blank(cfg), cfg)


def blank(cfg: DictConfig) -> GenerativeModel:
    """Build a model without memory for its weights; its data are opened only if the configuration doesn't state them.

    Raises:
        UsageError: It could not be trained.
    """
    check(cfg, "data", allowed(cfg.get("plugins") or ()))
    if not stated(cfg):
        build_data(cfg)
    with torch.device("meta"):
        model = build_model(cfg)
    check_class_counts(cfg, model)
    return model

"""Names of earlier versions, so that every old run directory can be read: one table, and nothing re-exported.

Configs once named a class by its file (`gen_models.networks.dcgan.DCGANGenerator`); they now name it by its package
(`gen_models.networks.DCGANGenerator`).
"""

from typing import Any

MODULES = {
    "data": "gen_models.data",
    "gen_models.callbacks.theory": "gen_models.experiments.theory",
    "gen_models.networks.affine": "gen_models.experiments.theory",
    "gen_models.networks.flows": "gen_models.networks.flows",
    "gen_models.losses.balance": "gen_models.families",
    "gen_models.growth": "gen_models.families",
    "gen_models.priors": "gen_models.latents",
    "gen_models.codes": "gen_models.latents",
    "gen_models.code_parts": "gen_models.latents",
    "gen_models.starts": "gen_models.latents",
    "gen_models.loggers": "gen_models.run",
    "gen_models.wandb": "gen_models.run",
    **{f"gen_models.{room}": f"gen_models.{room}" for room in ("augment", "callbacks", "core", "families", "judges")},
    **{f"gen_models.{room}": f"gen_models.{room}" for room in ("losses", "metrics", "networks")},
}
"""The package of what a former module held, or the modules of a former package did: the longest prefix counts."""

CLASSES = {
    "gen_models.losses.weights.WeightClipping": "gen_models.constraints.WeightClipping",
    "gen_models.losses.weights.NormClipping": "gen_models.constraints.NormClipping",
    "gen_models.losses.weights.UnitBall": "gen_models.constraints.UnitBall",
    "gen_models.latents.Gaussian": "gen_models.latents.GaussianCode",
    "gen_models.networks.flows.Normal": "gen_models.latents.Normal",
    "gen_models.networks.flows.Logistic": "gen_models.latents.Logistic",
    "gen_models.wandb.wandb_logger": "gen_models.run.RunWandb",
    "gen_models.networks.laplacian.mlp_critic": "gen_models.networks.MLPBody",
}
"""What has gone elsewhere than its module, or has another name."""

FUNCTIONS = {
    "gen_models.losses.stated.believe": "gen_models.losses.Believe",
    "gen_models.losses.stated.doubt": "gen_models.losses.Doubt",
    "gen_models.callbacks.theory.optimal.jensen_shannon": "gen_models.experiments.theory.JensenShannon",
    "gen_models.callbacks.theory.optimal.total_variation": "gen_models.experiments.theory.TotalVariation",
}
"""Functions, given as such (`_partial_`), that are objects now."""

SCALES = "gen_models.codes.per_scale"

COUNTED = ("Avatars", "BinaryMNIST", "Digits", "Idx", "Toy1D", "Toy2D")
SHARED = ("Array", "CelebA", "Folder", "ImageNet", "Speech")
NO_VALIDATION: dict[str, dict[str, Any]] = {
    **{f"gen_models.data.{name}": {"validation_count": 0} for name in COUNTED},
    **{f"gen_models.data.{name}": {"validation_fraction": 0.0} for name in SHARED},
    "gen_models.data.Hub": {"validation_split": None, "validation_fraction": 0.0},
}
"""What data sets were before there were validation items, said where a stored configuration says nothing of them."""


def current(target: str) -> str:
    """Give today's name of what a `_target_` says."""
    found = CLASSES.get(target) or FUNCTIONS.get(target)
    if found is not None:
        return found
    module, _, name = target.rpartition(".")
    while module and module not in MODULES:
        module = module.rpartition(".")[0]
    moved = f"{MODULES[module]}.{name}" if module else target
    return CLASSES.get(moved, moved)


def modernised(node: Any) -> Any:
    """Give a stored configuration, nested dictionaries and lists, with today's names."""
    if isinstance(node, list):
        return [modernised(child) for child in node]
    if not isinstance(node, dict):
        return node
    node = {key: modernised(child) for key, child in node.items()}
    target = node.get("_target_")
    if not isinstance(target, str):
        return node
    if target in FUNCTIONS:
        node.pop("_partial_", None)
    if target == SCALES:
        parts = {"_target_": "gen_models.latents.PartsPerScale", "shape": node.pop("shape"), "part": node.pop("part")}
        return {**node, "_target_": "gen_models.latents.Codes", "parts": parts}
    return {**NO_VALIDATION.get(current(target), {}), **node, "_target_": current(target)}

"""Precision of judges: float32, whatever the run that is judged draws in."""

import torch


def whole(device: torch.device) -> torch.autocast:
    """Compute in float32 also where a run's autocast is on.

    Features in bfloat16 would be noise to a distance, and a network that is fitted under autocast would not learn: a
    weight that was cast is kept until the context ends.
    """
    return torch.autocast(device.type, enabled=False)

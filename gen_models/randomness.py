"""Random numbers as a function of where in the run they are drawn, never of what happened before.

Every move of every player begins by keying torch's generators with (seed, rank, turn, player). A loss may therefore
call `torch.randn` or a dropout layer freely, and a killed run still continues bit for bit without storing one
generator's state.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b

import torch


def key(*parts: str | int) -> int:
    """Hash `parts` to a 63-bit seed, the same on every machine."""
    digest = blake2b("/".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def generator(*parts: str | int) -> torch.Generator:
    """A CPU generator keyed by `parts`."""
    return torch.Generator().manual_seed(key(*parts))


def reseed(*parts: str | int) -> None:
    """Key torch's default generators, of the CPU and of the devices in use, by `parts`."""
    seed = key(*parts)
    # Not torch.manual_seed: before CUDA is in use it queues a call, with a stack trace, for ever.
    torch.default_generator.manual_seed(seed)
    if torch.cuda.is_initialized():
        torch.cuda.manual_seed(seed)
    if torch.backends.mps.is_available():
        torch.mps.manual_seed(seed)


def states() -> dict[str, torch.Tensor]:
    """The states of torch's default generators, of the CPU and of the devices in use, by the devices' names."""
    found = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        found[f"cuda:{torch.cuda.current_device()}"] = torch.cuda.get_rng_state()
    if torch.backends.mps.is_available():
        found["mps"] = torch.mps.get_rng_state()
    return found


def resume(found: Mapping[str, torch.Tensor]) -> None:
    """Set torch's default generators to the `states` that they had."""
    for device, state in found.items():
        if device == "cpu":
            torch.set_rng_state(state)
        elif device == "mps":
            torch.mps.set_rng_state(state)
        else:
            torch.cuda.set_rng_state(state, device)


@contextmanager
def isolated(*parts: str | int) -> Iterator[None]:
    """Draw from generators keyed by `parts`, and leave the caller's untouched."""
    with replayed():
        reseed(*parts)
        yield


@contextmanager
def replayed() -> Iterator[None]:
    """Leave the generators as they were: what is drawn within is drawn once more afterwards (a dropout mask)."""
    found = states()
    try:
        yield
    finally:
        resume(found)

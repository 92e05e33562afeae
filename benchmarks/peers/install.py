"""Environments of the peers in `.cache/peers`: one for torch, which is the project's own build, and one a peer.

A peer comes by name from the package index, or, where it is not there, as its repository. Where it asks for an older
torch, or for libraries of gigabytes that its trainer does not touch in a turn, it is installed alone, with what it
needs beside it. What fails is noted, for the page. `make peers` runs this again and finds what is there.
"""

import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from benchmarks.rounds import PEERS, ROOT


@dataclass(frozen=True)
class Peer:
    """What pip is asked for, and what it cannot install.

    Args:
        packages: With all that they depend on.
        alone: Without.
        archive: Address of the archive of a repository that is no package; its folder is copied.
    """

    packages: Sequence[str] = ()
    alone: Sequence[str] = ()
    archive: str = ""


GENERATIVE = "d1f0a5ce45195fed3e2787be86ad87c7c8229481"
"""The commit of pytorch-generative, which is no package."""


ALL = {
    "torchgan": Peer(["pillow", "scipy", "wget"], alone=["torchgan"]),
    "mimicry": Peer(["pillow", "scipy", "requests", "lmdb", "scikit-learn", "tensorboard"], alone=["torch-mimicry"]),
    "pythae": Peer(["pythae"]),
    "normflows": Peer(["normflows"]),
    "nflows": Peer(["nflows"]),
    "zuko": Peer(["zuko"]),
    "pytorch_generative": Peer(
        ["numpy", "pillow", "scikit-learn", "tensorboard"],
        archive=f"https://github.com/EugenHotaj/pytorch-generative/archive/{GENERATIVE}.tar.gz",
    ),
    "torchcfm": Peer(  # without torchvision, whose build would have to fit torch's
        ["matplotlib", "scikit-learn", "pot", "torchdiffeq", "torchcde", "torchsde", "pytorch-lightning"],
        alone=["torchcfm", "torchdyn"],
    ),
    "diffusers": Peer(["diffusers", "accelerate"]),
}


def pip(home: Path, *arguments: str) -> str:
    """Run an environment's pip; give its sentence if it fails, and nothing otherwise."""
    command = [
        str(home / "bin" / "pip"),
        "install",
        "--quiet",
        "--constraint",
        str(ROOT / "constraints.txt"),
        *arguments,
    ]
    ran = subprocess.run(command, capture_output=True, text=True)
    lines = [line for line in ran.stderr.splitlines() if line.startswith("ERROR")] or ["ERROR: pip failed"]
    return lines[-1].removeprefix("ERROR: ") if ran.returncode else ""


def copied(name: str, archive: str, packages: Path) -> str:
    """Copy a folder of an archive to where an environment keeps its packages; give a sentence if it fails."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            with urlopen(archive, timeout=60) as answer, tarfile.open(fileobj=answer, mode="r|gz") as archived:
                archived.extractall(folder, filter="data")
            (found,) = Path(folder).glob(f"*/{name}")
            shutil.copytree(found, packages / name)
    except (OSError, tarfile.TarError) as failure:
        return f"{archive} could not be copied: {failure}"
    return ""


def packages_of(home: Path) -> str:
    """Where an environment keeps its packages."""
    return sysconfig.get_path("purelib", "venv", vars={"base": str(home), "platbase": str(home)})


def make(name: str, peer: Peer, torch: Path) -> None:
    """Make a peer's environment on top of torch's, and note how that went."""
    home = PEERS / name
    venv.create(home, with_pip=True, clear=True)
    Path(packages_of(home), "torch.pth").write_text(packages_of(torch))
    failed = pip(home, *peer.packages) if peer.packages else ""
    failed = failed or (pip(home, "--no-deps", *peer.alone) if peer.alone else "")
    failed = failed or (copied(name, peer.archive, Path(packages_of(home))) if peer.archive else "")
    (home / ("failed" if failed else "ready")).write_text(failed)
    print(f"{name}: {failed or 'ready'}", flush=True)


def main() -> None:
    torch = PEERS / "torch"
    if not (torch / "ready").exists():
        venv.create(torch, with_pip=True, clear=True)
        if failed := pip(torch, "torch", "numpy"):
            sys.exit(failed)
        (torch / "ready").touch()
    for name, peer in ALL.items():
        if not (PEERS / name / "ready").exists():
            make(name, peer, torch)


if __name__ == "__main__":
    main()

"""What comes from somebody else: pictures of any kind, and run directories that would like to run code."""

import shutil
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import torch
from omegaconf import OmegaConf

from gen_models import load
from gen_models.errors import UsageError
from gen_models.run.build import build_data, build_metrics, build_model
from gen_models.run.reading import read_config
from tests.data.fuzzing import fuzz, memory
from tests.faults.bench import Bench, fork
from tests.faults.trial import Trial
from tests.run import test_security as payloads

BLOCK = 50
"""Pictures that one child reads: a crash in a decoder's library costs no more."""


def images(bench: Bench, count: int) -> Iterator[Trial]:
    """Odd and damaged pictures: each is read, or refused with one of the reasons that are counted."""
    for seed in range(count // BLOCK):
        folder = bench.place("pictures")
        folder.mkdir()
        ended = fork(partial(_fuzzed, folder, seed)).wait()
        megabytes = float(ended.said.strip().splitlines()[-1]) if not ended.code else 0
        yield Trial(not ended.code, f"{megabytes:.0f} MB" if not ended.code else str(ended), megabytes, BLOCK)
        shutil.rmtree(folder)


def _fuzzed(folder: Path, seed: int) -> None:
    fuzz(folder, BLOCK, seed)
    print(memory())


def strangers(bench: Bench, count: int) -> Iterator[Trial]:
    """Payloads in a stored configuration, with stored plug-ins: one sentence, and the marker is not made."""
    folder = bench.place("stranger")
    run = folder / "run"
    bench.ended(run, "model=ae", "network=mlp", "turns=1")
    torch.save(payloads.Evil(folder / "marker"), folder / "evil.pt")
    if fork(lambda: torch.load(folder / "evil.pt", weights_only=False)).wait().code or not (folder / "marker").exists():
        raise RuntimeError("the payload itself does not work, so that nothing would be proven")
    (folder / "marker").unlink()
    whole = payloads.stored_with(run)
    acts = [*_calls(run, folder, whole), *_files(run, folder)]
    for name, act in acts[:: max(1, len(acts) // count)]:
        ended = fork(partial(_refused, act)).wait()
        made = (folder / "marker").exists()
        yield Trial(
            not ended.code and not made, f"{name}: {'EXECUTED' if made else 'refused' if not ended.code else ended}"
        )
        (folder / "marker").unlink(missing_ok=True)
        OmegaConf.save(OmegaConf.create(whole), run / "config.yaml")


def _calls(run: Path, folder: Path, whole: dict[str, Any]) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Every call in every form, in the place of a network, of the model, of the data and of the metrics."""
    for name, call in payloads.CALLS.items():
        for form, formed in payloads.FORMS.items():
            node = formed(payloads.filled(call, folder))
            network = {"model": {**whole["model"], "encoder": node}}
            yield f"{name} as network, {form}", partial(_stored, run, network, load)
            if form == "plain":
                yield (
                    f"{name} as model",
                    partial(_stored, run, {"model": node}, lambda run: build_model(read_config(run))),
                )
                yield f"{name} as data", partial(_stored, run, {"data": node}, lambda run: build_data(read_config(run)))
                measured = partial(_stored, run, {"metrics": node}, lambda run: build_metrics(read_config(run)))
                yield f"{name} as metrics", measured


def _files(run: Path, folder: Path) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Configurations that are not what a configuration is."""
    for name, text in payloads.FILES.items():
        if name not in ("deep", "large"):
            content = "seed: 1\n" + text.format(touch=f"touch {folder}/marker")
            yield f"file {name}", partial(_written, run, content)


def _stored(run: Path, groups: dict[str, Any], act: Callable[[Path], Any]) -> None:
    payloads.stored_with(run, **groups)
    act(run)


def _written(run: Path, content: str) -> None:
    (run / "config.yaml").write_bytes(content.encode(errors="surrogateescape"))
    load(run)


def _refused(act: Callable[[], Any]) -> None:
    """Leave with 0 if it is refused in one sentence."""
    try:
        act()
    except UsageError as error:
        sys.exit(len(str(error).splitlines()) != 1)
    sys.exit("it was not refused")

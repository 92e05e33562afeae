"""What a model is worth, by everything that it is able to do."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from lightning.pytorch.utilities import rank_zero_only

from gen_models.analysis.factors import askable, moved, understanding
from gen_models.analysis.figures import take
from gen_models.analysis.likelihood import likelihood
from gen_models.analysis.memory import memory
from gen_models.analysis.restoration import restoration
from gen_models.analysis.subject import Draw, subject
from gen_models.analysis.traverse import movable
from gen_models.core.abilities import (
    Classifies,
    Encodes,
    HasItemLatents,
    HasLikelihoodBound,
    HasLogProb,
    HasRestorations,
    Reconstructs,
)
from gen_models.core.model import GenerativeModel
from gen_models.data.interface import Items, batches
from gen_models.data.source import Source
from gen_models.metrics.record import Record
from gen_models.metrics.records import write_records
from gen_models.metrics.scorer import Scorer

HELD_OUT = 1000


def evaluate(
    model: GenerativeModel,
    source: Source,
    scorer: Scorer | None,
    untrained: Callable[[], GenerativeModel] | None = None,
    draws: int = 1,
    sampler: Draw | None = None,
    figures: Sequence[str] = (),
) -> list[Record]:
    """Take every figure that the model's abilities allow, with its averaged weights.

    Args:
        model: The model.
        source: The data that it was trained on.
        scorer: Judges samples; None leaves them unjudged.
        untrained: Makes the same model before training, for the ceilings.
        draws: Latents for each held-out item where a likelihood is only bounded; more tighten the bound.
        sampler: Draws (n, *shape) in the model's place; then nothing but its samples is judged.
        figures: Names of slower figures to take besides.
    """
    records: list[Record] = []
    with model.evaluating("evaluation"):
        if scorer is not None:
            blank = untrained().eval().to(model.device).sample if untrained else None
            records += scorer.score(
                sampler or model.sample, source.reference, source.test, source.fingerprint, blank, device=model.device
            )
        if figures:
            records += take(subject(model, source, scorer, sampler), figures)
        if sampler is not None or not len(source.test):  # on which abilities are measured
            return records
        return records + _abilities(model, source, scorer, untrained, draws)


def _abilities(
    model: GenerativeModel,
    source: Source,
    scorer: Scorer | None,
    untrained: Callable[[], GenerativeModel] | None,
    draws: int,
) -> list[Record]:
    records: list[Record] = []
    if isinstance(model, Reconstructs):
        records.append(_reconstruction(model, source.test, model.device))
        if scorer is not None:
            splits = source.reference, source.test, source.fingerprint
            records += scorer.compare(model.reconstruct, *splits, device=model.device)
    if isinstance(model, HasItemLatents):
        records += memory(model, source.train, source.batch_size, model.device)
    if isinstance(model, HasRestorations):
        records += restoration(model)
    if isinstance(model, HasLogProb | HasLikelihoodBound):
        records += likelihood(model, source, HELD_OUT, draws, model.device)
    if isinstance(model, Classifies):
        records.append(_classification(model, source.test, model.device))
    if askable(model, source):
        if isinstance(model, Encodes):
            records += understanding(model, source, untrained)
        if movable(model) and len(source.spec["shape"]) == 3:
            records.append(moved(model))
    return records


@rank_zero_only
def store(records: Sequence[Record], run: Path, turn: int) -> Path:
    """Write the records beside the run as `evaluation/turn-000500.json`."""
    return write_records(records, run / "evaluation" / f"turn-{turn:06d}.json")


def _reconstruction(model: Reconstructs, items: Items, device: torch.device) -> Record:
    """Peak signal-to-noise ratio in dB of held-out items' reconstructions, for values in [-1, 1]."""
    count = min(HELD_OUT, len(items))
    errors = []
    for x, y in batches(items, torch.arange(count), 100):
        x = x.to(device)
        errors.append((model.reconstruct(x, y.to(device)) - x).square().flatten(1).mean(1))
    psnr = 10 * math.log10(4 / max(float(torch.cat(errors).mean()), 1e-12))
    return Record("PSNR of reconstructions", psnr, protocol={"unit": "dB", "real": "test", "n": count})


def _classification(model: Classifies, items: Items, device: torch.device) -> Record:
    """Share of held-out items whose class the model guesses wrong, with its standard error."""
    count = min(HELD_OUT, len(items))
    wrong = [
        (model.classify(x.to(device)).argmax(1).cpu() != y).double()
        for x, y in batches(items, torch.arange(count), 100)
    ]
    values = torch.cat(wrong)
    error = float(values.std() / math.sqrt(count))
    return Record("classification error", float(values.mean()), error, protocol={"real": "test", "n": count})

"""One screen about a model, laid out for a terminal of 100 columns."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gen_models.core.model import GenerativeModel
from gen_models.reports.catalogue import Entry, entry
from gen_models.reports.explain.line import Line
from gen_models.reports.explain.parts import options, parts
from gen_models.reports.explain.sheet import Section, count, sections, stated
from gen_models.reports.explain.source import first_line, place, short
from gen_models.run.plugins import allowed
from gen_models.run.targets import resolve

LABEL = 22
"""Columns of a label."""

GROUPS = ("network", "loss", "penalty", "augment", "judge")
"""What can be chosen beside the model, where the model refers to it."""

NAMED = ("penalty", "judge")
"""Groups of which several can be chosen: their keys are the files."""


def screen(model: GenerativeModel, cfg: DictConfig) -> RenderableType:
    """Lay out the title, the parts that no player has for itself, and the players.

    Args:
        model: As it was built.
        cfg: What it was built from, with `spec`: what its data are.
    """
    blocks: list[RenderableType] = [title(head("model", cfg.choices.model), cfg), Text()]
    blocks += map(row, made_of(model, cfg))
    for section in sections(model):
        lines = (replace(line, label=f"  {line.label}") for line in (*section.networks, *section.terms))
        blocks += [Text(), player(section), *map(row, lines)]
    return Group(*blocks, Text(), budget(model, cfg))


def title(entry: Entry, cfg: DictConfig) -> Text:
    """Name the model, its purpose, its paper with a link, and what it is put together from."""
    text = Text.assemble((entry.title or entry.name, "bold"), ": " if entry.purpose else "", entry.purpose)
    paper = ", ".join(part for part in (entry.paper, entry.year, entry.url) if part)
    if paper:
        text.append(f"\n{paper}", style="blue")
    return text.append(f"\n{' '.join(chosen(cfg))}", style="dim")


def chosen(cfg: DictConfig) -> Iterator[str]:
    """Give the files that make up the model, as they are typed."""
    choices = HydraConfig.get().runtime.choices
    text = OmegaConf.to_yaml(cfg.model, resolve=False)
    for group in ("model", *(group for group in GROUPS if f"${{{group}" in text or f"select:{group}" in text), "data"):
        named = f"[{','.join(cfg[group])}]" if group in NAMED else choices.get(group)
        if named not in (None, "null", "[]"):
            yield f"{group}={named}"


def made_of(model: GenerativeModel, cfg: DictConfig) -> Iterator[Line]:
    """Describe the family, the data and the parts that belong to no player."""
    spec = cfg.spec
    classes = f" in {spec.num_classes} classes" if spec.num_classes else ""
    shape = " × ".join(map(str, spec.shape))
    yield Line("family", f"{type(model).__name__}: {first_line(type(model))}", place(type(model)))
    known = "num_test" in spec
    held = f", validation {short(spec.num_validation)}, test {short(spec.num_test)}" if known else ", as stated by spec"
    plugins = allowed(cfg.get("plugins") or ())
    data = resolve(cfg.data["_target_"], plugins)
    yield Line("data", f"{data.__name__}: {short(spec.num_train)} of {shape}{classes}{held}", place(data))
    yield from parts(cfg.model, stated(model), plugins)
    if own := options(cfg.model):
        yield Line("options", own)


def head(group: str, name: str) -> Entry:
    """Give what the head of a chosen file says; of a plug-in's too."""
    sources = [source.path for source in HydraConfig.get().runtime.config_sources if source.schema == "file"]
    files = [Path(folder, group, f"{name}.yaml") for folder in sources]
    return next((entry(file) for file in files if file.is_file()), Entry(name, name, ""))


def player(section: Section) -> Text:
    """Begin a player's section."""
    return Text.assemble((f"{section.title:{LABEL}}", "bold magenta"), f"{section.rhythm}")


def row(line: Line) -> Table:
    """Set a line: label, text, and its place at the right."""
    grid = Table.grid(padding=(0, 2, 0, 0), expand=True, pad_edge=False)
    grid.add_column(width=LABEL - 2, no_wrap=True, style="cyan")
    grid.add_column(ratio=1)
    grid.add_column(justify="right", no_wrap=True, style="dim")
    grid.add_row(line.label, Text(line.text, style="yellow" if line.maths else ""), line.place)
    return grid


def budget(model: GenerativeModel, cfg: DictConfig) -> Text:
    """Say how long it would be trained, and how many parameters that concerns."""
    length = f"{short(cfg.images)} images" if cfg.get("images") is not None else f"{short(cfg.turns)} turns"
    batch = f"{cfg.data.batch_size} images a turn" if model.batch_size is None else "images a turn by stage"
    clip = f" · gradients of norm {short(model.clip_norm)} at most" if model.clip_norm else ""
    return Text(f"{count(model):,} parameters · {length} · {batch}{clip} · seed {cfg.seed}", style="dim")

"""A model's part of its family's page, in Markdown: its losses as formulas beside their lines of code, its recipes."""

import re
from collections.abc import Iterator, Sequence

from gen_models.core.model import GenerativeModel
from gen_models.reports.catalogue import Entry, entry
from gen_models.reports.explain.line import Line
from gen_models.reports.explain.sheet import Section, count, sections
from gen_models.reports.recipes import ADDRESS, Recipe, paragraphs
from gen_models.run.conf import CONF

CHOSEN = re.compile(r"override /model: (\w+)")


def part(name: str, model: GenerativeModel, repeats: Sequence[Recipe]) -> str:
    """Write a model's part of a page; links lead to files of the repository, from its root.

    Args:
        name: What is typed: `model=name`.
        model: As it was built of `data=digits`.
        repeats: The recipes of this model.
    """
    blocks = [f"## `model={name}`", titled(entry(CONF / "model" / f"{name}.yaml")), recipe(name)]
    blocks += [f"`gen-models explain model={name}` shows all of it: {count(model):,} parameters for `data=digits`."]
    for section in sections(model):
        blocks += player(section)
    return "\n\n".join(filter(None, [*blocks, *published(repeats)])) + "\n"


def repeating(name: str, among: Sequence[Recipe]) -> list[Recipe]:
    """Give the recipes of a model: those whose file chooses it, or whose folder has its name."""
    chosen = {each.name: CHOSEN.search((CONF / "experiment" / f"{each.name}.yaml").read_text("utf-8")) for each in among}
    models = {each: found[1] if found else each.split("/")[0] for each, found in chosen.items()}
    return [each for each in among if models[each.name] == name]


def titled(found: Entry) -> str:
    """Name the model, its purpose, and its paper with a link."""
    paper = f"{found.paper} {found.year}".strip()
    link = f" [{paper}]({found.url})." if found.url else f" {paper}." if paper else ""
    return f"**{found.title}**: {found.purpose}.{link}"


def recipe(name: str) -> str:
    """Give what the model's file says of its values, after the line that names it."""
    path = CONF / "model" / f"{name}.yaml"
    text = " ".join(paragraphs(path))
    first = next(line for line in path.read_text("utf-8").splitlines() if not line.startswith("# @package"))
    text = text.removeprefix(first.lstrip("# ")).strip().replace("*", "\\*")
    return f"[conf/model/{name}.yaml](conf/model/{name}.yaml): {ADDRESS.sub(lambda found: f'<{found[0]}>', text)}"


def player(section: Section) -> Iterator[str]:
    """Describe a player: its rhythm, its terms in a table, and their code, folded."""
    yield f"**{section.title}** {section.rhythm}"
    yield "\n".join(["| logged as | formula | code |", "|---|---|---|", *(_row(section.title, line) for line in section.terms)])
    shown = dict.fromkeys(f"# {line.place}\n{line.code}" for line in section.terms if line.code)
    if shown:
        text = "\n\n\n".join(shown).replace("\n", "\n    ")
        yield f'??? abstract "The code of {section.title}"\n    ```python\n    {text}\n    ```'


def _row(player: str, line: Line) -> str:
    file, _, number = line.place.rpartition(":")
    formula = f"`{line.text}`" if line.maths else line.text
    return f"| `{player}/{line.label}` | {formula} | [{line.place}](gen_models/{file}#L{number}) |"


def published(repeats: Sequence[Recipe]) -> Iterator[str]:
    """List recipes: what was published, what a run costs, and what has been tried here."""
    if repeats:
        yield "| recipe | published | cost | run here |\n|---|---|---|---|\n" + "\n".join(map(_repeated, repeats))


def _repeated(each: Recipe) -> str:
    told = (each.notes.get(key, "–").removesuffix(".").replace("|", "\\|") for key in ("Published", "Cost", "Run here"))
    return f"| `experiment={each.name}`: {each.title} | {' | '.join(told)} |"

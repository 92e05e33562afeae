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

MISSING = "–"


def part(name: str, model: GenerativeModel, repeats: Sequence[Recipe]) -> str:
    """Write a model's part of a page; links lead to files of the repository, from its root.

    Args:
        name: What is typed: `model=name`.
        model: As it was built of `data=digits`.
        repeats: The recipes of this model.
    """
    found = sections(model)
    size = f"`gen-models explain model={name}` shows all of it: {count(model):,} parameters for `data=digits`."
    players = "\n".join(f"- **{section.title}** {section.rhythm}" for section in found)
    blocks = [f"## `model={name}`", titled(entry(CONF / "model" / f"{name}.yaml")), values(name), size, players]
    return "\n\n".join([*blocks, table(found), folded(found), *published(repeats)]) + "\n"


def repeating(name: str, among: Sequence[Recipe]) -> list[Recipe]:
    """Give the recipes of a model: those whose file chooses it, or whose folder has its name."""
    return [each for each in among if _model(each) == name]


def _model(recipe: Recipe) -> str:
    chosen = CHOSEN.search((CONF / "experiment" / f"{recipe.name}.yaml").read_text("utf-8"))
    return chosen[1] if chosen else recipe.name.split("/")[0]


def titled(found: Entry) -> str:
    """Name the model, its purpose, and its paper with a link."""
    paper = f"{found.paper} {found.year}".strip()
    link = f" [{paper}]({found.url})." if found.url else f" {paper}." if paper else ""
    return f"**{found.title}**: {found.purpose}.{link}"


def values(name: str) -> str:
    """Give what the model's file says of its values, after the line that names it."""
    path = CONF / "model" / f"{name}.yaml"
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("# @package")]
    text = paragraphs(path)[0].removeprefix(lines[0].lstrip("# ")).strip().replace("*", "\\*")
    return f"[conf/model/{name}.yaml](conf/model/{name}.yaml): {ADDRESS.sub(lambda found: f'<{found[0]}>', text)}"


def table(found: Sequence[Section]) -> str:
    """Set all terms in a table: their names on the dashboard, formulas, and lines of code."""
    rows = [row(section.title, line) for section in found for line in section.terms]
    return "\n".join(["| logged as | formula | line | code |", "|---|---|---|---|", *rows])


def row(player: str, line: Line) -> str:
    """Write a term as a row: its name on the dashboard, its formula, and its line of code."""
    file, _, number = line.place.rpartition(":")
    formula = f"`{line.text}`" if line.maths else line.text
    return (
        f"| `{player}/{line.label}` | {formula} | `{last(line.code)}` | [{line.place}](gen_models/{file}#L{number}) |"
    )


def last(code: str) -> str:
    """Give the line that a function's value is computed in."""
    lines = [line.strip().removeprefix("return ") for line in code.splitlines()]
    return lines[-1] if lines and lines[-1] not in (")", "}", "]") else "…"


def folded(found: Sequence[Section]) -> str:
    """Give the code of all terms, each function once, behind a line that opens it."""
    lines = [line for section in found for line in section.terms if line.code]
    text = "\n\n\n".join(dict.fromkeys(f"# {line.place}\n{line.code}" for line in lines)).replace("\n", "\n    ")
    return f'??? abstract "All of their code"\n    ```python\n    {text}\n    ```'


def published(repeats: Sequence[Recipe]) -> Iterator[str]:
    """List recipes: what was published, what a run costs, and what has been tried here."""
    if repeats:
        yield "| recipe | published | cost | run here |\n|---|---|---|---|\n" + "\n".join(map(_repeated, repeats))


def _repeated(each: Recipe) -> str:
    told = (each.notes.get(key, MISSING).removesuffix(".") for key in ("Published", "Cost", "Run here"))
    return f"| `experiment={each.name}` | {each.title}: {' | '.join(cell.replace('|', MISSING) for cell in told)} |"

"""What there is."""

from pathlib import Path
from typing import Annotated

import typer

from gen_models.cli.outputs import check_place, say, written
from gen_models.errors import UsageError
from gen_models.files import write_text

app = typer.Typer()


@app.command()
def recipes(
    markdown: Annotated[
        Path | None,
        typer.Option(callback=written(".md"), help="Write them there, with their parameters; takes minutes."),
    ] = None,
) -> None:
    """List the recipes: what was published, and what a run costs."""
    from gen_models.reports.recipes import page
    from gen_models.reports.recipes import recipes as all_recipes

    found = all_recipes()
    if markdown is None:
        for each in found:
            say(f"{each.name:38}{each.notes.get('Published', each.title)}")
        say("Such as: gen-models train experiment=sngan/cifar10; what it takes: gen-models plan experiment=…")
    else:
        counts = {each.name: parameters(each.name) for each in found if each.published}
        write_text(markdown, page(found, counts))
        say(markdown)


@app.command()
def reproductions(
    runs: Annotated[
        list[Path] | None, typer.Argument(help="Finished runs of recipes, or folders of them, to add.")
    ] = None,
    records: Annotated[Path, typer.Option(help="File that keeps the figures.")] = Path("docs/reproductions.json"),
    markdown: Annotated[
        Path | None, typer.Option(callback=written(".md"), help="Write them there, beside what was published.")
    ] = None,
) -> None:
    """Set what runs of recipes reached beside what was published, and keep it."""
    from gen_models.reports.finished import read
    from gen_models.reports.recipes import recipes as all_recipes
    from gen_models.reports.reproductions import keep, kept, of_run, page
    from gen_models.run.reading import every

    named = every(runs or ())
    whole = kept(records)
    if named:
        check_place(records, "--records")
        whole = keep([figure for run in named for figure in of_run(read(run))], records)
    elif not records.exists():
        raise UsageError(f"there is no {records}: name runs of recipes to keep there, or another file by --records.")
    for each in whole:
        value = f"{each.value:.4g}" + ("" if each.error is None else f" ({each.error:.2g})")
        say(f"{each.recipe:24} seed {each.seed:<3} {each.figure} {value}  {each.changed}")
    if markdown is not None:
        write_text(markdown, page(whole, [each for each in all_recipes() if each.published]))
        say(markdown)


@app.command()
def gallery(
    pictures: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="List of all pictures of its folder.")
    ] = Path("docs/gallery/pictures.yaml"),
    markdown: Annotated[
        Path | None, typer.Option(callback=written(".md"), help="Write them there, a heading for each kind.")
    ] = None,
) -> None:
    """List pictures that were worth keeping, with the commands that draw them."""
    from gen_models.reports.gallery import page, sections

    found = sections(pictures)
    if markdown is None:
        for picture in (picture for section in found for picture in section.pictures):
            say(f"{picture.file:44}{picture.command.replace(chr(10), '; ')}")
    else:
        write_text(markdown, page(found, pictures.parent))
        say(markdown)


def parameters(name: str) -> int:
    """Count the trainable parameters of a recipe, by building it without memory."""
    from gen_models.api.composing import composed
    from gen_models.reports.plan.planned import blank

    with composed([f"experiment={name}"]) as cfg:
        return sum(p.numel() for p in blank(cfg).parameters() if p.requires_grad)

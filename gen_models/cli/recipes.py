"""What there is."""

from pathlib import Path
from typing import Annotated

import typer

from gen_models.cli.outputs import written

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
            typer.echo(f"{each.name:38}{each.notes.get('Published', each.title)}")
        typer.echo("Such as: gen-models train experiment=sngan/cifar10; what it takes: gen-models plan experiment=…")
    else:
        markdown.parent.mkdir(parents=True, exist_ok=True)
        counts = {each.name: parameters(each.name) for each in found if each.published}
        markdown.write_text(page(found, counts), "utf-8")
        typer.echo(markdown)


def parameters(name: str) -> int:
    """Count the trainable parameters of a recipe, by building it without memory."""
    from gen_models.api.composing import composed
    from gen_models.reports.plan.planned import blank

    with composed([f"experiment={name}"]) as cfg:
        return sum(p.numel() for p in blank(cfg).parameters() if p.requires_grad)

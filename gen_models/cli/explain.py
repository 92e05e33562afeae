"""What there is."""

from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def explain(
    overrides: Annotated[list[str], typer.Argument(help="As for train: model=wgan_gp data=digits loss=hinge …")],
) -> None:
    """Show what a model is made of: paper, players, networks, optimizers, every loss as its formula, and file:line."""
    from rich.console import Console

    from gen_models.api.composing import composed

    with composed(overrides) as cfg:
        from gen_models.reports.explain.screen import screen
        from gen_models.reports.plan.planned import blank

        model = blank(cfg)
        console = Console(width=None if typer.get_text_stream("stdout").isatty() else 100, highlight=False)
        console.print(screen(model, cfg))

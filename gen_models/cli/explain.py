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
    from gen_models.reports.explain.screen import screen
    from gen_models.run.build import build_data, build_model

    with composed(overrides) as cfg:
        source = build_data(cfg)
        model = build_model(cfg)
        console = Console(width=None if typer.get_text_stream("stdout").isatty() else 100, highlight=False)
        console.print(screen(model, source, cfg))

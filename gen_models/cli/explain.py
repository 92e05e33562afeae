"""What there is."""

from typing import Annotated

import typer

from gen_models.cli.outputs import console

app = typer.Typer()


@app.command()
def explain(
    overrides: Annotated[list[str], typer.Argument(help="As for train: model=wgan_gp data=digits loss=hinge …")],
) -> None:
    """Show what a model is made of: paper, players, networks, optimizers, every loss as its formula, and file:line."""
    from gen_models.api.composing import composed

    with composed(overrides) as cfg:
        from gen_models.reports.explain.screen import screen
        from gen_models.reports.plan.planned import blank

        model = blank(cfg)
        console(100).print(screen(model, cfg))

"""What there is."""

from typing import Annotated

import typer

from gen_models.cli.outputs import say

app = typer.Typer()


@app.command()
def plan(
    overrides: Annotated[list[str], typer.Argument(help="As for train: experiment=biggan/imagenet_128 …")],
    tflops: Annotated[float, typer.Option(min=0.001, help="Peak of a GPU's data sheet, in TFLOP/s.")] = 156.0,
    utilisation: Annotated[float, typer.Option(min=0.001, max=1, help="Share of it that is reached.")] = 0.3,
    launch: Annotated[float, typer.Option(min=0, help="Microseconds from one kernel to the next.")] = 8.0,
    gpus: Annotated[int, typer.Option(min=1, help="GPUs that share the batch of a turn.")] = 8,
    link: Annotated[float, typer.Option(min=0.001, help="GB/s from each of them to the next.")] = 25.0,
) -> None:
    """Say what a training takes before anything is bought: parameters, memory, images, arithmetic and GPU hours."""
    from gen_models.api.composing import composed

    with composed(overrides) as cfg:
        from gen_models.reports.plan.link import Link
        from gen_models.reports.plan.planned import planned
        from gen_models.reports.plan.rate import Rate
        from gen_models.reports.plan.screen import lines, stated

        known = stated(cfg)
        for line in lines(planned(cfg), cfg, Rate(tflops, utilisation, launch), Link(gpus, link), known):
            say(line)

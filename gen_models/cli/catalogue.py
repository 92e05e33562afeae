"""What there is."""

import typer

from gen_models.cli.outputs import console, say

app = typer.Typer()


@app.command()
def models() -> None:
    """List the models: what each is for, its paper and where to read it."""
    show("model", "gen-models train model=wgan_gp; put together on one screen: gen-models explain model=wgan_gp")


@app.command()
def networks() -> None:
    """List the network kits: generators, critics, encoders and decoders that fit each other."""
    show("network", "gen-models train model=wgan_gp network=resnet")


@app.command()
def losses() -> None:
    """List the losses: adversarial ones, likelihoods and distances."""
    show("loss", "gen-models train model=sngan loss=wasserstein")


@app.command()
def penalties() -> None:
    """List the penalties that a critic's loss may have beside it."""
    show("penalty", "gen-models train model=sngan penalty=[r1,drift]")


@app.command()
def metrics() -> None:
    """List the ways to score samples."""
    show("metrics", "gen-models train metrics=inception")


def show(group: str, example: str) -> None:
    """Print the table of a group, and how one of it is chosen."""
    from gen_models.reports.catalogue import catalogue, tabulated

    console(140).print(tabulated(group, catalogue(group)))
    say(f"Such as: {example}")

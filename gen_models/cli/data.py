"""What there is."""

from pathlib import Path
from typing import Annotated

import typer

from gen_models.cli.bundles import bundled
from gen_models.cli.catalogue import show
from gen_models.cli.options import Seed
from gen_models.cli.outputs import Picture, say

app = typer.Typer()
group = typer.Typer()
app.add_typer(group, name="data", invoke_without_command=True)


@group.callback()
def data(context: typer.Context) -> None:
    """List the data sets, and the ways to bring one's own; `data inspect` looks at one."""
    if context.invoked_subcommand is None:
        show("data", "gen-models train data=folder data.root=~/cats; looked at: gen-models data inspect data=folder …")


@group.command()
@bundled
def inspect(
    overrides: Annotated[list[str], typer.Argument(help="As for train: data=folder data.root=~/cats data.size=32 …")],
    to: Picture,
    n: Annotated[int | None, typer.Option(min=1, help="Items on the contact sheet; 64 by default.")] = None,
    seed: Seed = 0,
) -> None:
    """Look at data before a training: files, sizes, modes, classes, what can't be read and why, a contact sheet.

    Without --out the sheet goes into `pictures` of this folder.
    """
    from gen_models.api.composing import composed

    with composed(overrides) as cfg:
        out = to.place(Path(), "data.png")

        from gen_models.analysis.unread import check_there
        from gen_models.reports.inspected import inspected, sheet
        from gen_models.run.build import build
        from gen_models.run.choices import check_unread, typed

        source = build(cfg, "data")
        check_unread(source, typed())
        for line in inspected(source):
            say(line)
        check_there(f"--n {n}", n, len(source.reference), "training items")
        say(sheet(source, n or 64, seed, out))

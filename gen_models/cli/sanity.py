"""Metrics themselves."""

from typing import TYPE_CHECKING, Annotated

import typer

from gen_models.cli.bundles import bundled
from gen_models.cli.options import Device, Opened
from gen_models.cli.outputs import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omegaconf import DictConfig
    from rich.table import Table

    from gen_models.metrics.record import Record
    from gen_models.metrics.scorer import Scorer

app = typer.Typer()


@app.command()
@bundled
def sanity(
    run: Opened,
    metrics: Annotated[str | None, typer.Option(help="Another file of conf/metrics, such as data_space.")] = None,
    metric: Annotated[
        list[str] | None, typer.Option(help="fid, kid, …; give it again for several; all that there are by default.")
    ] = None,
    figures: Annotated[list[str] | None, typer.Option(help="Slower ones besides, such as memorisation.")] = None,
    n: Annotated[int | None, typer.Option(min=40, help="Items to judge; as in the run's metrics by default.")] = None,
    device: Device = "cpu",
) -> None:
    """Check metrics on a run's data: judge real items, blurred, noised, shuffled, repeated, in place of samples."""
    import torch
    from rich.console import Console

    from gen_models import load
    from gen_models.analysis.figures import check_names
    from gen_models.analysis.sanity import judged, stand_ins, standing_in
    from gen_models.analysis.subject import Subject
    from gen_models.analysis.unread import check_there
    from gen_models.media.pictures import grid, save_picture
    from gen_models.metrics.stand_ins import REAL, add_stand_ins, failures

    check_names(figures or (), metric or ())
    scorer = _scorer(run.config(), metrics, metric, n)
    model = load(run.path, device=device, plugins=tuple(run.plugins or ()))
    subject = standing_in(Subject(model, run.data(), scorer))
    sets = stand_ins(subject)
    check_there(f"--n {n}", n, len(sets[REAL]), "real items beside those compared with")
    found = judged(subject, sets, figures or ())
    Console().print(_table(found, scorer.extractor.name))
    for line in failures(found):
        say(line)
    path = add_stand_ins(found, run.path)
    if subject.images:
        save_picture(grid(torch.cat([x[:8] for x in sets.values()])), picture := path.with_suffix(".png"))
        say(picture)
    say(path)


def _scorer(cfg: "DictConfig", metrics: str | None, metric: list[str] | None, n: int | None) -> "Scorer":
    """The run's metrics, or others, with all figures that they can give unless some were asked for."""
    from gen_models.errors import UsageError
    from gen_models.metrics.figure import feature_figures
    from gen_models.run.build import build
    from gen_models.run.conf import choose_from_metrics, choose_metrics

    if metrics is not None:
        choose_metrics(cfg, metrics)
    choose_from_metrics(cfg, n=n, metrics=metric)
    scorer: Scorer | None = build(cfg, "metrics")
    if scorer is None:
        raise UsageError("this run has no metrics: name a file of conf/metrics, as in --metrics lite0.")
    if not metric:
        scorer.metrics = [figure for figure in feature_figures().values() if not figure.needs(scorer.extractor)]
    return scorer


def _table(found: "Mapping[str, Sequence[Record]]", judge: str) -> "Table":
    from rich.table import Table

    from gen_models.reports.board import NOTHING, short

    table = Table(title=f"Real items in place of samples, by {judge}")
    table.add_column("figure")
    for name in found:
        table.add_column(name, min_width=max(map(len, name.split())))
    for records in zip(*found.values(), strict=True):
        values = [NOTHING if record.value is None else short(record.value) for record in records]
        table.add_row(records[0].metric, *values)
    return table

"""A model that copies training items, before judges who know what to make of it."""

import pytest
import torch

from gen_models.analysis import figures
from gen_models.analysis.figures import FIGURES, take
from gen_models.errors import UsageError
from gen_models.metrics import critic


def noise(n, y=None):
    return torch.randn(n, 1, 8, 8).clamp(-1, 1)


def test_copies_look_real_and_are_found_out(judged, copier, monkeypatch):
    monkeypatch.setattr(critic, "TURNS", 60)
    monkeypatch.setattr(figures, "LEAST", 30)
    named = {record.metric: record for record in take(judged(copier), ["all"])}
    assert named["copying of training items"].value > 0.95
    assert named["MiFID"].value > 0
    assert named["two-sample classifier accuracy"].value < 0.65
    assert named["classifier accuracy score"].value > 0.6
    assert named["intra-FID"].value < 20 * named["intra-FID"].floor
    assert named["intra-FID"].value == pytest.approx(sum(named["intra-FID"].parts.values()) / 10)
    assert 0 < named["largest step of a path"].value < 0.2
    assert abs(named["MS-SSIM of pairs"].value - named["MS-SSIM of pairs"].floor) < 0.1
    assert all(record.conditions["data"] == record.protocol["data"] for record in named.values())


def test_noise_does_not(judged, copier, monkeypatch):
    monkeypatch.setattr(critic, "TURNS", 60)
    good, bad = (
        {r.metric: r for r in take(judged(copier, draw=draw), ["parzen", "c2st", "memorisation"])}
        for draw in (None, noise)
    )
    assert bad["two-sample classifier accuracy"].value > 0.95
    assert bad["two-sample classifier accuracy"].protocol["p"] < 1e-6
    assert bad["Parzen log-likelihood"].value < good["Parzen log-likelihood"].value - 10
    assert bad["copying of training items"].value < 0.05


def test_who_can_is_said(judged, copier):
    copier = type("Plain", (torch.nn.Module,), {"classes": 0, "device": torch.device("cpu"), "sample": copier.sample})()
    with pytest.raises(UsageError, match="'cas' needs images of classes on demand: choose model=cgan, cvae or acgan"):
        take(judged(copier), ["cas"])
    with pytest.raises(UsageError, match="'smoothness' needs a prior over codes"):
        take(judged(copier), ["smoothness"])
    with pytest.raises(UsageError, match="no figure 'parsen': did you mean parzen"):
        take(judged(copier), ["parsen"])
    assert [name for name, figure in FIGURES.items() if figure.lacks(judged(copier))] == [
        "per_class",
        "cas",
        "smoothness",
    ]

import csv
import math
from types import SimpleNamespace

import pytest
import torch
from PIL import Image

from gen_models.data.digits import Digits
from gen_models.errors import UsageError
from gen_models.experiments.theory.pixel_distance import PixelDistance, changes, grown


@pytest.fixture
def strokes():
    torch.manual_seed(0)
    x = torch.full((20, 1, 16, 16), -1.0)
    for picture, row in zip(x[:18, 0], torch.randint(2, 13, (18,)).tolist(), strict=True):
        picture[row, 3:12] = 0.4
    x[18] = 1.0  # no room for specks; the last has no stroke to thicken
    return x


def test_a_is_two_lonely_pixels_and_b_five_along_a_stroke(strokes):
    (x, a, b), room = changes(strokes)
    assert room.tolist() == [True] * 18 + [False] * 2
    assert torch.equal(x > 0, strokes[:18] > 0)
    specks, thicker = ((changed != x).float() for changed in (a, b))
    assert specks.sum((1, 2, 3)).tolist() == [2] * 18
    assert thicker.sum((1, 2, 3)).tolist() == [5] * 18
    assert not (grown((x > 0).float(), 2) * specks).any()
    assert grown(specks, 2).sum() > grown(specks, 1).sum() >= 18 * 2 * 4  # in a corner a speck has three neighbours
    assert not ((grown(specks, 1) * (a > 0)) != specks).any()
    assert (grown((x > 0).float(), 1) * thicker).sum() == thicker.sum()
    rows, columns = (thicker[:, 0].any(dim).float() for dim in (2, 1))
    assert max(rows.sum(1).max(), columns.sum(1).max()) <= 5  # in one place


def test_features_that_are_pixels_find_a_nearer():
    game = SimpleNamespace(
        network=lambda name: SimpleNamespace(body=lambda x, y: x.flatten(1)), score=lambda x, y: x.sum((1, 2, 3))
    )
    torch.manual_seed(0)
    seen = PixelDistance("", 1, "").look(game, Digits(binary=True))
    assert seen["count"] >= 50
    assert seen["nearer"] == {"pixels": 0, "features": 0, "logit": 0}
    assert seen["ratio"] == pytest.approx(math.sqrt(5 / 2))


@pytest.mark.slow
def test_the_experiment_ends_in_a_picture_and_shares(run_job, tmp_path):
    run = run_job("experiment=theory/pixel_distance", "data=digits", "turns=2", "callbacks.theory.every=1")
    assert Image.open(run / "samples" / "theory.png").width >= 600
    rows = list(csv.DictReader((run / "metrics.csv").open()))
    last = {name: float(value) for name, value in rows[-1].items() if name.startswith("theory/") and value}
    assert last["theory/B nearer in pixels"] == 0
    assert 0 <= last["theory/B nearer in features"] <= 1
    with pytest.raises(UsageError, match="features of a critic"):
        run_job("experiment=theory/pixel_distance", "data=digits", "model=vae", run=tmp_path / "vae")

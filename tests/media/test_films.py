"""Films: one for each model that unfolds, with every step where it belongs."""

import pytest
import torch
from PIL import Image

from gen_models.media.films import LAST, contact_sheet, save_film, thinned
from gen_models.media.pictures import grid


def test_a_long_trajectory_is_thinned_evenly_to_its_end():
    steps = torch.arange(1, 65)
    assert thinned(steps, 4).tolist() == [16, 32, 48, 64]
    assert thinned(steps[:10], 4).tolist() == [2, 5, 7, 10]
    assert torch.equal(thinned(steps, 100), steps)


def test_a_contact_sheet_has_a_row_for_each_sample_and_a_column_for_each_step():
    trajectory = torch.linspace(-1, 1, 30).view(10, 3, 1, 1, 1).expand(-1, -1, 1, 100, 100)
    sheet = contact_sheet(trajectory)
    assert sheet.shape == (3, 3 * 102 + 2, 10 * 102 + 2)
    cells = sheet[0, 50::102, 50::102].float()
    assert torch.allclose(cells, (trajectory[..., 0, 0, 0].T + 1) * 127.5, atol=0.51)


def test_a_film_shows_every_step_and_rests_on_the_last(tmp_path):
    frames = [grid(torch.full((2, 1, 8, 8), level)) for level in (-1.0, 0.0, 1.0)]
    save_film(frames, tmp_path / "film.gif")
    with Image.open(tmp_path / "film.gif") as film:
        assert (film.n_frames, film.info["loop"]) == (3, 0)
        shown = []
        for frame in range(3):
            film.seek(frame)
            shown.append(film.convert("L").getpixel((30, 30)))
        assert film.info["duration"] == LAST
    assert shown == [0, 128, 255]


@pytest.mark.slow
def test_models_that_unfold_are_filmed(run_job):
    drawn = run_job("model=draw", "turns=3", "callbacks.films.every=2")
    names = sorted(path.name for path in (drawn / "samples").glob("film-*"))
    assert names == ["film-000002.gif", "film-000002.png", "film-000003.gif", "film-000003.png"]

import pytest
import torch

from gen_models.data.digits import Digits
from gen_models.data.toys import Toy2D
from gen_models.errors import UsageError
from gen_models.experiments.theory.energy_on_grid import (
    COARSE,
    SIDE,
    EnergyOnGrid,
    cells,
    coarse,
    counted,
    divergence,
    normalised,
    total_variation,
)


def test_sums_over_a_grid_are_integrals():
    source = Toy2D(kind="moons", noise=0.1, count=10, test_count=4000)
    log_density = source.log_density(cells(SIDE))
    p = normalised(log_density)
    torch.testing.assert_close(p, log_density.exp() * (2 / SIDE) ** 2, rtol=1e-3, atol=1e-9)
    uniform = torch.full_like(p, 1 / len(p))
    assert divergence(p, p) == pytest.approx(0, abs=1e-12)
    assert divergence(uniform, p) > divergence(p, uniform) > 0
    assert coarse(p).shape == (COARSE**2,)
    assert total_variation(coarse(p), counted(source.test.gather(range(4000))[0])) < 0.12


def test_other_families_and_data_are_refused():
    with pytest.raises(UsageError, match="model=energy data=toy2d"):
        EnergyOnGrid("theory.png", 10, "").check(object(), Digits())


@pytest.mark.slow
def test_it_draws_and_says_how_far_the_model_is(run_job):
    options = "experiment=theory/energy data=toy2d data.count=500 data.test_count=100 turns=3 trainer=cpu metrics=none"
    quick = "callbacks.theory.every=1000 callbacks.films.every=1000000"
    run = run_job(*options.split(), *quick.split(), "model.sampling_steps=5")
    assert (run / "samples" / "theory.png").is_file()
    assert "theory/KL(data ‖ model)" in (run / "metrics.csv").read_text(encoding="utf-8").splitlines()[0]

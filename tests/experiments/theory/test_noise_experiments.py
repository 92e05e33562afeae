"""The experiments of conf/experiment/theory on diffusion and flow matching: trained models beside the closed forms."""

import pytest
import torch
from PIL import Image

from gen_models.data.digits import Digits
from gen_models.data.toys import Toy1D, Toy2D
from gen_models.diffusion.density import ChangeOfVariables
from gen_models.diffusion.guidance import Guidance
from gen_models.diffusion.solvers import Heun
from gen_models.errors import UsageError
from gen_models.experiments.theory import (
    DiffusionChain,
    Floor,
    LossByLevel,
    MeanVelocity,
    PerfectDenoiser,
    SevenBits,
    SolverError,
    Straightness,
)
from gen_models.experiments.theory.gaussian_flow import check_gaussian
from gen_models.families.edm import EDM
from gen_models.networks.denoisers.mlp_denoiser import MLPDenoiser
from tests.experiments.theory.test_watch import figures

SHORT = "callbacks.theory.every=1000 callbacks.quality.every=1000000 callbacks.grids.every=1000000".split()


def trained(run_job, name, *options, data="toy1d"):
    run = run_job(f"experiment=theory/{name}", f"data={data}", *SHORT, "log_every=10", *options)
    assert Image.open(run / "samples" / "theory.png").width >= 360
    return figures(run)


def edm():
    return EDM(
        MLPDenoiser((1,), width=8, blocks=1),
        (1,),
        None,
        Heun(),
        Guidance(),
        ChangeOfVariables(Heun()),
        optimizers={},
    )


def test_an_untrained_edm_has_a_loss_of_one_at_every_level_of_data_with_structure():
    model, source = edm(), Toy1D("mixture", noise=0.03, count=20_000, test_count=20_000)
    model.prepare(source)
    torch.manual_seed(0)
    with torch.no_grad():
        seen = LossByLevel("", 1, "").look(model, source)
    assert torch.allclose(seen["trained"], torch.ones(24), atol=0.06)
    assert seen["best"].min() < 0.2  # structure can be learned


@pytest.mark.slow
def test_a_trained_edm_keeps_the_loss_of_one_of_gaussian_data(run_job):
    found = trained(run_job, "edm_loss_is_one", "turns=300")
    assert found["theory/trained, largest excess over the best"] < 0.15


@pytest.mark.slow
def test_a_network_comes_near_the_perfect_denoiser_of_three_points(run_job):
    found = trained(run_job, "three_points", "turns=400", data="toy2d")
    assert found["theory/optimal, samples on a point"] > 0.995
    shares = [found[f"theory/optimal, share of point {number}"] for number in (1, 2, 3)]
    assert shares == pytest.approx([1 / 3] * 3, abs=0.03)
    assert (
        found["theory/trained, median distance to a point"]
        < 0.1 * found["theory/untrained, median distance to a point"]
    )


@pytest.mark.slow
def test_the_loss_of_flow_matching_comes_to_its_floor(run_job):
    found = trained(run_job, "flow_floor", "turns=600")
    assert found["theory/trained"] == pytest.approx(found["theory/closed form"], rel=0.03)


@pytest.mark.slow
def test_optimal_transport_straightens(run_job):
    straight = trained(run_job, "ot_straightens", "turns=400")
    assert straight["theory/straightness"] < 0.25 * straight["theory/closed form, independent"]
    assert straight["theory/error of one Euler step, in standard deviations"] < 0.4


@pytest.mark.slow
def test_independent_pairs_bend(run_job):
    coupling = "model.coupling._target_=gen_models.diffusion.IndependentCoupling"
    bent = trained(run_job, "ot_straightens", coupling, "turns=600")
    assert bent["theory/straightness"] == pytest.approx(bent["theory/closed form, independent"], rel=0.3)
    assert bent["theory/error of one Euler step, in standard deviations"] == pytest.approx(1, abs=0.2)


@pytest.mark.slow
def test_the_loss_of_ddpm_comes_to_its_floor(run_job):
    found = trained(run_job, "ddpm_posterior", "turns=600")
    assert found["theory/trained"] == pytest.approx(found["theory/closed form"], rel=0.15)
    assert found["theory/share of the data's variance at T"] == pytest.approx(4.0358e-5, rel=1e-3)


@pytest.mark.slow
def test_a_trained_flow_has_nearly_the_density_of_its_data(run_job):
    found = trained(run_job, "ode_density", "turns=600")
    assert found["theory/trained, mean log-density"] == pytest.approx(found["theory/data, mean log-density"], abs=0.06)


@pytest.mark.slow
def test_a_bin_s_bits_make_a_trained_model_better_than_is_possible(run_job):
    found = trained(run_job, "seven_bits", "turns=1500")
    assert found["theory/trained, with the bin's bits"] < found["theory/entropy of the levels"] - 0.2
    assert found["theory/trained, with the noise's bits"] > found["theory/entropy of the levels"] - 0.05


@pytest.mark.slow
def test_a_mean_flow_learns_its_identity(run_job):
    found = trained(run_job, "meanflow_identity", "turns=600")
    assert found["theory/error of the identity, trained"] < 0.3 * found["theory/error of the identity, untrained"]


@pytest.mark.parametrize(
    ("watch", "source", "sentence"),
    [
        (LossByLevel, Digits(), "data=toy1d"),
        (Floor, Toy1D("gaussian"), "model=flow_matching"),
        (Straightness, Toy1D("gaussian"), "model=rectified_flow"),
        (DiffusionChain, Toy1D("gaussian"), "model=ddpm"),
        (SolverError, Toy1D("gaussian"), "model=flow_matching"),
        (SevenBits, Toy1D("gaussian"), "data.kind=comb"),
        (MeanVelocity, Toy1D("gaussian"), "model=meanflow"),
        (PerfectDenoiser, Toy2D("ring", count=100), "data.limit=3"),
    ],
)
def test_what_the_theory_is_not_about_is_refused(watch, source, sentence):
    with pytest.raises(UsageError, match=sentence):
        watch("", 1, "").check(edm(), source)


def test_closed_forms_of_one_gaussian_refuse_more():
    check_gaussian(Toy1D("gaussian"))
    for source in (Toy1D("mixture"), Toy2D("ring"), Digits()):
        with pytest.raises(UsageError, match="data.kind=gaussian"):
            check_gaussian(source)

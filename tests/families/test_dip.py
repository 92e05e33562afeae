"""Facts of the deep image prior (Ulyanov et al. 2018)."""

import pytest
import torch

from gen_models import load
from gen_models.augment.degradation import Holes, Noise, Small
from gen_models.errors import UsageError
from gen_models.networks.running import RunningPicture
from gen_models.networks.skip import SkipNet


def test_it_removes_noise_before_it_learns_it(run_job):
    small = ["network.restorer.width=16", "data=image", "data.size=32", "callbacks.restorations.every=100"]
    run = run_job("model=dip", *small, "turns=200", "log_every=20")
    model = load(run)
    pictures = model.restored()
    clean = pictures.pop("clean")
    error = {name: (picture - clean).square().mean().item() for name, picture in pictures.items()}
    assert 10 * torch.tensor(4 / error["observed"]).log10().item() == pytest.approx(20.2, abs=0.6)  # 25 of 255
    assert error["averaged"] < 0.6 * error["observed"]
    assert error["settled"] < error["observed"]
    assert (run / "samples" / "restoration.gif").is_file()


def test_a_picture_that_is_not_there_is_refused(run_job):
    with pytest.raises(UsageError, match=r"none at 1: change model\.item"):
        run_job("model=dip", "data=image", "data.size=8", "model.item=1", "turns=1")


def test_degradations_lose_what_they_say():
    torch.manual_seed(0)
    x = torch.rand(1, 3, 64, 64) * 1.2 - 0.6
    noise, holes = Noise(25), Holes(0.3)
    assert (noise.degrade(x) - x).std().item() == pytest.approx(25 / 127.5, rel=0.03)
    assert torch.equal(noise(x), x)
    observed = holes.degrade(x)
    lost = (observed == -1).all(1)
    assert lost.float().mean().item() == pytest.approx(0.3, abs=0.03)
    assert torch.equal(observed, holes(x))
    assert torch.allclose(observed[:, :, ~lost[0]], x[:, :, ~lost[0]])
    assert Small(4)(x).shape == (1, 3, 16, 16)
    assert Small(4).shown(Small(4).degrade(x)).shape == x.shape


def test_the_mean_settles_where_pictures_change_least():
    torch.manual_seed(0)
    running, target = RunningPicture([8], decay=0.9), torch.linspace(-1, 1, 8)
    for turn in range(300):
        spread = abs(turn - 150) / 150 + 0.01  # calm in the middle, restless before and after
        running.observe(target + spread * torch.randn(8))
    assert (running.settled - target).abs().max() < 0.15
    assert (running.settled - target).square().mean() < 0.2 * (running.mean - target).square().mean()


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 30, 44)])
def test_the_hourglass_fits_any_picture_and_judges_each_by_itself(shape):
    network = SkipNet(shape, inputs=4, width=8)
    x = torch.rand(2, 4, *shape[1:])
    assert network(x).shape == (2, *shape)
    assert torch.allclose(network(x)[:1], network(x[:1]), atol=1e-5)

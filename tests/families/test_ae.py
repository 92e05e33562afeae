"""Facts of autoencoders (Hinton and Salakhutdinov 2006; Vincent et al. 2008)."""

import pytest
import torch

from gen_models import load
from gen_models.core.batch import Batch
from gen_models.media.pixels import to_unit_range
from gen_models.run.build import build_data, build_model

MASKING = "model.corruption={_target_: gen_models.augment.Masking, share: 0.5}"


@pytest.fixture
def digits(compose_job):
    cfg = compose_job("model=ae", "network=mlp")
    x, y = build_data(cfg).test.gather(range(200))
    return cfg, Batch(to_unit_range(x), y, torch.arange(200))


def psnr(model, x, target):
    with model.evaluating("test"):
        return 10 * torch.log10(4 / (model.reconstruct(x) - target).square().mean()).item()


@pytest.mark.slow
def test_it_learns_and_its_samples_come_from_a_gaussian_of_its_codes(digits, run_job, tmp_path):
    cfg, (x, *_) = digits
    plain = load(run_job("model=ae", "network=mlp", "turns=250"))
    assert psnr(build_model(cfg), x, x) < 9
    assert psnr(plain, x, x) > 18
    codes = plain.encode(x)
    torch.testing.assert_close(plain.density.mean, codes.mean(0), atol=0.4 * codes.std().item(), rtol=0)
    sizes = [matrix.diagonal().sum() for matrix in (plain.density.covariance, codes.T.cov())]
    assert 0.7 < sizes[0] / sizes[1] < 1.4
    distance, blind = (nearest(drawn, x) for drawn in (plain.sample(200), plain.decode(20 * torch.randn(200, 32))))
    assert distance < 0.8 * blind

    denoising = load(run_job("model=ae", "network=mlp", "turns=250", MASKING, run=tmp_path / "denoising"))
    torch.manual_seed(0)
    spoilt = denoising.corruption(x)
    assert psnr(denoising, spoilt, x) > psnr(plain, spoilt, x) + 2
    assert psnr(denoising, x, x) > 14  # what it is shown here is not spoilt again


def nearest(drawn, x):
    return torch.cdist(drawn.flatten(1), x.flatten(1)).min(1).values.mean()


def test_only_the_input_is_spoilt_and_only_in_training(digits):
    cfg, batch = digits
    model, black = build_model(cfg), torch.full_like(batch.x, -1)
    model.corruption = lambda x: black
    expected = model.loss(model.decoder(model.encode(black)), batch.x).mean().item()
    assert model.losses(batch)["reconstruction"].item() == pytest.approx(expected)
    assert not torch.allclose(model.encode(batch.x), model.encode(black))

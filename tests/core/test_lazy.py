"""Facts of lazy regularisation (Karras et al. 2020, StyleGAN2)."""

import pytest
import torch

from gen_models.core.lazy import LazyAdam


def test_rate_and_decays_are_those_of_stylegan2():
    """NVlabs/stylegan2-ada-pytorch, train.py and training_loop.py: .0025, (0, .99), R1 on every 16th move."""
    (group,) = LazyAdam([torch.zeros(1, requires_grad=True)], lr=0.0025, betas=(0.0, 0.99), every=16).param_groups
    assert group["lr"] == pytest.approx(0.0025 * 16 / 17)
    assert group["betas"] == pytest.approx((0.0, 0.99 ** (16 / 17)))


def test_a_critic_may_be_trained_by_it(run_job):
    critic = ["model.optimizers.critic._target_=gen_models.core.LazyAdam", "+model.optimizers.critic.every=2"]
    run = run_job("model=wgan_gp", "network=mlp", "penalty=r1", "penalty.r1.every=2", *critic, "turns=2")
    assert (run / "metrics.csv").is_file()

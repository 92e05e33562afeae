"""Critics that read codes."""

import pytest
import torch

from gen_models.networks.critics.heads import Critic, HasPredictions, ProjectionCritic
from gen_models.networks.critics.recognition import ReadingCritic, ScaleReadingCritic
from gen_models.networks.gan.biggan import BigGANBody, BigGANGenerator
from gen_models.networks.mlp import MLPBody


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def test_reader_and_judge_share_the_body_and_one_pass():
    critic = ReadingCritic(Critic(MLPBody((3,), (5,))), codes=[4, 2]).eval()
    passes = []
    critic.critic.body.register_forward_hook(lambda *_: passes.append(1))
    x = torch.randn(6, 3)
    logits, predictions = critic.logits_and_predictions(x)
    assert len(passes) == 1
    assert predictions.shape == (6, critic.predictions)
    assert isinstance(critic, HasPredictions)
    assert torch.equal(logits, critic(x))
    assert torch.equal(predictions, critic.reader(critic.critic.body(x)))
    predictions.sum().backward()
    assert all(p.grad is not None for p in critic.critic.body.parameters())


@pytest.mark.parametrize(("side", "stages"), [(8, 3), (32, 4), (64, 5)])
def test_each_code_is_read_in_the_stage_that_looks_at_its_scale(side, stages):
    critic = ScaleReadingCritic(ProjectionCritic(BigGANBody([1, side, side], width=2), classes=3), codes=2)
    x, y = torch.randn(2, 1, side, side), torch.tensor([0, 2])
    logits, predictions = critic.logits_and_predictions(x, y)
    scales = len(critic.readers)
    assert BigGANGenerator([1, side, side], 7 * scales, width=2).chunk == 7  # as many scales as chunks of a latent
    assert predictions.shape == (2, critic.predictions) == (2, 2 * scales)
    assert torch.allclose(logits, critic(x, y), atol=1e-6)
    weights = [stage.conv2.weight for stage in critic.critic.body.descent.stages]
    needed = []
    for reading in predictions.split(2, dim=1):
        grads = torch.autograd.grad(reading.sum(), weights, retain_graph=True)
        needed.append(sum(bool(grad.abs().sum() > 0) for grad in grads))
    assert len(weights) == stages
    assert needed == [stages, *range(scales - 1, 0, -1)]  # the coarsest at the end, the finest in the first stage


def test_a_shared_code_reaches_every_block_and_a_chunk_only_its_own():
    generator, told = BigGANGenerator([1, 16, 16], 3 + 3 * 4, width=2, shared=3), []
    for stage in generator.ascent.stages:
        stage.register_forward_hook(lambda _, inputs, __: told.append(inputs[1]))
    z = torch.randn(2, 15)
    generator(z)
    for condition, start in zip(told, (7, 11), strict=True):
        assert torch.equal(condition, torch.cat([z[:, :3], z[:, start : start + 4]], dim=1))
    assert generator.ascent.project.in_features == 7


def test_scales_need_a_critic_that_shows_them():
    with pytest.raises(ValueError, match="need a critic that shows its scales"):
        ScaleReadingCritic(torch.nn.Linear(3, 1), codes=2)

import torch

from gen_models.networks.layers.running import RunningGaussian, RunningPicture


def correlated(n):
    return torch.randn(n, 2) @ torch.tensor([[1.0, 2.0], [0.0, 0.5]]) + torch.tensor([3.0, -1.0])


def test_at_first_it_is_the_standard_normal_and_then_the_moments_of_all_that_was_seen():
    torch.manual_seed(0)
    gaussian, batches = RunningGaussian(2), [correlated(16) * scale for scale in (1, 2, 3)]
    assert gaussian.sample(20_000).std(0).sub(1).abs().max() < 0.03
    for batch in batches:
        gaussian.observe(batch)
    everything = torch.cat(batches)
    torch.testing.assert_close(gaussian.mean, everything.mean(0))
    torch.testing.assert_close(gaussian.covariance, everything.T.cov(correction=0))


def test_it_forgets_and_follows():
    torch.manual_seed(0)
    gaussian = RunningGaussian(2, decay=0.9)
    gaussian.observe(100 * correlated(16))
    for _ in range(150):
        gaussian.observe(correlated(64))
    samples = gaussian.sample(50_000)
    torch.testing.assert_close(samples.mean(0), torch.tensor([3.0, -1.0]), atol=0.2, rtol=0)
    torch.testing.assert_close(samples.T.cov(), torch.tensor([[1.0, 2.0], [2.0, 4.25]]), atol=0.4, rtol=0)


def test_what_never_varies_is_drawn_as_it_is():
    gaussian = RunningGaussian(3)
    vectors = torch.cat([torch.randn(8, 1), torch.full((8, 1), 7.0), torch.zeros(8, 1)], 1)
    gaussian.observe(vectors)
    gaussian.observe(vectors[:1])  # one vector has no spread, and makes no NaN
    samples = gaussian.sample(100)
    torch.testing.assert_close(samples[:, 1:], torch.tensor([[7.0, 0.0]]).expand(100, 2), atol=1e-3, rtol=0)
    assert samples[:, 0].std() > 0.1


def test_the_mean_settles_where_pictures_change_least():
    torch.manual_seed(0)
    running, target = RunningPicture([8], decay=0.9), torch.linspace(-1, 1, 8)
    for turn in range(300):
        spread = abs(turn - 150) / 150 + 0.01  # calm in the middle, restless before and after
        running.observe(target + spread * torch.randn(8))
    assert (running.settled - target).abs().max() < 0.15
    assert (running.settled - target).square().mean() < 0.2 * (running.mean - target).square().mean()

"""Facts of DGN and GLO (Bojanowski et al. 2018)."""

import pytest
import torch

from gen_models import load
from gen_models.analysis.memory import memory
from gen_models.core.batch import Batch
from gen_models.errors import UsageError
from gen_models.latents.fitted import like
from gen_models.media.pixels import to_unit_range
from gen_models.run.build import build_data, build_model, build_stream, build_trainer
from gen_models.run.checkpoints import Store

SMALL = ["shuffle=false", "data.batch_size=16", "data.limit=32", "network.generator.width=8"]
FLOWING = ["model.flowing=true", "+model.optimizers.latents={_target_: torch.optim.SGD, _partial_: true, lr: 0.0}"]


@pytest.fixture
def played(compose_job):
    """Train without a run directory; give the model."""

    def play(*options):
        cfg = compose_job(*options, "callbacks=none")
        data = build_data(cfg)
        model = build_model(cfg)
        build_trainer(cfg, data).fit(model, datamodule=build_stream(cfg, data, model))
        return model

    return play


def test_latents_that_flow_at_rate_zero_stay_and_change_nothing_else(played):
    still, flowing = (played("model=dgn", *SMALL, "turns=4", *more).state_dict() for more in ([], FLOWING))
    clock = flowing.pop("_extra_state"), still.pop("_extra_state")
    assert clock[0]["moves"] == {"generator": 4, "latents": 4}
    assert all(torch.equal(value, flowing[name]) for name, value in still.items() if isinstance(value, torch.Tensor))


def test_generator_and_latents_move_by_one_gradient(played, compose_job):
    """As in tneumann/minimal_glo, glo.py, where they are two groups of one optimizer."""
    before, after = (played("model=glo", *SMALL, f"turns={turns}") for turns in (0, 1))
    x, y = build_data(compose_job("model=glo", *SMALL)).train.gather(range(16))
    batch = Batch(to_unit_range(x).contiguous(), y, torch.arange(16))
    sum(before.train().losses(batch).values()).backward()
    for mine, other in zip(before.generator.parameters(), after.generator.parameters(), strict=True):
        assert torch.allclose(mine - mine.grad, other, atol=1e-6)
    rows = before.latents.rows.detach() - 10 * before.latents.rows.grad
    assert torch.allclose(rows / rows.norm(dim=1, keepdim=True).clamp(min=1), after.latents.rows, atol=1e-5)


def test_only_the_latents_of_the_batch_move_and_stay_in_the_ball(played):
    (before, after) = (played("model=glo", *SMALL, f"turns={turns}").latents.rows.detach() for turns in (1, 2))
    start = before[16:]
    moved = (before != after).any(1)
    assert not moved[:16].any()
    assert moved[16:].all()
    assert start.norm(dim=1).max() < 1 + 1e-6
    assert after.norm(dim=1).max() < 1 + 1e-6


def test_similar_items_start_side_by_side(played, compose_job):
    rows = played("model=glo", *SMALL, "turns=0").latents.rows.detach()
    random = played("model=dgn", *SMALL, "turns=0").latents.rows.detach()
    x, _ = build_data(compose_job(*SMALL)).train.gather(range(32))
    order = torch.pdist(x.flatten(1).float())
    by_start, by_chance = (torch.corrcoef(torch.stack([order, torch.pdist(z)]))[0, 1] for z in (rows, random))
    assert by_start > 0.7
    assert by_chance.abs() < 0.3


def test_the_latents_move_by_their_own_rows_gradient(played):
    model = played("model=glo", *SMALL, "turns=1")
    index = torch.tensor([3, 5])
    x = torch.zeros(2, 1, 8, 8)
    remembered = {name: value.clone() for name, value in model.generator.named_buffers()}
    model.train().zero_grad()
    sum(model.latent_losses(Batch(x, torch.zeros(2).long(), index)).values()).backward()
    assert model.latents.rows.grad.abs().sum(1).nonzero().flatten().tolist() == [3, 5]
    assert all(torch.equal(value, remembered[name]) for name, value in model.generator.named_buffers())


def test_it_memorises(run_job, compose_job):
    one = ["model=dgn", *SMALL, "data.limit=16"]
    cfg = compose_job(*one)
    data = build_data(cfg)
    run = run_job(*one, "turns=200", "model.optimizers.generator.lr=3e-3", "callbacks.memories.every=100")
    trained, untrained = load(run), build_model(cfg)
    blank, _ = memory(untrained.eval(), data.train, 16, trained.device)
    together, alone = memory(trained, data.train, 16, trained.device)
    assert blank.value < 10
    assert min(together.value, alone.value) > 18
    assert (run / "samples" / "originals.png").is_file()
    assert "memory/psnr" in (run / "metrics.csv").read_text()
    assert Store(run / "checkpoints").newest()[1]["model"]["latents.rows"].shape == (16, 50)


def test_mirrored_data_are_refused(played):
    with pytest.raises(UsageError, match=r"add data\.flip=false"):
        played("model=glo", "data.flip=true", "turns=1")


def test_new_samples_are_of_a_gaussian_like_the_latents(played, monkeypatch):
    torch.manual_seed(0)
    rows = torch.randn(500, 3) @ torch.tensor([[2.0, 1.0, 0.0], [0.0, 0.5, 0.0], [0.0, 0.0, 0.0]]) + 4
    drawn = like(rows, 20_000)
    assert torch.allclose(drawn.mean(0), rows.mean(0), atol=0.05)
    assert torch.allclose(drawn.T.cov(), rows.T.cov(correction=0), atol=0.1)
    assert torch.allclose(drawn[:, 2], torch.full((20_000,), 4.0), atol=1e-2)
    assert like(rows[:2], 5).shape == (5, 3)
    assert like(rows[:, :1], 5).shape == (5, 1)
    model = played("model=glo", *SMALL, "turns=1")
    seen = []
    monkeypatch.setattr(type(model), "decode", lambda self, z, y=None: seen.append(z) or z)
    model.sample(4000)
    assert torch.allclose(seen[0].mean(0), model.latents.rows.mean(0), atol=0.05)
    assert torch.allclose(seen[0].std(0), model.latents.rows.std(0), atol=0.05)

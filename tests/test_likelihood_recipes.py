"""Published likelihoods, one command each: composed, checked, built on the meta device, and counted."""

import re

import pytest
import torch
from omegaconf import open_dict

from gen_models.run.build import build_model
from gen_models.run.check import check
from tests.conftest import CONF

pytestmark = pytest.mark.slow

PHOTOS = {"shape": [3, 32, 32], "levels": 256, "num_classes": 10, "num_train": 50_000}
GREY = {"shape": [1, 28, 28], "levels": 256, "num_classes": 10, "num_train": 60_000}
BINARY = GREY | {"levels": 2}
FIXED = BINARY | {"num_classes": 0}
LABELLED = GREY | {"num_classes": 0, "num_labels": 10}

RECIPES = {
    "nice/mnist": (GREY, "4.36", 19_158_352),
    "realnvp/cifar10": (PHOTOS, "3.49", 19_609_545),
    "glow/cifar10": (PHOTOS, "3.35", 44_620_212),
    "pixelcnn/cifar10": (PHOTOS, "3.14", 3_289_344),
    "gated_pixelcnn/cifar10": (PHOTOS, "3.03", 116_898_304),
    "pixelcnn_pp/cifar10": (PHOTOS, "2.92", 53_659_080),
    "row_lstm/cifar10": (PHOTOS, "3.07", 6_977_280),
    "diagonal_bilstm/cifar10": (PHOTOS, "3.00", 7_788_288),
    "diagonal_bilstm/binary_mnist": (FIXED, "79.20", 64_418),
    "made/one_mask_binary_mnist": (FIXED, "94.5", 1_178_068),
    "vae/binary_mnist": (BINARY, "86.76", 425_284),
    "iwae/binary_mnist": (BINARY, "84.78", 425_284),
    "draw/binary_mnist": (FIXED, "80.97", 963_323),
    "aae/mnist": (GREY, "340", 4_599_793),
    "aae_semi/mnist": (LABELLED, "0.0190", 5_638_806),
}


def built(compose_job, recipe, spec):
    """The configuration, with its own data, and the model without memory for its weights."""
    data = "cifar10" if spec is PHOTOS else "binary_mnist" if spec is FIXED else "mnist"
    cfg = compose_job(f"experiment={recipe}", f"data={data}")
    with open_dict(cfg):
        cfg.spec = spec
    for group in ("data", "callbacks", "trainer"):
        check(cfg, group)
    with torch.device("meta"):
        return cfg, build_model(cfg)


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_is_the_published_network_and_can_be_optimized(compose_job, recipe):
    spec, figure, count = RECIPES[recipe]
    cfg, model = built(compose_job, recipe, spec)
    averaged = sum(p.numel() for p in model.averages.parameters())
    assert sum(p.numel() for p in model.parameters()) - averaged == count
    assert len(model.configure_optimizers()) == len(model.players())
    head = (CONF / f"experiment/{recipe}.yaml").read_text().split("defaults:")[0]
    assert figure in head.partition("Published:")[2], "the head names the published figure"
    assert re.search(r"# Cost: about .* GPU hours?, estimated by .*\.\n", head)
    assert cfg.data.batch_size > 0
    assert not cfg.data.flip or recipe == "realnvp/cifar10"  # the only one that mirrors


def test_nice_follows_the_schedules_of_its_authors(compose_job):
    """laurent-dinh/nice: ÷ 1.0005 a turn, not below 1e-4; momentum from 0 to 0.5 between passes 5 and 6."""
    _, model = built(compose_job, "nice/mnist", GREY)
    rate, momentum = model._schedules["lr"], model._schedules["momentum"]
    assert rate.applied(1e-3, 2000) == pytest.approx(1e-3 / 1.0005**2000, rel=1e-4)
    assert rate.applied(1e-3, 100_000) == pytest.approx(1e-4)
    assert [momentum(passes) for passes in (4.9, 5.5, 7)] == pytest.approx([0.0, 0.25, 0.5], abs=1e-6)
    group = model.configure_optimizers()[0].param_groups[0]
    assert group["eps"] * 784 * 0.693147 == pytest.approx(1e-2, rel=0.01)


def test_nice_sees_pixels_and_starts_as_its_authors_program(compose_job):
    """laurent-dinh/nice, exp/nice_mnist.yaml: MNIST in [0, 1], `irange: 0.01` of every layer."""
    cfg, _ = built(compose_job, "nice/mnist", GREY)
    assert (cfg.network.flow.pixels, cfg.network.flow.reach) == ("unit", 0.01)


def test_glow_warms_up_over_ten_passes_and_remembers_one(compose_job):
    _, model = built(compose_job, "glow/cifar10", PHOTOS)
    assert [model._schedules["lr"](passes) for passes in (0, 5, 10, 99)] == pytest.approx([0, 5e-4, 1e-3, 1e-3])
    group = model.configure_optimizers()[0].param_groups[0]
    assert group["betas"][1] == pytest.approx(1 - 1 / -(-50_000 // 512))
    assert model.augment.fraction == 0.1


def test_the_eight_rates_of_burda_et_al_last_three_times_as_long_each(compose_job):
    cfg, model = built(compose_job, "vae/binary_mnist", BINARY)
    rate = model._schedules["lr"]
    starts = [sum(3**i for i in range(stage)) for stage in range(8)]
    expected = [1e-4 * round(10 ** (1 - stage / 7), 1) for stage in range(8)]
    assert [rate(start) for start in starts] == pytest.approx(expected)
    assert cfg.images == sum(3**i for i in range(8)) * 60_000


def test_realnvp_clips_at_the_authors_norm_in_nats(compose_job):
    _, model = built(compose_job, "realnvp/cifar10", PHOTOS)
    assert model.clip_norm * 3072 * 0.693147 == pytest.approx(100, rel=1e-3)
    assert model.weight_penalties["l2"].weight == 5e-5

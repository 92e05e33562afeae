import math
from pathlib import Path

import pytest
import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf
from torch import distributed
from torch.nn.functional import avg_pool2d

from gen_models.errors import NumericalDeath, UsageError
from gen_models.media.pixels import to_unit_range
from gen_models.metrics.classes import apportioned
from gen_models.metrics.classifier import Classifier
from gen_models.metrics.extractors import DataSpace
from gen_models.metrics.feature_sets import Untrained
from gen_models.metrics.scorer import Scorer

CONF = Path(__file__).parents[2] / "conf" / "metrics"


def normal(n, y=None):
    return torch.randn(n, 2)


@pytest.fixture
def gaussian(stored):
    """Training and test points of a standard normal distribution."""
    generator = torch.Generator().manual_seed(1)
    return [stored(torch.randn(n, 2, generator=generator)) for n in (600, 500)]


def test_noise_and_blur_fall_between_real_data_and_the_untrained(digits):
    train, test = digits
    scorer = Scorer(Classifier("digits", epochs=5), ("fid", "kid", "is"), n=500)
    real = to_unit_range(train.x)

    def noisy(n, y=None):
        return real[torch.randperm(len(real))[:n]] + 0.5 * torch.randn(n, 1, 8, 8)

    def blurred(n, y=None):
        return avg_pool2d(real[torch.randperm(len(real))[:n]], 3, 1, 1)

    def untrained(n, y=None):
        return 0.1 * torch.randn(n, 1, 8, 8)

    for sample in (noisy, blurred):
        fid, kid, inception = scorer.score(sample, train, test, "digits", Untrained(untrained))
        assert fid.real < fid.value < fid.untrained
        assert kid.real < kid.value < kid.untrained
        assert inception.real > inception.value > inception.untrained
        assert str(kid).startswith("KID (classifier of digits) ")


def test_a_metric_that_is_named_twice_is_taken_once():
    assert Scorer(DataSpace(), ("kid", "fid", "kid")).keys == ["kid_data_space", "fid_data_space"]


def test_the_generator_of_real_data_scores_like_real_data(gaussian):
    (record,) = Scorer(DataSpace(), ("fid",), n=500).score(normal, *gaussian, "gaussian")
    assert record.value < 0.05
    assert record.real < 0.05


def test_what_a_model_computes_in_changes_no_metric(gaussian):
    scorers = [Scorer(DataSpace(), ("fid", "kid", "precision"), n=400) for _ in range(2)]
    plain = scorers[0].score(normal, *gaussian, "gaussian")
    with torch.autocast("cpu", torch.bfloat16):
        mixed = scorers[1].score(normal, *gaussian, "gaussian")
    assert [record.value for record in plain] == [record.value for record in mixed]


def test_protocol_tells_apart_what_cannot_be_compared(gaussian):
    def protocol(**options):
        (record,) = Scorer(DataSpace(), ("kid",), **options).score(normal, *gaussian, "gaussian")
        return record.protocol

    first = protocol(n=300)
    assert first == {
        "extractor": "data space", "data": "gaussian", "real": "test", "n": 300, "n_real": 300, "n_other": 300,
        "seed": 0, "subsets": 20, "subset_size": 150,
    }  # fmt: skip
    assert first == protocol(n=300)
    others = [protocol(n=200), protocol(n=300, seed=1), protocol(n=300, reference="train")]
    assert all(other != first for other in others)
    assert protocol(n=5000)["n_real"] == 500


def test_a_perfect_model_of_uneven_classes_is_at_the_floor_of_real_data(stored):
    def drawn(y):
        return torch.randn(len(y), 2) + 4.0 * y[:, None]

    def sample(n, y=None):
        return drawn(torch.randint(2, (n,)) if y is None else y)

    torch.manual_seed(0)
    classes = [(torch.rand(n) < 0.1).long() for n in (2000, 2000)]
    data = [stored(drawn(y), y) for y in classes]
    scorer = Scorer(DataSpace(), ("fid",), n=2000)
    (even,) = scorer.score(sample, *data, "uneven")
    (as_data,) = scorer.score(sample, *data, "uneven", Untrained(sample), labels=apportioned(classes[1], 2000))
    assert even.value > 3
    assert as_data.value < 0.1
    assert as_data.untrained == as_data.value  # asked for the same classes
    assert (as_data.protocol["classes"], even.protocol.get("classes")) == ("as the data", None)


def test_the_two_sides_have_sizes_of_their_own(gaussian, stored):
    (record,) = Scorer(DataSpace(), ("fid",), n=50, n_real=400).score(normal, *gaussian, "gaussian")
    assert [record.protocol[side] for side in ("n", "n_real", "n_other")] == [50, 400, 50]
    whole = Scorer(DataSpace(), ("fid",), n=50, n_real=10**9, reference="train")
    (record,) = whole.score(normal, gaussian[0], stored(torch.zeros(0, 2)), "nothing held out")
    assert [record.protocol[side] for side in ("n", "n_real", "n_other")] == [50, 600, 0]
    assert record.real is None
    whole.check([2], 600, 0)


def test_features_of_an_untrained_model_are_kept_under_its_name(gaussian, tmp_path):
    drawn = []

    def untrained(n, y=None):
        drawn.append(n)
        return 3 * torch.randn(n, 2)

    def score(key, **options):
        scorer = Scorer(DataSpace(), ("fid",), n=100, cache=str(tmp_path), **options)
        return scorer.score(normal, *gaussian, "gaussian", Untrained(untrained, key))[0].untrained

    assert score("a") == score("a") == score("b") == score(None)
    assert drawn == [100, 100, 100]
    assert score("a", seed=1) != score("a")
    assert len(drawn) == 4


def test_is_a_function_of_its_seed_and_leaves_the_caller_s_generator_alone(gaussian):
    def score(seed):
        return Scorer(DataSpace(), ("kid", "fid"), n=100, seed=seed).score(normal, *gaussian, "gaussian")

    torch.manual_seed(7)
    state = torch.get_rng_state()
    first = score(0)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(8)
    assert score(0) == first
    assert score(1)[0].value != first[0].value


def test_order_and_company_do_not_change_a_metric(gaussian):
    kid, fid = Scorer(DataSpace(), ("kid", "fid"), n=100).score(normal, *gaussian, "gaussian")
    assert [fid, kid] == Scorer(DataSpace(), ("fid", "kid"), n=100).score(normal, *gaussian, "gaussian")
    assert [fid] == Scorer(DataSpace(), ("fid",), n=100).score(normal, *gaussian, "gaussian")


def test_real_features_are_extracted_once(gaussian, tmp_path):
    train, test = gaussian

    def score(**options):
        return Scorer(DataSpace(), n=100, cache=str(tmp_path), **options).score(normal, train, test, "gaussian")

    first = score()
    assert (train.served, test.served) == (101, 100), "and one that tells whether they are bytes"
    assert score() == first
    assert (train.served, test.served) == (102, 100)
    score(seed=1)
    assert (train.served, test.served) == (203, 200)
    assert not list(tmp_path.glob(".*.tmp"))


def test_a_failed_extraction_leaves_no_file(gaussian, stored, tmp_path):
    broken = stored(torch.full((10, 2), torch.nan))
    scorer = Scorer(DataSpace(), n=10, cache=str(tmp_path))
    with pytest.raises(NumericalDeath, match="real data hold numbers that are infinite or NaN"):
        scorer.score(normal, gaussian[0], broken, "broken")
    assert not list(tmp_path.glob("*.safetensors"))


def test_samples_are_drawn_in_batches_and_must_be_finite(gaussian):
    asked = []

    def sample(n, y=None):
        asked.append(n)
        return torch.full((n, 2), torch.inf if len(asked) > 3 else 0.0)

    scorer = Scorer(DataSpace(), ("fid",), n=25, batch_size=10)
    scorer.score(sample, *gaussian, "gaussian")
    assert asked == [10, 10, 5]
    with pytest.raises(NumericalDeath, match="generated images"):
        scorer.score(sample, *gaussian, "gaussian")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"metrics": ("fit",)}, "no metric 'fit': did you mean fid"),
        ({"metrics": ("is",)}, "needs an extractor with classes"),
    ],
)
def test_refuses_wrong_options_at_once(options, sentence):
    with pytest.raises(UsageError, match=sentence):
        Scorer(DataSpace(), **options)


def test_refuses_a_single_real_item(gaussian, stored):
    with pytest.raises(UsageError, match="at least 2 test items"):
        Scorer(DataSpace()).score(normal, gaussian[0], stored(torch.zeros(1, 2)), "one")


def test_a_process_group_of_one_changes_nothing(gaussian, tmp_path):
    alone = Scorer(DataSpace(), ("fid", "kid"), n=51).score(normal, *gaussian, "gaussian")
    distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/group", rank=0, world_size=1)
    try:
        assert Scorer(DataSpace(), ("fid", "kid"), n=51).score(normal, *gaussian, "gaussian") == alone
    finally:
        distributed.destroy_process_group()


@pytest.mark.parametrize("path", sorted(CONF.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_config_builds(path, tmp_path):
    extractor = {"data": "digits"} if path.stem == "classifier" else {}
    known = {"paths": {"cache": str(tmp_path)}, "choices": {"data": "stacked_mnist"}}
    tree = OmegaConf.create({**known, "metrics": OmegaConf.load(path)})
    tree = OmegaConf.merge(tree, {"metrics": {"extractor": extractor}})
    try:
        scorer = instantiate(tree.metrics)
    except Exception as refusal:
        assert isinstance(refusal.__cause__, UsageError)  # noqa: PT017 an optional package that is not installed
    else:
        assert isinstance(scorer, Scorer)


@pytest.mark.slow
def test_reconstructions_lie_between_themselves_and_other_items(stored):
    points = stored(torch.randn(4000, 3, generator=torch.Generator().manual_seed(0)))

    def distance(restore):
        return Scorer(DataSpace(), n=4000).compare(restore, points, points, "points").value

    assert distance(lambda x, y: x) == 0
    alike = stored(torch.zeros(9, 3))
    none = Scorer(DataSpace(), n=9).compare(lambda x, y: x, alike, alike, "alike")
    assert not math.isfinite(none.value)
    assert none.found["warning"] == "no value: the items are all alike to the extractor"
    assert abs(distance(lambda x, y: x.roll(1, 0)) - 1) < 0.05  # another item of the same batch
    assert abs(distance(lambda x, y: x + 0.5) - 3 * 0.25 / 6) < 0.01


def test_an_extractor_of_images_refuses_points_before_any_training():
    with pytest.raises(UsageError, match="choose metrics=data_space for points"):
        Scorer(Classifier(), n=2).check([2], 9, 9)
    Scorer(Classifier(), n=2).check([1, 8, 8], 9, 9)
    Scorer(DataSpace(), n=2).check([2], 9, 9)
    with pytest.raises(UsageError, match="metrics=none"):
        Scorer(DataSpace(), n=2).check([1, 8, 8], 1, 1)
    with pytest.raises(UsageError, match="need at least 2 held-out items, and the data has 1: choose metrics=none"):
        Scorer(Classifier(), n=2).check([1, 8, 8], 9, 1)

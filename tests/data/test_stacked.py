import pytest
import torch

from gen_models.data.avatars import Avatars
from gen_models.data.digits import Digits
from gen_models.data.stacked import Stacked
from gen_models.errors import UsageError
from gen_models.run.build import build_data


@pytest.fixture(scope="module")
def digits():
    return Digits(validation_count=300)


def test_channels_are_single_pictures_and_the_class_counts_in_tens(digits):
    source = Stacked(digits, count=40, test_count=9, validation_count=7)
    x, y = source.train.gather([3, 11])
    assert x.shape == (2, 3, 8, 8)
    assert x.dtype == torch.uint8
    singles, classes = digits.train.gather(source.train.rows[[3, 11]].reshape(-1).tolist())
    assert torch.equal(x.reshape(6, 1, 8, 8), singles)
    assert y.tolist() == [100 * a + 10 * b + c for a, b, c in classes.view(2, 3).tolist()]
    assert source.train.classes[[3, 11]].tolist() == y.tolist()
    assert source.class_names[123] == "1 2 3"
    assert source.spec["shape"] == [3, 8, 8]
    assert (source.spec["num_classes"], source.levels) == (1000, 17)
    assert [source.num_train, source.num_test, source.num_validation] == [40, 9, 7]


def test_splits_are_stacked_from_the_splits(digits):
    source = Stacked(digits, count=40, test_count=9, validation_count=7)
    for split in ("train", "test", "validation"):
        assert source.part(split).single is digits.part(split)
    without = Stacked(Digits(), count=40, test_count=9, validation_count=7)
    assert without.num_validation == 0


def test_the_draw_follows_from_the_seed(digits):
    first, again, other = (Stacked(digits, count=40, test_count=9, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(first.train.gather(range(40))[1], again.train.gather(range(40))[1])
    assert not torch.equal(first.train.gather(range(40))[1], other.train.gather(range(40))[1])
    assert first.fingerprint == again.fingerprint != other.fingerprint
    assert Stacked(digits, count=40, test_count=9, limit=5).num_train == 5


def test_only_grey_pictures_with_classes_can_be_stacked(tmp_path):
    with pytest.raises(UsageError, match="grey pictures with classes"):
        _ = Stacked(Avatars(size=16, count=4, test_count=2, cache=str(tmp_path))).train


def test_any_grey_set_can_be_stacked_by_its_file(compose_job):
    single = "data.single._target_=gen_models.data.Digits ~data.single.name ~data.single.root ~data.single.size".split()
    cfg = compose_job("data=stacked_mnist", *single, "data.single.validation_count=100", "data.count=20")
    data = build_data(cfg)
    assert data.num_train == 20
    assert cfg.spec.shape == [3, 8, 8]

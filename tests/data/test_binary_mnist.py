import numpy as np
import pytest

from gen_models.data.binary_mnist import BinaryMNIST
from gen_models.errors import UsageError


@pytest.fixture
def make(tmp_path):
    (tmp_path / "mnist").mkdir()
    for seed, (part, count) in enumerate({"train": 5, "valid": 2, "test": 3}.items()):
        pixels = np.random.RandomState(seed).randint(0, 2, (count, 784))
        np.savetxt(tmp_path / "mnist" / f"binarized_mnist_{part}.amat", pixels, "%d")
    return lambda **settings: BinaryMNIST(str(tmp_path), **settings)


def test_three_files_are_two_splits(make):
    source = make()
    assert source.spec.items() >= {"shape": [1, 28, 28], "levels": 2, "num_classes": 0, "num_train": 7}.items()
    assert len(source.test) == 3
    x, _ = make(limit=5).train.gather(range(5))
    assert (x.flatten(1).numpy() // 255 == np.random.RandomState(0).randint(0, 2, (5, 784))).all()
    assert source.fingerprint == make().fingerprint


def test_files_that_are_missing_or_others_are_refused(make, tmp_path):
    path = tmp_path / "mnist" / "binarized_mnist_valid.amat"
    path.write_text("0 1 2\n")
    with pytest.raises(UsageError, match="no rows of 784 zeros and ones"):
        _ = make().train
    path.unlink()
    with pytest.raises(UsageError, match=r"there is no binarized_mnist_valid.amat .* fetch http"):
        _ = make().train

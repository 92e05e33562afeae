import pytest
import torch

from gen_models.errors import UsageError
from gen_models.metrics.classifier import Classifier, Convnet

CPU = torch.device("cpu")


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 28, 28), (3, 33, 20), (3, 64, 64), (1, 4, 4)])
def test_sizes_itself_from_the_images(shape):
    features, logits = Convnet(shape, 7).eval()(torch.zeros(2, *shape))
    assert (features.shape, logits.shape) == ((2, 128), (2, 7))


def test_learns_the_labels_once_and_says_how_well(digits, tmp_path):
    train, test = digits
    state = torch.get_rng_state()
    with torch.inference_mode():  # where Lightning calls metrics
        first = Classifier("digits").prepare(train, test, "fingerprint", str(tmp_path), CPU)
    assert first.protocol["accuracy"] > 0.9
    assert first.name == "classifier of digits"
    assert torch.equal(torch.get_rng_state(), state)

    served = train.served
    second = Classifier("digits").prepare(train, test, "fingerprint", str(tmp_path), CPU)
    assert train.served == served + 1 + len(train)  # for the shape and the labels, not for training
    assert second.protocol == first.protocol
    images = test.x[:5].float() / 127.5 - 1
    assert torch.equal(second(images)[1], first(images)[1])


def test_is_a_function_of_its_seed(digits, stored):
    train, test = (stored(items.x[:200], items.y[:200]) for items in digits)
    weights = [Classifier(epochs=1, seed=s).prepare(train, test, "", None, CPU).protocol["weights"] for s in (0, 0, 1)]
    assert weights[0] == weights[1] != weights[2]


def test_a_run_in_bfloat16_has_the_classifier_of_any_run(digits, stored):
    train, test = (stored(items.x[:200], items.y[:200]) for items in digits)
    alone = Classifier(epochs=1).prepare(train, test, "", None, CPU)
    with torch.autocast("cpu", torch.bfloat16):  # it keeps a weight that was cast until its end
        under = Classifier(epochs=1).prepare(train, test, "", None, CPU)
    assert under.protocol == alone.protocol


def test_refuses_points_and_data_without_classes(stored):
    points, unlabelled = stored(torch.zeros(4, 2)), stored(torch.zeros(4, 1, 8, 8, dtype=torch.uint8))
    for items, fix in ((points, "metrics=data_space"), (unlabelled, "metrics=lite0")):
        with pytest.raises(UsageError, match=fix):
            Classifier().prepare(items, items, "", None, CPU)

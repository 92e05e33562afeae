import json

import pytest

from gen_models.metrics.record import Record

LITE0 = {"extractor": "EfficientNet-Lite0", "n": 1000, "resize": "64"}


def test_reads_like_a_sentence_with_its_bounds():
    record = Record("KID", 0.031, 0.002, 0.0004, 0.52, LITE0)
    assert str(record) == "KID (EfficientNet-Lite0) 0.031 ± 0.002 [floor 0.0004, untrained 0.52] n=1000"


def test_prints_warnings_and_leaves_out_what_is_not_known():
    assert str(Record("FID", 12.0, protocol=LITE0 | {"warning": "biased"})).endswith(") 12 n=1000 (biased)")


@pytest.mark.parametrize(
    ("extractor", "label", "key"),
    [
        ("EfficientNet-Lite0", "FID (EfficientNet-Lite0)", "fid_efficientnet_lite0"),
        ("MNIST classifier", "FID (MNIST classifier)", "fid_mnist_classifier"),
        ("InceptionV3 (other.pth)", "FID (InceptionV3 (other.pth))", "fid_inceptionv3_other_pth"),
        ("InceptionV3 (FID weights)", "FID", "fid"),
    ],
)
def test_only_the_genuine_weights_go_by_the_bare_name(extractor, label, key):
    record = Record("FID", 1.0, protocol={"extractor": extractor})
    assert (record.label, record.key) == (label, key)


@pytest.mark.parametrize(
    "metric", ["IS", "DCI completeness", "unsupervised accuracy of class", "mean PSNR of training items"]
)
def test_some_figures_grow_with_quality(metric):
    assert Record(metric, 1.0).higher_is_better


@pytest.mark.parametrize(
    "metric", ["FID", "KID", "MiFID", "intra-FID", "NLL", "spectral distance", "two-sample classifier accuracy"]
)
def test_others_shrink_with_quality(metric):
    assert not Record(metric, 1.0).higher_is_better


def test_survives_json():
    record = Record("IS", 9.5, 0.1, protocol=LITE0)
    assert Record.from_dict(json.loads(json.dumps(record.to_dict()))) == record

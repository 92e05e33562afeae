import json

import pytest

from gen_models.metrics.record import Record, rounded
from gen_models.metrics.records import add_records, read_records

LITE0 = {"extractor": "EfficientNet-Lite0", "n": 1000, "resize": "64"}


def made(metric, value, up=False, **fields):
    return Record(metric=metric, value=value, higher_is_better=up, **fields)


def test_reads_like_a_sentence_with_its_bounds():
    record = made("KID", 0.031, error=0.002, real=0.0004, untrained=0.52, protocol=LITE0)
    assert str(record) == "KID (EfficientNet-Lite0) 0.031 ± 0.002 [real 0.0004, untrained 0.52] n=1000"


def test_a_deviation_over_parts_of_the_samples_says_so():
    twenty = made("KID", 29.2, error=0.228, protocol={**LITE0, "subsets": 20, "subset_size": 500})
    assert str(twenty) == "KID (EfficientNet-Lite0) 29.2 ± 0.228 over 20 subsets n=1000"
    assert str(made("IS", 8.4, True, error=0.1, protocol={"splits": 10})) == "IS 8.4 ± 0.1 over 10 splits"
    assert str(made("precision", 0.5, True, error=0.02)) == "precision 0.5 ± 0.02"


def test_prints_warnings_and_leaves_out_what_is_not_known():
    assert str(made("FID", 12.0, protocol=LITE0, found={"warning": "biased"})).endswith(") 12 n=1000 (biased)")


@pytest.mark.parametrize(
    ("up", "value", "real", "untrained", "worse"),
    [
        (False, 29.2, 0.006, 17.4, True),
        (False, 16.7, 0.006, 17.4, False),
        (True, 1.1, 9.0, 1.5, True),
        (True, 2.0, 9.0, 1.5, False),
        (True, 6.2, 6.3, 57.7, False),  # noise is more varied than data, and more turns would not change that
        (False, 3.0, None, 2.0, True),
        (False, 3.0, 0.0, None, False),
    ],
)
def test_a_figure_worse_than_untrained_says_what_to_do(up, value, real, untrained, worse):
    record = made("figure", value, up, real=real, untrained=untrained)
    assert ("worse than untrained: more turns" in str(record)) is worse


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
    record = made("FID", 1.0, protocol={"extractor": extractor})
    assert (record.label, record.key) == (label, key)


def test_survives_json():
    record = made("IS", 9.5, True, error=0.1, protocol=LITE0, found={"p": 0.5}, way={"truncation": 0.5})
    assert Record.from_dict(json.loads(json.dumps(record.to_dict()))) == record


def test_what_is_no_number_is_no_value():
    record = made("KID", float("nan"), error=float("inf"), real=0.0, untrained=1.0, protocol=LITE0)
    assert (record.value, record.error) == (None, None)
    assert str(record) == "KID (EfficientNet-Lite0) – [real 0, untrained 1] n=1000"
    assert Record.from_dict(json.loads(json.dumps(record.to_dict(), allow_nan=False))) == record


def test_a_record_must_say_which_way_is_up():
    with pytest.raises(TypeError, match="higher_is_better"):
        Record(metric="vendi", value=1.0)


def former(metric, **fields):
    return Record.from_dict({"metric": metric, "value": 1.0, "error": None, "parts": {}, **fields})


def test_old_files_are_read_with_their_bounds_and_protocols_sorted_out():
    protocol = {"n": 10, "n_floor": 9, "warning": "biased", "density": "mixture", "n_codes": 5}
    record = former("FID", floor=0.5, ceiling=70.0, protocol=protocol)
    assert (record.real, record.untrained, record.chance) == (0.5, 70.0, None)
    assert record.protocol == {"n": 10, "n_other": 9}
    assert record.found == {"warning": "biased"}
    assert record.way == {"density": "mixture", "n_codes": 5}


def test_old_bounds_get_their_names():
    assert former("classifier accuracy score", ceiling=0.1).chance == 0.1
    assert former("neighbours in codes alike in class", protocol={"chance": 0.1}).chance == 0.1
    worst = former("two-sample classifier accuracy", floor=0.5, ceiling=1.0)
    assert (worst.real, worst.untrained, worst.chance) == (0.5, None, None)


@pytest.mark.parametrize(
    "metric", ["IS", "DCI completeness", "unsupervised accuracy of class", "mean PSNR of training items"]
)
def test_some_old_figures_grow_with_quality(metric):
    assert former(metric).higher_is_better


@pytest.mark.parametrize(
    "metric", ["FID", "KID", "MiFID", "intra-FID", "NLL", "spectral distance", "two-sample classifier accuracy"]
)
def test_other_old_figures_shrink_with_quality(metric):
    assert not former(metric).higher_is_better


def test_large_values_are_written_out_and_huge_ones_are_not():
    record = Record(metric="NLL", value=12345.6, error=1234.5, higher_is_better=False, real=-98765.4)
    assert str(record) == "NLL 12,346 ± 1,234 [real -98,765]"
    assert rounded(2.5e12, 4) == "2.5e+12"


@pytest.mark.parametrize("other", [5, "FID", None, [], {"metric": "FID"}, {"of_tomorrow": 1}, {"protocol": 3}])
def test_what_is_no_record_is_passed_over_and_kept(tmp_path, caplog, other):
    known = made("KID", 1.0)
    other = known.to_dict() | other if isinstance(other, dict) and "metric" not in other else other
    (path := tmp_path / "f.json").write_text(json.dumps([other, known.to_dict()]))
    assert read_records(path) == [known]
    assert "1 entries that are no figures of this version" in caplog.text
    add_records([made("FID", 2.0)], path)
    assert [record.metric for record in read_records(path)] == ["KID", "FID"]
    assert json.loads(path.read_text())[-1] == other

from gen_models.metrics.record import COPYING, Record
from gen_models.metrics.stand_ins import FILE, NEAREST, REAL, add_stand_ins, failures, read_stand_ins, verdicts


def record(value, error=None, higher_is_better=False, **protocol):
    return Record(metric="figure", value=value, error=error, higher_is_better=higher_is_better, protocol=protocol)


def test_a_verdict_knows_which_way_is_up_and_what_chance_is():
    def verdict(other, error=None, up=False):
        found = {REAL: [record(1.0, error, up)], "blurred": [record(other, error, up)]}
        return verdicts(found)["figure"]["blurred"]

    assert [verdict(2.0), verdict(0.5), verdict(2.0, up=True)] == ["worse", "better", "better"]
    assert [verdict(1.2, 0.1), verdict(1.3, 0.1), verdict(None)] == ["alike", "worse", "alike"]


def test_copies_are_no_failure():
    assert failures({REAL: [record(1.0)], NEAREST: [record(0.5)]}) == []
    assert failures({REAL: [record(1.0)], "blurred": [record(0.5)]}) == [
        "figure fails on these data: real items are no better to it than blurred."
    ]


def test_a_figure_of_copying_is_asked_about_copies_alone():
    def found(copies):
        values = {REAL: 0.5, "blurred": 0.0, NEAREST: copies}
        return {
            name: [Record(metric=COPYING, value=value, error=0.02, higher_is_better=False)]
            for name, value in values.items()
        }

    assert failures(found(1.0)) == []
    assert failures(found(0.5)) == [f"{COPYING} fails on these data: real items are no better to it than {NEAREST}."]


def test_what_was_judged_is_kept_under_its_protocol(tmp_path):
    add_stand_ins({REAL: [record(1.0, n=5)]}, tmp_path)
    add_stand_ins({REAL: [record(2.0, n=9)]}, tmp_path)
    add_stand_ins({REAL: [record(3.0, n=9)]}, tmp_path)
    assert read_stand_ins(tmp_path) == {REAL: [record(1.0, n=5), record(3.0, n=9)]}
    for damaged in ("{", '{"real": 5, "blurred": [5]}', '{"real": [{}]}', '{"real": [5]}'):
        (tmp_path / FILE).write_text(damaged)
        assert read_stand_ins(tmp_path) == {}

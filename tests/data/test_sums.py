"""Short ids and numbers of what is held, by which stored indices and runs know it again."""

from gen_models.data.sums import mark


def test_a_mark_is_of_what_is_held_however_it_is_cut():
    assert mark([b"abc"]) == mark([b"a", memoryview(b"bc")]) == 6455300059550759896, "as indices of shards hold it"
    assert mark([b"abd"]) != mark([b"abc"])

import json
from types import SimpleNamespace

from gen_models.reports.curves import numbers, pens, thinned
from gen_models.reports.finished import Point
from gen_models.reports.html import data


def test_long_lines_are_means_of_stretches():
    points = [Point(i, 64 * i, None, float(i % 2)) for i in range(1000)]
    short = thinned(points)
    assert len(short) <= 300
    assert short[-1][:2] == (999, 64 * 999)
    assert all(abs(point.value - 0.5) < 0.1 for point in short[:-1] if point.turns % 4 == 3)
    assert thinned(points[:5]) == points[:5]


def test_numbers_are_json_whatever_was_logged():
    lines = {"a": [Point(1, 64, None, float("nan")), Point(2, 128, 0.5, 1 / 3)]}
    run = SimpleNamespace(points=lambda name: lines.get(name, []))
    told = json.loads(data(numbers(["a", "</script>"], ["one"], [run])))
    assert told["plots"][0]["lines"] == [
        {"turns": [1, 2], "images": [64, 128], "seconds": [None, 0.5], "value": [None, 0.333333]}
    ]
    assert told["plots"][1]["name"] == "</script>"
    assert "<" not in data("</script><!--")


def test_pens_of_neighbours_differ():
    found = pens(9)
    assert len({pen.hue for pen in found}) == 9
    assert all(one.dash != other.dash for one, other in zip(found, found[1:], strict=False))

import pytest

from gen_models.reports.curves import Frame, number, pens, plot, thinned, ticks


def test_ticks_are_round_and_inside():
    assert ticks(0, 10) == [0, 2, 4, 6, 8, 10]
    assert ticks(-0.31, 0.52) == pytest.approx([-0.2, 0, 0.2, 0.4])
    assert [number(value) for value in (1500, 2e6, 0.05)] == ["1.5k", "2M", "0.05"]


def test_long_lines_are_means_of_stretches():
    points = [(float(i), float(i % 2)) for i in range(1000)]
    short = thinned(points)
    assert len(short) <= 120
    assert short[-1][0] == 999
    assert all(abs(y - 0.5) < 0.1 for _, y in short[:-1])


def test_a_plot_holds_its_lines_inside_its_frame():
    frame = Frame(10, 0, 1)
    assert frame.place(5, 99)[1] == frame.place(5, 1)[1] < frame.place(5, 0)[1]
    svg = plot("a<b", "images", [(pen, [(0, 1), (5, float("nan")), (10, 2)]) for pen in pens(2)])
    assert svg.count("<polyline") == 2
    assert "a&lt;b" in svg
    assert "nan" not in svg
    assert plot("empty", "images", [(pens(1)[0], [])]) == ""

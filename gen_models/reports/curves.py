"""Curves as SVG, which a page can hold without any other file."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

WIDTH, HEIGHT = 340, 210
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 22, 34
POINTS = 120
TAIL = 0.02
DASHES = ("", "6 3", "2 2")

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Pen:
    """How the lines of one run look, in every plot."""

    colour: str
    dash: str


def pens(count: int) -> list[Pen]:
    """Give pens that differ in hue, and neighbours in hue also in their dashes."""
    return [Pen(f"hsl({round(360 * i / max(1, count))} 70% 40%)", DASHES[i % len(DASHES)]) for i in range(count)]


def plot(title: str, x_label: str, lines: Sequence[tuple[Pen, Points]]) -> Markup:
    """Draw lines, each thinned to means over stretches, in a common frame; what leaves it is drawn on its edge."""
    lines = [(pen, thinned(points)) for pen, points in lines]
    xs = [x for _, points in lines for x, _ in points]
    ys = sorted(y for _, points in lines for _, y in points if math.isfinite(y))
    if not ys:
        return Markup()
    right = max(xs) or 1.0
    low, high = ys[int(TAIL * (len(ys) - 1))], ys[math.ceil((1 - TAIL) * (len(ys) - 1))]
    pad = 0.06 * (high - low) or abs(high) or 1.0
    frame = Frame(right, low - pad, high + pad)
    drawn = "".join(frame.line(pen, points) for pen, points in lines)
    name = escape(title)
    return Markup(
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{name} over {x_label}">'
        f'<text x="{LEFT}" y="14" class="title">{name}</text>{frame.axes(x_label)}{drawn}</svg>'
    )


def thinned(points: Points) -> Points:
    """At most `POINTS` points: means over equally long stretches."""
    size = -(-len(points) // POINTS)
    parts = [points[start : start + size] for start in range(0, len(points), max(1, size))]
    return [(part[-1][0], sum(y for _, y in part) / len(part)) for part in parts]


@dataclass(frozen=True)
class Frame:
    """The part of the plane that is shown: from 0 to `right`, and from `low` to `high`."""

    right: float
    low: float
    high: float

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Give the pixel of a point."""
        y = min(max(y, self.low), self.high)
        across = LEFT + x / self.right * (WIDTH - LEFT - RIGHT)
        return across, HEIGHT - BOTTOM - (y - self.low) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM)

    def line(self, pen: Pen, points: Points) -> str:
        """Draw a line, or a dot where there is one point only."""
        places = [self.place(x, y) for x, y in points if math.isfinite(y)]
        if len(places) == 1:
            return f'<circle cx="{places[0][0]:.1f}" cy="{places[0][1]:.1f}" r="3" fill="{pen.colour}"/>'
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        return f'<polyline points="{corners}" stroke="{pen.colour}" stroke-dasharray="{pen.dash}"/>'

    def axes(self, x_label: str) -> str:
        """Draw ticks, their grid and the name of the horizontal axis."""
        parts = [f'<text x="{(WIDTH + LEFT) / 2}" y="{HEIGHT - 4}" class="middle">{escape(x_label)}</text>']
        for tick in ticks(0, self.right):
            x, y = self.place(tick, self.low)
            parts.append(f'<text x="{x:.1f}" y="{y + 14:.1f}" class="middle">{number(tick)}</text>')
        for tick in ticks(self.low, self.high):
            x, y = self.place(0, tick)
            parts.append(f'<line x1="{x}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
            parts.append(f'<text x="{x - 4}" y="{y + 3.5:.1f}" class="end">{number(tick)}</text>')
        return "".join(parts)


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers between two ends: multiples of 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    step = next(power * times for times in (1, 2, 5, 10) if (high - low) / (power * times) <= most)
    return [step * i for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def number(value: float) -> str:
    """A short number: 20k, 1.5M, 0.05."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.4g}{letter}"
    return f"{value:.4g}"

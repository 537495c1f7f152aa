"""The comparison as a picture: quality against speed, the area of a bubble is the encoder's size. Plain SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from localsearch.compress.compare.run import Comparison, Row
from localsearch.display import display

WIDTH, HEIGHT = 760, 480
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 50, 60
"""Margins around the field; the one to the right holds the names of the fastest."""
LARGEST = 26.0
"""Radius of the largest bubble."""
SMALLEST = 4.0
LINE = 15.0
"""Height of a line of text."""
TICKS = 6
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f")
"""Okabe and Ito's, which the colour-blind can tell apart; the last for black on white."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A stretch of numbers laid on a stretch of the picture."""

    least: float
    most: float
    begin: float
    end: float

    def place(self, value: float) -> float:
        return self.begin + (value - self.least) / (self.most - self.least) * (self.end - self.begin)

    def ticks(self) -> list[float]:
        step = nice_step((self.most - self.least) / TICKS)
        first = math.ceil(self.least / step - 1e-9)
        return [number * step for number in range(first, math.floor(self.most / step + 1e-9) + 1)]


def nice_step(step: float) -> float:
    """The next of 1, 2 and 5 times a power of ten, at least `step`."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step * (1 - 1e-9))


def axis(values: Sequence[float], begin: float, end: float, *, from_zero: bool = False) -> Axis:
    """Room for all values and a tenth more on each side."""
    least, most = (0.0 if from_zero else min(values)), max(values)
    room = 0.12 * (most - least) or 0.1 * abs(most) or 1.0
    return Axis(least if from_zero else least - room, most + room, begin, end)


def plot(found: Comparison) -> str:
    """An SVG of 760 x 480, its text readable without colours."""
    across = axis([row.speed.passages_per_second for row in found.rows], LEFT, WIDTH - RIGHT, from_zero=True)
    up = axis([row.dense for row in found.rows], HEIGHT - BOTTOM, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'font-family="sans-serif" font-size="12" role="img">',
        "<title>Encoders: quality against speed</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        _text(LEFT, 24, "Quality against speed; the area of a bubble is the size on disk", size=15),
        *_grid(across, up),
        *_bubbles(found.rows, across, up),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _grid(across: Axis, up: Axis) -> list[str]:
    bottom, top = HEIGHT - BOTTOM, TOP
    parts = []
    for value in across.ticks():
        x = across.place(value)
        parts.append(_line(x, top, x, bottom))
        parts.append(_text(x, bottom + 18, f"{value:g}", anchor="middle"))
    for value in up.ticks():
        y = up.place(value)
        parts.append(_line(LEFT, y, WIDTH - RIGHT, y))
        parts.append(_text(LEFT - 8, y + 4, f"{value:.3g}", anchor="end"))
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(_text(middle, HEIGHT - 16, "passages per second, all cores", anchor="middle"))
    parts.append(
        f'<text transform="translate(20 {(top + bottom) / 2:.1f}) rotate(-90)" text-anchor="middle">'
        "nDCG@10, dense, mean over the sets</text>"
    )
    return parts


def _bubbles(rows: Sequence[Row], across: Axis, up: Axis) -> list[str]:
    """Large ones first, so that none hides another; names beside them, moved apart where they would overlap."""
    largest = max(row.bytes for row in rows)
    circles, labels = [], []
    heights = label_heights([up.place(row.dense) for row in rows])
    for number in sorted(range(len(rows)), key=lambda place: -rows[place].bytes):
        row, colour = rows[number], COLOURS[number % len(COLOURS)]
        x, y = across.place(row.speed.passages_per_second), up.place(row.dense)
        radius = max(LARGEST * math.sqrt(row.bytes / largest), SMALLEST)
        circles.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}" fill-opacity="0.55" '
            f'stroke="{colour}"/>'
        )
        name = f"{display(row.name)}, {row.bytes / 1e6:.1f} MB"
        labels.append(_line(x + radius, y, x + radius + 8, heights[number], colour=colour))
        labels.append(_text(x + radius + 10, heights[number] + 4, name))
    return circles + labels


def label_heights(heights: Sequence[float]) -> list[float]:
    """The heights, moved down where two would be less than a line apart."""
    moved = list(heights)
    last = -math.inf
    for number in sorted(range(len(moved)), key=lambda place: moved[place]):
        moved[number] = last = max(moved[number], last + LINE)
    return moved


def _line(x1: float, y1: float, x2: float, y2: float, *, colour: str = "#dddddd") -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{escape(text)}</text>'

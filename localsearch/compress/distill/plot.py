"""The course of a training as a picture: SVG, which every browser shows, written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localsearch.compress.distill.train import Look

WIDTH, HEIGHT = 640, 220
"""Of one panel, in pixels."""
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 32, 36
"""Margins of a panel."""
LOSS, COSINE, OVERLAP = "#c0392b", "#1f6fb2", "#2e8b57"

Points = Sequence[tuple[float, float]]


def plot(looks: Sequence[Look], steps: int) -> str:
    """Two panels over the steps: the training loss, and the agreement with the teacher on text held out."""
    loss = [(look.step, look.loss) for look in looks[1:]]  # before the first step there is none
    cosine = [(look.step, look.cosine) for look in looks]
    overlap = [(look.step, look.overlap) for look in looks]
    most = max([value for _, value in loss], default=1.0)
    panels = [
        _panel(0, "training loss", steps, most, {LOSS: loss}),
        _panel(
            HEIGHT,
            "held out: cosine (blue), common nearest texts (green)",
            steps,
            1.0,
            {COSINE: cosine, OVERLAP: overlap},
        ),
    ]
    size = f'width="{WIDTH}" height="{2 * HEIGHT}" viewBox="0 0 {WIDTH} {2 * HEIGHT}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">',
            '<rect width="100%" height="100%" fill="white"/>',
            *panels,
            "</svg>\n",
        ]
    )


def _panel(top: int, title: str, steps: int, most: float, lines: dict[str, Points]) -> str:
    """One panel from 0 to `most`, its lines by colour."""
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(step: float, value: float) -> tuple[float, float]:
        return LEFT + wide * step / max(steps, 1), top + TOP + high * (1 - value / (most or 1.0))

    parts = [f'<text x="{LEFT}" y="{top + 20}">{title}</text>']
    for share in (0.0, 0.5, 1.0):
        x, y = place(steps * share, most * share)
        parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{most * share:.2f}</text>')
        parts.append(f'<text x="{x:.1f}" y="{top + HEIGHT - 14}" text-anchor="middle">{round(steps * share):,}</text>')
    for colour, points in lines.items():
        spots = " ".join("{:.1f},{:.1f}".format(*place(*point)) for point in points)
        parts.append(f'<polyline points="{spots}" fill="none" stroke="{colour}" stroke-width="2"/>')
    return "\n".join(parts)

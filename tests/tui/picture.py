"""The screen as SVG: for the documentation, and to compare with a stored one on any machine."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from localsearch.tui.app import LocalSearchApp
from tests.conftest import ROOT

SAMPLE = ROOT / "sample_docs"
FONT = "Fira Code, DejaVu Sans Mono, Menlo, Consolas, monospace"

Drawn = list[tuple[str, ...]]


def picture(app: LocalSearchApp, title: str = "localsearch") -> str:
    """The SVG, without the fonts that it would load from another host and without numbers made from its content."""
    svg = app.export_screenshot(title=title, simplify=True)
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: ?(Fira Code|arial)[^;]*;", f"font-family: {FONT};", svg)
    return "\n".join(line.rstrip() for line in re.sub(r"terminal-\d+", "terminal", svg).splitlines()) + "\n"


def drawn(svg: str) -> Drawn:
    """What an SVG shows, whatever its styles are called: backgrounds, and texts with their style, by place."""
    styles = dict(re.findall(r"\.terminal-(r\d+) \{ ([^}]*?) \}", svg))
    backgrounds = re.findall(r'<rect fill="([^"]+)" x="([^"]+)" y="([^"]+)" width="([^"]+)"', svg)
    texts = re.findall(r'<text class="terminal-(r\d+)" x="([^"]+)" y="([^"]+)"[^>]*>([^<]*)</text>', svg)
    shown = [(y, x, styles[name], unescape(text)) for name, x, y, text in texts]
    return sorted(backgrounds) + sorted(shown, key=lambda one: (float(one[0]), float(one[1])))


def lines(svg: str) -> str:
    """The text of an SVG, one line per line of the screen."""
    rows: dict[float, str] = {}
    for y, _, _, text in (one for one in drawn(svg) if len(one) == 4 and not one[0].startswith("#")):
        rows[float(y)] = rows.get(float(y), "") + text.replace("\xa0", " ")
    return "\n".join(rows[y] for y in sorted(rows))


def stored(name: str) -> Path:
    return Path(__file__).parent / "snapshots" / f"{name}.svg"

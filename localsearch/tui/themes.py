"""Our dark and our light theme, and which one to begin with."""

from __future__ import annotations

import os
from collections.abc import Collection

from textual.theme import Theme

DARK = Theme(
    name="localsearch-dark",
    primary="#7aa2f7",
    secondary="#9ece6a",
    accent="#7dcfff",
    warning="#e0af68",
    error="#f7768e",
    success="#9ece6a",
    foreground="#c8d0e8",
    background="#16181f",
    surface="#1c1f28",
    panel="#262a36",
    dark=True,
)
LIGHT = Theme(
    name="localsearch-light",
    primary="#1f5fbf",
    secondary="#35691e",
    accent="#00677d",
    warning="#8a5300",
    error="#b3261e",
    success="#35691e",
    foreground="#22262e",
    background="#fbfbfc",
    surface="#f2f3f6",
    panel="#e4e7ee",
    dark=False,
)
THEMES = (DARK, LIGHT)

_LIGHT_BACKGROUNDS = {"7", "15"}
"""Last field of COLORFGBG, which rxvt, Konsole and others set: white and bright white."""


def first_theme(remembered: str, available: Collection[str]) -> str:
    """The remembered theme, else the one that suits the terminal's background as far as it tells."""
    if remembered in available:
        return remembered
    background = os.environ.get("COLORFGBG", "").rpartition(";")[2]
    return LIGHT.name if background in _LIGHT_BACKGROUNDS else DARK.name

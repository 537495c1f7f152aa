"""Texts that belong to times: calendars (ICS) and subtitles or transcripts (VTT, SRT)."""

from __future__ import annotations

import re
from datetime import datetime

from localsearch.ingest.parse import encoding, metadata
from localsearch.ingest.parse.blocks import Builder
from localsearch.ingest.parse.source import Reading, Source, Unreadable
from localsearch.records import Document

_FOLD = re.compile(r"\r?\n[ \t]")
_ESCAPE = re.compile(r"\\([nN,;\\])")
_SHOWN = {
    "DTSTART": "Start",
    "DTEND": "End",
    "DUE": "Due",
    "LOCATION": "Location",
    "ORGANIZER": "Organizer",
    "ATTENDEE": "Attendee",
    "STATUS": "Status",
    "CATEGORIES": "Categories",
}
_CUE = re.compile(r"(\d+:)?\d+:\d+[.,]\d+\s*-->.*")
_TAG = re.compile(r"<v(?:\.[\w.]+)?\s+([^>]*)>|<[^>]*>")
_CUES_IN_PARAGRAPH = 12


def read_calendar(source: Source) -> Reading:
    """Every entry of a calendar, its summary as heading. Raises Unreadable."""
    lines = _FOLD.sub("", encoding.decode(source.data)).replace("\r", "").split("\n")
    builder = Builder()
    entry: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(":")
        name, _, parameters = name.partition(";")
        if name in ("BEGIN", "END"):
            _add_entry(builder, entry)
            entry = {}
        elif value:
            entry.setdefault(name.upper(), []).append(_value(value, parameters))
    return _reading(builder)


def _value(value: str, parameters: str) -> str:
    """A property as people read it: names instead of addresses, dates with dashes."""
    if match := re.search(r"CN=\"?([^\";]+)", parameters):
        return match[1]
    text = _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value).removeprefix("mailto:")
    if re.fullmatch(r"\d{8}(T\d{6}Z?)?", text):
        moment = datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S" if "T" in text else "%Y%m%d")
        return f"{moment:%Y-%m-%d %H:%M}" if "T" in text else f"{moment:%Y-%m-%d}"
    return text


def _add_entry(builder: Builder, entry: dict[str, list[str]]) -> None:
    if not entry.keys() & {"SUMMARY", "DESCRIPTION"}:
        return
    builder.heading(" ".join(entry.get("SUMMARY", ())), level=1)
    shown = [f"{_SHOWN[name]}: {', '.join(entry[name])}" for name in _SHOWN if name in entry]
    builder.paragraph("\n".join(shown))
    for text in entry.get("DESCRIPTION", ()):
        builder.paragraph(text)


def read_subtitles(source: Source) -> Reading:
    """What is said, without the times. Raises Unreadable."""
    builder = Builder()
    spoken: list[str] = []
    for line in encoding.decode(source.data).replace("\r", "").split("\n"):
        text = _TAG.sub(lambda match: f"{match[1]}: " if match[1] else "", line).strip()
        if not text or text.isdigit() or _CUE.match(text) or text.startswith(("WEBVTT", "NOTE", "Kind:", "Language:")):
            continue
        if not spoken or spoken[-1] != text:  # rolling captions say every line twice
            spoken.append(text)
        if len(spoken) == _CUES_IN_PARAGRAPH:
            builder.paragraph("\n".join(spoken))
            spoken = []
    builder.paragraph("\n".join(spoken))
    return _reading(builder)


def _reading(builder: Builder) -> Reading:
    blocks = builder.blocks()
    if not blocks:
        raise Unreadable("no text")
    return Reading((Document(blocks, metadata.title(builder.first_heading())),))

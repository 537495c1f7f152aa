"""The frozen records that pass between stages. Every field says its meaning, base and unit."""

from typing import TYPE_CHECKING

from localsearch.records.documents import Block, BlockKind, Document, Parsed, Passage, SourceFile, encoded_text
from localsearch.records.health import Finding, Part, Repair
from localsearch.records.results import (
    NO_FILTERS,
    Answer,
    Explanation,
    Filters,
    Hit,
    Hits,
    IndexedPassage,
    Mode,
    Ranking,
    Share,
    Suggestion,
    Summary,
    SummarySentence,
    Why,
)
from localsearch.records.runs import Progress, Report, Root, Skipped, Status, Switched

if TYPE_CHECKING:
    from localsearch.records.arrays import Float32Matrix as Float32Matrix
    from localsearch.records.arrays import Float32Vector as Float32Vector
    from localsearch.records.arrays import Int64Vector as Int64Vector

__all__ = [
    "NO_FILTERS",
    "Answer",
    "Block",
    "BlockKind",
    "Document",
    "Explanation",
    "Filters",
    "Finding",
    "Hit",
    "Hits",
    "IndexedPassage",
    "Mode",
    "Parsed",
    "Part",
    "Passage",
    "Progress",
    "Ranking",
    "Repair",
    "Report",
    "Root",
    "Share",
    "Skipped",
    "SourceFile",
    "Status",
    "Suggestion",
    "Summary",
    "SummarySentence",
    "Switched",
    "Why",
    "encoded_text",
]

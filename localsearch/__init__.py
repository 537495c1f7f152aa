"""Private, offline semantic search for business documents.

    from localsearch import Index

    with Index.open("index") as index:
        for hit in index.search("notice period of the lease"):
            print(hit.path, hit.page, hit.text)

Names load on first use, so that `import localsearch` costs a millisecond.
"""

import os

TYPE_CHECKING = False
"""As in `typing`, which is not imported, nor is `__future__`: `python -m` would take both from the current folder."""

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read by onnxruntime when it is imported; must come before
os.environ["HF_HUB_OFFLINE"] = "1"  # tokenizers can reach a model hub; ours never asks, and now it cannot

if TYPE_CHECKING:
    from typing import Any

    from localsearch.engine import Index
    from localsearch.errors import LocalSearchError
    from localsearch.records import (
        Answer,
        Explanation,
        Filters,
        Hit,
        Hits,
        IndexedPassage,
        Mode,
        Progress,
        Report,
        Suggestion,
        Summary,
        SummarySentence,
    )
    from localsearch.version import __version__

__all__ = [
    "Answer",
    "Explanation",
    "Filters",
    "Hit",
    "Hits",
    "Index",
    "IndexedPassage",
    "LocalSearchError",
    "Mode",
    "Progress",
    "Report",
    "Suggestion",
    "Summary",
    "SummarySentence",
    "__version__",
]

_HOMES = {
    "Answer": "records",
    "Explanation": "records",
    "Filters": "records",
    "Hit": "records",
    "Hits": "records",
    "Index": "engine",
    "IndexedPassage": "records",
    "LocalSearchError": "errors",
    "Mode": "records",
    "Progress": "records",
    "Report": "records",
    "Suggestion": "records",
    "Summary": "records",
    "SummarySentence": "records",
    "__version__": "version",
}


def __getattr__(name: str) -> "Any":
    if name not in _HOMES:
        raise AttributeError(f"module 'localsearch' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"localsearch.{_HOMES[name]}"), name)

"""Import all that reading may need: a sealed worker opens no file, not even a module of the standard library.

A test reads documents of every format and compares the modules before and after.
"""

from __future__ import annotations

import contextlib
import encodings
import importlib
import pkgutil

from localsearch.ingest.parse import library

_LATER = (
    # Our readers import these when the first document needs them.
    *("charset_normalizer", "markdown_it"),
    # What the standard library imports inside its functions.
    *("_strptime", "email.generator", "email.parser", "hashlib", "traceback"),
    # What kreuzberg's module does.
    *("importlib.metadata", "importlib.resources", "platform", "textwrap"),
)
_WINDOWS_ONLY = ("mbcs", "oem")


def preload() -> None:
    """Everything that a reader, or a library that it uses, would otherwise import in the middle of a document."""
    for name in _LATER:
        importlib.import_module(name)
    for module in pkgutil.iter_modules(encodings.__path__):
        if module.name not in _WINDOWS_ONLY:
            with contextlib.suppress(ImportError):  # an encoding whose C module this Python was built without
                importlib.import_module(f"encodings.{module.name}")
    library.load()

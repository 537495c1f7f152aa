"""The libraries of the workshop are an extra: is it installed?"""

from __future__ import annotations

from importlib.util import find_spec

from localsearch.errors import MissingExtra

LIBRARIES = ("torch", "transformers", "sentence_transformers", "onnx", "onnxscript")


def need_extra() -> None:
    """Raises MissingExtra, with the line that installs it, when a library of the workshop is absent."""
    absent = [name for name in LIBRARIES if find_spec(name) is None]
    if absent:
        raise MissingExtra(
            f"Making encoders needs the 'compress' extra ({', '.join(absent)} not installed).",
            hint="pip install 'localsearch[compress]'",
        )

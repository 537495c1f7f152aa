"""What of a root is wanted. Each root remembers its scope in the database, so that a later run repeats it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from localsearch.errors import IndexDamaged

MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Scope:
    """Which files below a root are documents."""

    include: tuple[str, ...] = ()
    """Patterns as in .gitignore, relative to the root; when given, only what one of them names is read."""
    exclude: tuple[str, ...] = ()
    """Patterns of the same kind that are left out; they win over `include` and over ignore files."""
    hidden: bool = False
    """Read files and folders whose name begins with a dot. Secrets stay out all the same."""
    max_bytes: int = 200 * MEGABYTE
    """Larger files are skipped."""
    ignore_files: bool = True
    """Honour .gitignore, .ignore and .localsearchignore below the root."""

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Scope:
        """The inverse of `to_json`. Raises IndexDamaged on anything else."""
        try:
            stored = json.loads(text)
            include, exclude = tuple(stored.pop("include")), tuple(stored.pop("exclude"))
            return cls(include, exclude, **stored)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            hint = "Add the root again: `localsearch index PATH`."
            raise IndexDamaged("The options of a root in the index cannot be read.", hint=hint) from error

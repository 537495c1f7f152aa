"""What of a root is wanted. Each root remembers its scope in the database, so that a later run repeats it."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b

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

    salt: str = ""
    """Hexadecimal; the key under which `forgotten` was made."""
    forgotten: tuple[str, ...] = ()
    """Keyed hashes of paths below the root that are left out because they were forgotten: names would be words too."""

    def without(self, relative: bytes) -> Scope:
        """The scope that leaves out this path, relative to the root, and all below it."""
        salted = self if self.salt else replace(self, salt=secrets.token_hex(16))
        return replace(salted, forgotten=(*self.forgotten, salted._hash(relative)))

    def forgets(self, relative: bytes) -> bool:
        """Whether this very path was forgotten. What lies below it is for a walk that does not enter."""
        return bool(self.forgotten) and self._hash(relative) in self.forgotten

    def keeping_forgotten(self, before: Scope) -> Scope:
        """The scope, leaving out what `before` has forgotten."""
        return replace(self, salt=before.salt, forgotten=before.forgotten)

    def _hash(self, relative: bytes) -> str:
        return blake2b(relative, key=bytes.fromhex(self.salt), digest_size=16).hexdigest()

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Scope:
        """The inverse of `to_json`. Raises IndexDamaged on anything else."""
        try:
            stored = json.loads(text)
            include, exclude = tuple(stored.pop("include")), tuple(stored.pop("exclude"))
            forgotten = tuple(stored.pop("forgotten", ()))  # absent before format 2
            return cls(include, exclude, forgotten=forgotten, **stored)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            hint = "Add the root again: `localsearch index PATH`."
            raise IndexDamaged("The options of a root in the index cannot be read.", hint=hint) from error

"""What of a root is wanted. Each root remembers its scope in the database, so that a later run repeats it."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b

from localsearch.errors import IndexDamaged

MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Inner:
    """What was forgotten of a folder that lies in a root, when it was a root of its own or still is one."""

    place: str
    """The folder, relative to the root."""
    salt: str
    """Hexadecimal; the key under which `forgotten` was made."""
    forgotten: tuple[str, ...]
    """Keyed hashes of paths relative to the folder."""

    def forgets(self, relative: bytes) -> bool:
        """Whether this path, relative to the root, was forgotten."""
        folder = _encoded(self.place) + b"/"
        return relative.startswith(folder) and _hash(relative.removeprefix(folder), self.salt) in self.forgotten


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
    inner: tuple[Inner, ...] = ()
    """The same of roots that lie in this one."""

    @property
    def typed(self) -> Scope:
        """The scope as a user types it, without what was forgotten."""
        return replace(self, salt="", forgotten=(), inner=())

    def without(self, relative: bytes) -> Scope:
        """The scope that leaves out this path, relative to the root, and all below it."""
        salt = self.salt or secrets.token_hex(16)
        below = relative + b"/"
        inner = tuple(one for one in self.inner if not (_encoded(one.place) + b"/").startswith(below))
        return replace(self, salt=salt, forgotten=(*self.forgotten, _hash(relative, salt)), inner=inner)

    def forgets(self, relative: bytes) -> bool:
        """Whether this very path was forgotten. What lies below it is for a walk that does not enter."""
        own = bool(self.forgotten) and _hash(relative, self.salt) in self.forgotten
        return own or any(one.forgets(relative) for one in self.inner)

    def keeping_forgotten(self, before: Scope) -> Scope:
        """The scope, leaving out what `before` has forgotten."""
        return replace(self, salt=before.salt, forgotten=before.forgotten, inner=before.inner)

    def keeping_forgotten_in(self, place: bytes, scope: Scope) -> Scope:
        """The scope, leaving out what `scope` has forgotten: that of a root at `place`, relative to this one."""
        folder = _decoded(place)
        own = [Inner(folder, scope.salt, scope.forgotten)] if scope.forgotten else []
        found = [*own, *(replace(one, place=f"{folder}/{one.place}") for one in scope.inner)]
        places = {(one.place, one.salt) for one in found}
        return replace(self, inner=(*(one for one in self.inner if (one.place, one.salt) not in places), *found))

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Scope:
        """The inverse of `to_json`. Raises IndexDamaged on anything else."""
        try:
            stored = json.loads(text)
            include, exclude = tuple(stored.pop("include")), tuple(stored.pop("exclude"))
            forgotten = tuple(stored.pop("forgotten", ()))  # absent before format 2, as is `inner`
            inner = tuple(Inner(one["place"], one["salt"], tuple(one["forgotten"])) for one in stored.pop("inner", ()))
            return cls(include, exclude, forgotten=forgotten, inner=inner, **stored)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            hint = "Add the root again: `localsearch index PATH`."
            raise IndexDamaged("The options of a root in the index cannot be read.", hint=hint) from error


def _hash(relative: bytes, salt: str) -> str:
    return blake2b(relative, key=bytes.fromhex(salt), digest_size=16).hexdigest()


def _encoded(place: str) -> bytes:
    return place.encode("utf-8", "surrogateescape")


def _decoded(place: bytes) -> str:
    return place.decode("utf-8", "surrogateescape")

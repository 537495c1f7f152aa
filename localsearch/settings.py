"""The few things that can be set, where each value came from, and what is allowed.

What was typed wins over the environment (`LOCALSEARCH_RESULTS`), that over `./localsearch.toml`, that over
`config.toml` in the user's configuration folder, and that over the default.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from localsearch.errors import SettingsError
from localsearch.records import Mode

LOCAL = Path("localsearch.toml")
"""The settings file of the current folder."""
_LARGEST = 1024 * 1024
"""Bytes of a settings file; what follows is not read."""
LIMITS = MappingProxyType(
    {"results": (1, 1_000), "workers": (0, 64), "max_file_mb": (1, 10_000), "passage_size": (50, 400)}
)
"""Least and greatest allowed value of the settings that are numbers."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting. The names are those of the settings files; in the environment they are upper case."""

    encoder: str = ""
    """Folder of the encoder; empty means the one inside the package. In a file, relative to that file's folder."""
    results: int = 10
    """Hits shown for a query."""
    mode: Mode = Mode.HYBRID
    """How a query searches: by meaning and words, by meaning alone, or by words alone."""
    workers: int = 0
    """Processes that parse documents; 0 means one per core."""
    max_file_mb: int = 200
    """Files larger than this many MiB are skipped."""
    passage_size: int = 200
    """Word pieces per passage, about. Smaller finds sharper places, larger keeps more context."""
    unsealed: bool = False
    """Read documents also where the kernel cannot seal the processes that do so. Not in a current folder's file."""


NAMES = tuple(field.name for field in fields(Settings))


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings in force, and for each name where its value came from."""

    settings: Settings
    origins: Mapping[str, str]
    """`command line`, `environment LOCALSEARCH_RESULTS`, `./localsearch.toml:4`, or `default`."""


def load(overrides: Mapping[str, object] | None = None) -> Loaded:
    """Bring the sources together. `overrides` holds what was typed; None there means not typed.

    Raises SettingsError, naming file and line, when a source holds an unknown name or a value that is not allowed.
    """
    values: dict[str, Any] = {}
    origins = dict.fromkeys(NAMES, "default")
    for name, value, origin in _all_sources(overrides or {}):
        values[name], origins[name] = _checked(name, value, origin), origin
    return Loaded(Settings(**values), MappingProxyType(origins))


def user_file() -> Path:
    """The settings file in the user's configuration folder; it need not exist."""
    import platformdirs

    return Path(platformdirs.user_config_dir("localsearch")) / "config.toml"


def _all_sources(overrides: Mapping[str, object]) -> Iterator[tuple[str, object, str]]:
    """Name, value and origin of everything that is set, the weakest source first."""
    personal = user_file()
    yield from _from_file(personal, str(personal))
    yield from _from_file(LOCAL, "./localsearch.toml")
    for name in NAMES:
        variable = f"LOCALSEARCH_{name.upper()}"
        if text := os.environ.get(variable):
            yield name, text, f"environment {variable}"
    for name, value in overrides.items():
        if value is not None:
            yield name, value, "command line"


def _from_file(path: Path, shown: str) -> Iterator[tuple[str, object, str]]:
    try:
        text = _text(path)
    except OSError as error:
        raise SettingsError(f"{shown} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{shown} is not UTF-8 text.", hint="Save it as UTF-8.") from error
    for name, value in _parsed(text, shown).items():
        if name == "unsealed" and path == LOCAL:
            raise SettingsError(
                f"{shown}:{_line_of(name, text)}: unsealed cannot be set by the folder that a command is run in.",
                hint=f"Set it in {user_file()}, or type `--unsealed`.",
            )
        if name == "encoder" and isinstance(value, str) and value:
            yield name, str(path.absolute().parent / _home(value)), f"{shown}:{_line_of(name, text)}"
        else:
            yield name, value, f"{shown}:{_line_of(name, text)}"


def _text(path: Path) -> str:
    """What a settings file holds; empty when it is absent or no regular file. Raises OSError and UnicodeDecodeError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe would wait for its writer
    except (FileNotFoundError, NotADirectoryError):
        return ""
    try:
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        return os.read(descriptor, _LARGEST).decode() if regular else ""
    finally:
        os.close(descriptor)


def _parsed(text: str, shown: str) -> dict[str, object]:
    if not text:
        return {}
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"{shown} is not valid TOML: {error}.") from error


def _home(path: str) -> str:
    """`~` as the home folder; a user who does not exist stays as written."""
    return os.path.expanduser(path)


def _line_of(name: str, text: str) -> int:
    """The 1-based line where a top-level name is set."""
    setting = re.compile(rf"\s*\[?\s*[\"']?{re.escape(name)}[\"']?\s*[\].=]")
    return next((number for number, line in enumerate(text.splitlines(), 1) if setting.match(line)), 1)


def _checked(name: str, value: object, origin: str) -> Any:
    """`value` as the type of its setting. A variable's text is converted, a file's value must be of that type."""
    if name not in NAMES:
        raise SettingsError(f"{origin}: there is no setting {name!r}.", hint=f"Settings: {', '.join(NAMES)}.")
    if name in LIMITS:
        return _number(name, value, origin)
    if name == "mode":
        return _mode(value, origin)
    if name == "unsealed":
        return _truth(name, value, origin)
    if not isinstance(value, str):
        raise SettingsError(f"{origin}: {name} is {value!r}; it must be a folder's path in quotes.")
    return _home(value)


def _number(name: str, value: object, origin: str) -> int:
    least, greatest = LIMITS[name]
    if isinstance(value, str) and origin.startswith("environment") and re.fullmatch(r"-?[0-9]{1,9}", value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= greatest:
        raise SettingsError(f"{origin}: {name} is {value!r}; it must be a whole number from {least:,} to {greatest:,}.")
    return value


def _truth(name: str, value: object, origin: str) -> bool:
    if origin.startswith("environment"):
        value = {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower(), value)
    if not isinstance(value, bool):
        raise SettingsError(f"{origin}: {name} is {value!r}; it must be true or false.")
    return value


def _mode(value: object, origin: str) -> Mode:
    try:
        return Mode(str(value))
    except ValueError:
        allowed = ", ".join(Mode)
        raise SettingsError(f"{origin}: mode is {value!r}; it must be one of {allowed}.") from None

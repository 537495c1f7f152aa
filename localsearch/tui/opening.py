"""Which command opens a document at its page, in an editor at its line, or shows its folder. Never through a shell.

Every command is a list of arguments and every path is absolute, so no name of a file is taken for an option or a
command. The programs inherit the seal: they cannot reach the network either.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

Command = list[str]

_AT_PAGE: dict[str, tuple[str, ...]] = {
    "evince": ("--page-index={page}", "{path}"),
    "papers": ("--page-index={page}", "{path}"),
    "atril": ("--page-index={page}", "{path}"),
    "xreader": ("--page-index={page}", "{path}"),
    "okular": ("--page", "{page}", "{path}"),
    "zathura": ("--page={page}", "{path}"),
    "mupdf": ("{path}", "{page}"),
    "xpdf": ("{path}", "{page}"),
    "sioyek": ("--page", "{page}", "{path}"),
    "qpdfview": ("{path}#{page}",),
    "firefox": ("{uri}#page={page}",),
    "google-chrome": ("{uri}#page={page}",),
    "chromium": ("{uri}#page={page}",),
}
"""Viewers of PDF and their arguments. The name also stands in their desktop file's; pages count from 1."""

_AT_LINE: dict[str, tuple[str, ...]] = {
    "code": ("--goto", "{path}:{line}"),
    "codium": ("--goto", "{path}:{line}"),
    "subl": ("{path}:{line}",),
    "zed": ("{path}:{line}",),
    "hx": ("{path}:{line}",),
    "helix": ("{path}:{line}",),
}
"""Arguments of editors that do not take `+LINE FILE`."""
_PLUS_LINE = ("+{line}", "{path}")

_OWN_WINDOW = {"code", "codium", "subl", "zed", "gedit", "kate", "gnome-text-editor", "mousepad", "geany", "xed"}
"""Editors that do not need this terminal."""

_PLAIN = {"txt", "md", "markdown", "csv", "tsv", "json", "xml", "html", "htm", "yaml", "yml", "toml", "ini", "log"}
_NOT_PLAIN = {"pdf", "doc", "docx", "odt", "rtf", "epub", "xls", "xlsx", "ods", "ppt", "pptx", "odp", "msg", "zip"}

AT_ONCE = 2.0
"""Seconds in which a program says that it cannot open something, by its exit code."""


class CannotOpen(Exception):
    """Why a document cannot be opened this way, and what can be done, in one line."""


def viewer(path: Path, page: int | None) -> Command:
    """The command that shows a document to the user, at its page where the viewer can. Raises CannotOpen."""
    if not path.exists():
        raise CannotOpen("The file is gone. F2 and u bring the index up to date.")
    if path.suffix.lower() == ".pdf" and page is not None:
        name = default_application("application/pdf").lower()
        known = next((key for key in _AT_PAGE if key in name), None)
        if known and shutil.which(known):
            return [known, *_filled(_AT_PAGE[known], path, page=page)]
    for program in ("xdg-open", "gio", "open"):
        if shutil.which(program):
            return [program, "open", str(path)] if program == "gio" else [program, str(path)]
    raise CannotOpen("No program here opens documents (xdg-open). e opens text in $EDITOR, y copies the passage.")


def default_application(kind: str) -> str:
    """The desktop file that the system opens a type with; empty when it does not say."""
    if not shutil.which("xdg-mime"):
        return ""
    asked = subprocess.run(
        ["xdg-mime", "query", "default", kind],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=5,
    )
    return asked.stdout.strip().removesuffix(".desktop")


def folder_viewer(path: Path) -> Command:
    """The command that shows the folder of a document, with the document selected where possible."""
    if shutil.which("gdbus") and os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return [
            *("gdbus", "call", "--session", "--timeout", "5", "--dest", "org.freedesktop.FileManager1"),
            *("--object-path", "/org/freedesktop/FileManager1"),
            *("--method", "org.freedesktop.FileManager1.ShowItems", f'["{path.as_uri()}"]', ""),
        ]
    return viewer(path.parent, None)


def editor(path: Path, line: int) -> tuple[Command, bool]:
    """The command that edits a text file at a line, and whether it needs this terminal. Raises CannotOpen."""
    if not path.exists():
        raise CannotOpen("The file is gone. F2 and u bring the index up to date.")
    if path.suffix.lower().lstrip(".") in _NOT_PLAIN or not is_text(path):
        raise CannotOpen(f"A {path.suffix.lstrip('.').lower() or 'binary'} file is no text for an editor; o opens it.")
    program = _editor_program()
    name = Path(program[0]).name
    return [*program, *_filled(_AT_LINE.get(name, _PLUS_LINE), path, line=line)], name not in _OWN_WINDOW


def _filled(arguments: Sequence[str], path: Path, **numbers: int) -> list[str]:
    """The arguments with path and number put in; braces in the path stay as they are."""
    return [one.format(path=path, uri=path.as_uri(), **numbers) for one in arguments]


def _editor_program() -> Command:
    for variable in ("VISUAL", "EDITOR"):
        if value := os.environ.get(variable):
            try:
                words = shlex.split(value)
            except ValueError:
                raise CannotOpen(f"{variable} is not a command: {value}") from None
            if words and shutil.which(words[0]):
                return words
            raise CannotOpen(f"{variable} names {value}, which is not installed.")
    for name in ("nano", "vim", "vi", "micro", "emacs"):
        if shutil.which(name):
            return [name]
    raise CannotOpen("No editor was found: set EDITOR, for instance to nano.")


def is_text(path: Path) -> bool:
    """Whether a file looks like text: its ending, or no NUL byte at its beginning."""
    if path.suffix.lower().lstrip(".") in _PLAIN:
        return True
    try:
        with path.open("rb") as file:
            return b"\0" not in file.read(4096)
    except OSError:
        return False


def line_of(path: Path, text: str) -> int:
    """The 1-based line of a text file where a passage begins, as far as it can be found; else 1.

    The index holds a file's text without its markup, so the passage's first words are looked for, fewer and fewer.
    """
    words = text.split()
    try:
        content = path.read_text("utf-8", "replace")
    except OSError:
        return 1
    for number in (8, 4, 2):
        wanted = words[:number]
        if not wanted:
            return 1
        at = _find(content, wanted)
        if at >= 0:
            return content.count("\n", 0, at) + 1
    return 1


def _find(content: str, words: Sequence[str]) -> int:
    """Where these words follow each other, whatever blanks, line breaks and markup lie between them."""
    import re

    pattern = r"[\s\W]{1,12}".join(re.escape(word.strip("#*_`")) for word in words if word.strip("#*_`"))
    found = re.search(pattern, content) if pattern else None
    return found.start() if found else -1


def launch(command: Command) -> None:
    """Start a program that lives on its own. Raises CannotOpen when it ends at once with a failure."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise CannotOpen(f"{command[0]} does not start: {error.strerror}.") from None
    try:
        code = process.wait(timeout=AT_ONCE)
    except subprocess.TimeoutExpired:
        return
    if code:
        raise CannotOpen(f"{command[0]} could not open it (exit code {code}).")

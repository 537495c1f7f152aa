"""Opening, editing, showing the folder, copying: which command is run, with which arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from localsearch.records import Hit
from localsearch.tui import opening
from localsearch.tui.clipboard import quoted
from localsearch.tui.opening import CannotOpen
from tests.conftest import PATIENCE
from tests.tui.conftest import Play, play

Programs = Callable[[str], Path]
HOSTILE = "--help; $(touch pwned) `x` {page} 'q' \"d\".pdf"


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / HOSTILE
    path.write_bytes(b"%PDF")
    return path


def hit(path: Path, **other: object) -> Hit:
    plain = Hit(rank=1, path=path, member="", title="", page=3, heading="", score=0.5, text="a text", spans=())
    return replace(plain, **other)


@pytest.mark.parametrize(
    ("viewer", "arguments"),
    [
        ("org.gnome.Evince", ["evince", "--page-index=3", "{path}"]),
        ("org.kde.okular", ["okular", "--page", "3", "{path}"]),
        ("org.pwmt.zathura", ["zathura", "--page=3", "{path}"]),
        ("mupdf", ["mupdf", "{path}", "3"]),
        ("firefox", ["firefox", "{uri}#page=3"]),
    ],
)
def test_a_pdf_opens_at_its_page(
    viewer: str, arguments: list[str], document: Path, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs(arguments[0])
    monkeypatch.setattr(opening, "default_application", lambda _: viewer)
    expected = [one.replace("{path}", str(document)).replace("{uri}", document.as_uri()) for one in arguments]
    assert opening.viewer(document, 3) == expected


def test_the_system_says_what_the_viewer_is(document: Path, programs: Programs, tmp_path: Path) -> None:
    programs("evince")
    (tmp_path / "bin" / "xdg-mime").write_text("#!/bin/sh\necho org.gnome.Evince.desktop\n")
    (tmp_path / "bin" / "xdg-mime").chmod(0o755)
    assert opening.viewer(document, 7) == ["evince", "--page-index=7", str(document)]


def test_another_viewer_opens_without_the_page(document: Path, programs: Programs) -> None:
    programs("xdg-open")
    assert opening.viewer(document, 3) == ["xdg-open", str(document)]


def test_nothing_to_open_with_says_what_else_can_be_done(document: Path, programs: Programs) -> None:
    with pytest.raises(CannotOpen, match="xdg-open"):
        opening.viewer(document, 3)
    with pytest.raises(CannotOpen, match="gone"):
        opening.viewer(document.with_name("gone.pdf"), 3)


def test_a_failure_of_the_program_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "AT_ONCE", PATIENCE)
    with pytest.raises(CannotOpen, match="does not start"):
        opening.launch([str(tmp_path / "nothing")])
    with pytest.raises(CannotOpen, match="exit code 1"):
        opening.launch(["/bin/false"])


@pytest.mark.parametrize(
    ("editor", "arguments", "in_terminal"),
    [
        ("nano", ["nano", "+4", "{path}"], True),
        ("vim -p", ["vim", "-p", "+4", "{path}"], True),
        ("code --wait", ["code", "--wait", "--goto", "{path}:4"], False),
        ("hx", ["hx", "{path}:4"], True),
    ],
)
def test_an_editor_opens_at_the_line(
    editor: str,
    arguments: list[str],
    in_terminal: bool,
    programs: Programs,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "--x {line}.txt"
    path.write_text("text")
    programs(arguments[0])
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor)
    assert opening.editor(path, 4) == ([one.replace("{path}", str(path)) for one in arguments], in_terminal)


def test_no_editor_for_what_is_no_text(document: Path, tmp_path: Path, programs: Programs) -> None:
    with pytest.raises(CannotOpen, match="no text"):
        opening.editor(document, 1)
    (tmp_path / "x.bin").write_bytes(b"a\0b")
    with pytest.raises(CannotOpen, match="no text"):
        opening.editor(tmp_path / "x.bin", 1)
    (tmp_path / "x.txt").write_text("text")
    with pytest.raises(CannotOpen, match="EDITOR"):
        opening.editor(tmp_path / "x.txt", 1)


def test_the_line_of_a_passage_is_found_through_its_markup(tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    path.write_text("# Title\n\nOne.\n\n## The *second*\n  part\n\nTwo three.\n")
    assert opening.line_of(path, "The second part\n\nTwo three.") == 5
    assert opening.line_of(path, "Two three.") == 8
    assert opening.line_of(path, "not there at all") == 1
    assert opening.line_of(tmp_path / "gone", "One") == 1


def test_a_folder_is_shown_with_its_file_selected(
    document: Path, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs("gdbus")
    programs("xdg-open")
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    assert opening.folder_viewer(document) == ["xdg-open", str(document.parent)]
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/user/1000/bus")
    command = opening.folder_viewer(document)
    assert command[0] == "gdbus" and f'["{document.as_uri()}"]' in command


def test_a_copy_is_safe_to_paste_and_says_where_it_is_from() -> None:
    text = quoted(
        hit(Path("/x/a\x1b[2J.pdf"), heading="The\nheading"), "evil \x1b]0;title\x07\nline", 3, "The\nheading"
    )
    assert text == ("evil <U+001B>]0;title<U+0007>\nline\n\n[/x/a<U+001B>[2J.pdf, p. 3, The heading]\n")


def test_enter_opens_the_document(index: Path, programs: Programs) -> None:
    told = programs("xdg-open")

    async def scenario(it: Play) -> None:
        await it.find("landlord")
        await it.press("enter", "enter")
        await it.until(told.exists, "the program")
        assert told.read_text() == f"{index.parent}/documents/lease.md\n"
        assert it.app.memory.now.history == ("landlord",)

    play(index, scenario)


def test_without_a_program_the_problem_is_told(index: Path, programs: Programs) -> None:
    async def scenario(it: Play) -> None:
        await it.find("landlord")
        await it.press("enter", "r")
        await it.see("No program here opens documents")

    play(index, scenario)


def test_a_copy_goes_to_the_terminal_and_to_a_program(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, programs: Programs
) -> None:
    told = tmp_path / "copied"
    (tmp_path / "bin" / "wl-copy").write_text(f"#!/bin/sh\n/bin/cat > {told}\n")
    (tmp_path / "bin" / "wl-copy").chmod(0o755)
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")

    async def scenario(it: Play) -> None:
        await it.find("landlord")
        await it.press("ctrl+y")
        await it.see("Copied with its citation.")
        assert "The tenant" in it.app.clipboard and "lease.md, Lease]" in it.app.clipboard
        assert told.read_text() == it.app.clipboard

    play(index, scenario)


def test_a_terminal_without_clipboard_gets_the_text_to_select(index: Path, programs: Programs) -> None:
    async def scenario(it: Play) -> None:
        await it.find("landlord")
        await it.press("enter", "y")
        await it.see("Y shows it to be selected")
        await it.press("Y")
        await it.see("Select with Shift and the mouse", "lease.md, Lease]")
        await it.press("escape")
        await it.see("▤ md")

    play(index, scenario)

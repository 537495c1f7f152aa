"""Which files are found, which are not and why, and that a hostile tree costs one line."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from localsearch.errors import IndexDamaged, PathProblem, PathUnreadable, QueryError
from localsearch.ingest.discover import Scope, discover
from localsearch.paths import absolute
from localsearch.records import Skipped, SourceFile


def make(root: Path, *files: str) -> Path:
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {file}\n")
    return root


def found(root: Path, scope: Scope | None = None) -> list[str]:
    """Relative paths of the files that would be read."""
    start = absolute(root)
    items = discover(start, scope or Scope())
    return [os.fsdecode(os.path.relpath(item.path, start)) for item in items if isinstance(item, SourceFile)]


def skipped(root: Path, scope: Scope | None = None, *, explain: bool = False) -> dict[str, str]:
    """Relative path and reason of what is not read."""
    start = os.fsdecode(absolute(root))
    items = discover(absolute(root), scope or Scope(), explain=explain)
    return {os.path.relpath(item.path, start): item.reason for item in items if isinstance(item, Skipped)}


def test_files_come_sorted_with_their_size_and_time(tmp_path: Path) -> None:
    make(tmp_path, "b.txt", "a/z.txt", "a/b/c.txt", "a.txt", "B.txt")
    os.utime(tmp_path / "a.txt", ns=(5, 1_234_567_890_123_456_789))
    assert found(tmp_path) == ["B.txt", "a/b/c.txt", "a/z.txt", "a.txt", "b.txt"]
    item = list(discover(absolute(tmp_path), Scope()))[3]
    assert item == SourceFile(os.fsencode(tmp_path / "a.txt"), 17, 1_234_567_890_123_456_789)


def test_an_empty_file_is_listed_and_a_large_one_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    with (tmp_path / "sparse.txt").open("wb") as file:
        file.truncate(5 << 30)
    (tmp_path / "small.txt").write_bytes(b"x" * 100)
    assert found(tmp_path) == ["empty.txt", "small.txt"]
    assert skipped(tmp_path) == {"sparse.txt": "larger than 200 MB"}
    assert found(tmp_path, Scope(max_bytes=99)) == ["empty.txt"]


@pytest.mark.parametrize(
    "name",
    [
        *(".git/config", ".ssh/known_hosts", ".gnupg/pubring.kbx", ".aws/config", "backup/.kube/config"),
        *("id_rsa", "id_ed25519.old", "server.pem", "SERVER.KEY", "vault.kdbx", "cert.pfx", "cert.p12", "office.ovpn"),
        *(".env", ".env.local", "prod.env", ".netrc", ".npmrc", ".pypirc", ".bash_history", "wallet.dat"),
        *("logins.json", "Cookies", "client_secret_1.apps.json", "my.opvault/default/band_0.js"),
        *("profile/key4.db", "Chrome/Local State", "Chrome/Default/Login Data"),
    ],
)
def test_secrets_are_never_read(tmp_path: Path, name: str) -> None:
    make(tmp_path, name, "letter.txt")
    if "/" in name:
        make(tmp_path, f"{Path(name).parent}/neighbour.txt")
    for scope in (Scope(), Scope(hidden=True, ignore_files=False), Scope(hidden=True, include=("*",))):
        assert found(tmp_path, scope) == ["letter.txt"]
    assert len(skipped(tmp_path, explain=True)) == 1


@pytest.mark.parametrize(
    "name",
    [
        *("CVs/Jane Roe.docx", "Keychains/prices.xlsx", "Chromium/safety data sheet.pdf", "Bitwarden/rollout.md"),
        *("environment.md", "keys.txt", "credentials.docx", "cookies.txt", "target/plan.md", "build/permit.pdf"),
        *("~notes.txt", "temp.txt", "part.docx", "venv/plan.md", "a.tmp/b.txt", "Index/localsearch.db.md"),
    ],
)
def test_documents_with_names_like_those_left_out_are_read(tmp_path: Path, name: str) -> None:
    assert found(make(tmp_path, name)) == [name]


@pytest.mark.parametrize(
    ("name", "left_out", "reason"),
    [
        (".hidden.txt", ".hidden.txt", "hidden"),
        (".config/app/x.txt", ".config", "hidden"),
        ("repo/.hg/x.txt", "repo/.hg", "version control data"),
        ("node_modules/p/readme.md", "node_modules", "generated or downloaded by a program"),
        ("env/pyvenv.cfg", "env", "generated or downloaded by a program"),
        ("target/CACHEDIR.TAG", "target", "generated or downloaded by a program"),
        ("~$report.docx", "~$report.docx", "temporary or lock file"),
        (".~lock.report.odt#", ".~lock.report.odt#", "temporary or lock file"),
        ("film.mp4.crdownload", "film.mp4.crdownload", "temporary or lock file"),
        ("Thumbs.db", "Thumbs.db", "system file"),
        ("$RECYCLE.BIN/x.txt", "$RECYCLE.BIN", "system file"),
        ("old index/localsearch.db", "old index", "an index of localsearch"),
        (".env", ".env", "may hold passwords or keys"),
    ],
)
def test_what_a_rule_leaves_out_is_told_only_on_request(tmp_path: Path, name: str, left_out: str, reason: str) -> None:
    make(tmp_path, name)
    assert list(discover(absolute(tmp_path), Scope())) == []
    assert skipped(tmp_path, explain=True) == {left_out: reason}


def test_hidden_files_are_read_on_request(tmp_path: Path) -> None:
    make(tmp_path, ".notes/today.md", ".plan.txt", ".DS_Store", ".git/HEAD")
    assert found(tmp_path, Scope(hidden=True)) == [".notes/today.md", ".plan.txt"]


def test_include_and_exclude_read_like_gitignore(tmp_path: Path) -> None:
    make(
        tmp_path, "a.pdf", "a.txt", "drafts/b.pdf", "contracts/2024/c.txt", "contracts/2024/c.log", "x/contracts/d.txt"
    )
    assert found(tmp_path, Scope(include=("*.pdf",))) == ["a.pdf", "drafts/b.pdf"]
    assert found(tmp_path, Scope(include=("/contracts/",))) == ["contracts/2024/c.log", "contracts/2024/c.txt"]
    assert found(tmp_path, Scope(include=("contracts/", "!*.log"))) == ["contracts/2024/c.txt", "x/contracts/d.txt"]
    assert found(tmp_path, Scope(include=("*.pdf",), exclude=("drafts/",))) == ["a.pdf"]
    assert found(tmp_path, Scope(exclude=("**/2024/**", "*.pdf", "x"))) == ["a.txt"]
    reasons = skipped(tmp_path, Scope(include=("*.pdf",), exclude=("drafts/",)), explain=True)
    assert reasons["a.txt"] == "not among the included"
    assert reasons["drafts"] == "excluded"


@pytest.mark.parametrize("pattern", ["[a", "", "   ", "# note", "end\\"])
def test_a_pattern_that_names_nothing_is_refused(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(QueryError, match="names nothing"):
        discover(absolute(tmp_path), Scope(include=(pattern,)))


def test_symbolic_links_are_not_followed(tmp_path: Path) -> None:
    outside = make(tmp_path / "outside", "secret.txt")
    root = make(tmp_path / "root", "a/file.txt")
    (root / "a" / "up").symlink_to(root)
    (root / "dangling.txt").symlink_to("nowhere")
    (root / "self.txt").symlink_to("self.txt")
    (root / "outside").symlink_to(outside)
    (root / "outside.txt").symlink_to(outside / "secret.txt")
    assert found(root) == ["a/file.txt"]
    assert skipped(root) == {}
    assert set(skipped(root, explain=True).values()) == {"symbolic link"}


def test_only_regular_files_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "file.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.txt")
        assert found(tmp_path) == ["file.txt"]
        assert skipped(tmp_path) == {
            "pipe.txt": "not a regular file (named pipe)",
            "socket.txt": "not a regular file (socket)",
        }


def test_hard_links_are_listed_once(tmp_path: Path) -> None:
    make(tmp_path, "b/first.txt")
    os.link(tmp_path / "b" / "first.txt", tmp_path / "c.txt")
    os.link(tmp_path / "b" / "first.txt", tmp_path / "a.txt")
    assert found(tmp_path) == ["a.txt"]
    assert skipped(tmp_path, explain=True)["c.txt"] == "another name of a file already listed"


def pretend_root(monkeypatch: pytest.MonkeyPatch, root: Path, field: int, value: int) -> bytes:
    """Let the root look as if one number of its status were another: mounting needs rights that a test lacks."""
    values = list(root.lstat())
    values[field] = value
    monkeypatch.setattr(os, "lstat", lambda _: os.stat_result(values))
    monkeypatch.setattr(os.path, "realpath", lambda path: path)
    return os.fsencode(root)


def test_a_folder_that_a_mount_shows_twice_is_entered_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a/file.txt", "b/file.txt")
    start = pretend_root(monkeypatch, tmp_path, 1, (tmp_path / "a").stat().st_ino)
    assert [item.path for item in discover(start, Scope()) if isinstance(item, SourceFile)] == [start + b"/b/file.txt"]
    reasons = [item.reason for item in discover(start, Scope(), explain=True) if isinstance(item, Skipped)]
    assert reasons == ["another place of a folder already listed"]


def test_the_walk_stays_on_one_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "mount/file.txt", "here.txt")
    start = pretend_root(monkeypatch, tmp_path, 2, tmp_path.stat().st_dev + 1)
    items = list(discover(start, Scope()))
    assert [item.path for item in items if isinstance(item, SourceFile)] == [start + b"/here.txt"]
    assert [item.reason for item in items if isinstance(item, Skipped)] == [
        "on another file system; index it by its own path"
    ]


def test_odd_names_keep_their_bytes(tmp_path: Path) -> None:
    names = [
        b"not utf-8 \xff\xfe.txt",
        b"line\nbreak.txt",
        b"\x1b[31mred.txt",
        "RTL \u202egnp.txt".encode(),
        b"-rf.txt",
    ]
    for name in names:
        (tmp_path / os.fsdecode(name)).write_text("x")
    os.mkfifo(tmp_path / os.fsdecode(b"pipe \xff"))
    items = list(discover(os.fsencode(tmp_path), Scope()))
    files = [os.path.basename(item.path) for item in items if isinstance(item, SourceFile)]
    assert files == sorted(names)
    assert [os.fsencode(item.path) for item in items if isinstance(item, Skipped)] == [
        os.fsencode(tmp_path) + b"/pipe \xff"
    ]


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A place for trees too deep for `shutil.rmtree`."""
    root = tmp_path / "deep"
    root.mkdir()
    yield root
    subprocess.run(["rm", "-rf", root], check=True)


def _dig(root: Path, name: str, depth: int) -> int:
    """Folders below each other, made one step at a time. Gives a descriptor of the last."""
    here = os.open(root, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=here)
        inner = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    return here


def _write_at(folder: int, name: str) -> None:
    os.close(os.open(name, os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=folder))
    os.close(folder)


def test_a_tree_may_be_deeper_than_the_stack(deep: Path) -> None:
    depth = sys.getrecursionlimit() + 400
    _write_at(_dig(deep, "d", depth), "deep.txt")
    assert found(deep) == ["d/" * depth + "deep.txt"]


def test_paths_too_long_for_the_system_cost_one_line(deep: Path) -> None:
    _write_at(_dig(deep, "d" * 100, 50), "deep.txt")
    make(deep, "last.txt")
    assert found(deep) == ["last.txt"]
    assert list(skipped(deep).values()) == ["path longer than 4,096 bytes"]


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree in which the system refuses to list `locked`, also to root."""
    make(tmp_path, "locked/file.txt", "open/file.txt")
    scandir = os.scandir

    def refusing(path: bytes) -> Iterator[os.DirEntry[bytes]]:
        if os.fsencode(path).endswith(b"/locked"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    return tmp_path


def test_a_folder_that_cannot_be_read_is_one_line(locked: Path) -> None:
    assert found(locked) == ["open/file.txt"]
    assert skipped(locked) == {"locked": "permission denied"}


def test_a_root_that_cannot_be_read_is_an_error(locked: Path) -> None:
    with pytest.raises(PathUnreadable, match="permission denied"):
        discover(absolute(locked / "locked"), Scope())


def test_a_folder_that_goes_away_during_the_walk_is_no_failure(tmp_path: Path) -> None:
    make(tmp_path, "a/file.txt", "b/file.txt")
    walk = discover(absolute(tmp_path), Scope())
    assert isinstance(next(walk), SourceFile)
    (tmp_path / "b" / "file.txt").unlink()
    (tmp_path / "b").rmdir()
    assert list(walk) == []


def test_a_file_named_itself_is_read(tmp_path: Path) -> None:
    make(tmp_path, ".hidden/id_rsa", ".gitignore")
    (tmp_path / ".gitignore").write_text("*\n")
    path = absolute(tmp_path / ".hidden" / "id_rsa")
    assert [item.path for item in discover(path, Scope()) if isinstance(item, SourceFile)] == [path]
    os.truncate(path, 2 << 20)
    assert list(discover(path, Scope(max_bytes=1 << 20))) == [Skipped(os.fsdecode(path), "larger than 1 MB")]


def test_roots_that_are_no_documents_are_errors(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    make(tmp_path, "index/localsearch.db", "docs/file.txt")
    (tmp_path / "loop").symlink_to("loop")
    for name, message in {
        "nowhere": "does not exist",
        "docs/file.txt/more": "does not exist",
        "pipe": "is a named pipe",
        "loop": "symbolic link that leads nowhere",
        "index": "is an index of localsearch",
    }.items():
        with pytest.raises(PathProblem, match=message):
            discover(absolute(tmp_path / name), Scope())


def test_a_root_behind_a_link_is_refused_with_its_real_place(tmp_path: Path) -> None:
    make(tmp_path, "real/file.txt")
    (tmp_path / "link").symlink_to("real")
    assert found(tmp_path / "link") == ["file.txt"], "absolute() names the real folder"
    with pytest.raises(PathProblem, match="symbolic link") as caught:
        discover(os.fsencode(tmp_path / "link"), Scope())
    assert str(tmp_path / "real") in caught.value.hint


def test_a_scope_survives_the_database() -> None:
    scope = Scope(include=("*.pdf", "ä\udcff"), exclude=("x/",), hidden=True, max_bytes=7, ignore_files=False)
    assert Scope.from_json(scope.to_json()) == scope
    assert Scope.from_json(Scope().to_json()) == Scope()
    for broken in ("", "[]", "{}", '{"include": 1, "exclude": []}', '{"include": [], "exclude": [], "more": 1}'):
        with pytest.raises(IndexDamaged):
            Scope.from_json(broken)

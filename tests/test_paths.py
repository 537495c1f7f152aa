"""Which index is meant, how paths are written, and which disks an index must not be on."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localsearch import paths
from localsearch.paths import absolute, file_system, find_index, is_network_mount, shown

MOUNTS = """\
22 27 0:21 / /proc rw,relatime shared:5 - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda1 rw
31 27 0:40 / /srv/share rw - nfs4 server:/export rw
32 27 0:41 / /srv/with\\040blank rw - cifs //server/share rw
33 31 0:42 / /srv/share/local rw - xfs /dev/vdb rw
34 27 0:43 / /home/me/far rw - fuse.sshfs me@host: rw
35 27 0:44 / /home/me/crypt rw - fuse.gocryptfs crypt rw
36 27 0:45 / /twice rw - ext4 /dev/vdc rw
37 36 0:46 / /twice rw master:3 propagate_from:2 - nfs server:/b rw
"""


def test_the_order_of_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    home = Path(os.environ["HOME"])
    assert find_index() == paths.IndexChoice(home / ".local/share/localsearch/index", "the user's data folder")
    (tmp_path / "index").mkdir()
    assert find_index().why == "the user's data folder", "a folder named index need not be one"
    (tmp_path / "index" / "localsearch.db").touch()
    assert find_index() == paths.IndexChoice(tmp_path / "index", "./index")
    monkeypatch.setenv("LOCALSEARCH_INDEX", "other")
    assert find_index() == paths.IndexChoice(tmp_path / "other", "LOCALSEARCH_INDEX")
    assert find_index(Path("named")) == paths.IndexChoice(tmp_path / "named", "--index")


def test_an_empty_variable_names_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOCALSEARCH_INDEX", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert find_index() == paths.IndexChoice(tmp_path / "localsearch" / "index", "the user's data folder")


def test_one_folder_is_one_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "real"
    folder.mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(folder)
    same = os.fsencode(folder)
    for name in (folder, "../link", b".", str(folder) + "/", f"{tmp_path}//link/../real/."):
        assert absolute(name) == same
    assert absolute(tmp_path / "not" / ".." / "there") == os.fsencode(tmp_path / "there")
    assert absolute(os.fsdecode(b"\xff")) == same + b"/\xff"


@given(st.binary(max_size=40))
def test_shown_is_text_that_can_be_stored(path: bytes) -> None:
    assert shown(path).encode("utf-8").decode("utf-8") == shown(path)


@pytest.mark.parametrize("path", ["/a/b.txt", "/ä/契約.pdf", "/line\nbreak", "/back\\slash"])
def test_text_is_shown_as_it_is(path: str) -> None:
    assert shown(os.fsencode(path)) == path


def test_odd_bytes_are_shown_by_number_and_survive_json() -> None:
    path = b"/not utf-8 \xff\xfe.txt"
    assert shown(path) == r"/not utf-8 \xff\xfe.txt"
    assert os.fsencode(json.loads(json.dumps(os.fsdecode(path)))) == path


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        *(("/", "ext4"), ("/home/me", "ext4"), ("/srv/shared", "ext4"), ("/proc/self", "proc")),
        *(("/srv/share", "nfs4"), ("/srv/share/index", "nfs4"), ("/srv/share/local/index", "xfs")),
        *(("/srv/with blank/x", "cifs"), ("/home/me/far/x", "fuse.sshfs"), ("/home/me/crypt/x", "fuse.gocryptfs")),
        ("/twice/index", "nfs"),
    ],
)
def test_the_mount_that_counts(path: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert file_system(path, MOUNTS) == kind
    (tmp_path / "mountinfo").write_text(MOUNTS)
    monkeypatch.setattr(paths, "MOUNTS", tmp_path / "mountinfo")
    assert is_network_mount(Path(path)) == (kind in {"nfs", "nfs4", "cifs", "fuse.sshfs"})


def test_this_machine_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert file_system("/proc", Path("/proc/self/mountinfo").read_text()) == "proc"
    monkeypatch.setattr(paths, "MOUNTS", tmp_path / "nowhere")
    assert not is_network_mount(tmp_path)

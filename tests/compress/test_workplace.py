"""Where a training keeps its text: looked at by somebody who searches the whole disk for it, and by a full disk."""

from __future__ import annotations

import io
import os
import re
import resource
import signal
import stat
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer

from localsearch.errors import EncoderError, IndexBusy, LocalSearchError, PathProblem, StorageError
from localsearch.paths import encoders_folder, trainings_folder
from localsearch.trainings import discard, locked, training_folder, unfinished
from tests.compress.test_distill import one_thread, seeded, write_text
from tests.conftest import TINY

__all__ = ["one_thread"]

pytestmark = [
    pytest.mark.compress,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),  # torch's own
]

SENTENCES = 20
TOKENIZER = Tokenizer.from_file(str(TINY / "tokenizer.json"))


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from localsearch.compress.build import About, build

    place = tmp_path_factory.mktemp("teacher")
    about = About(name="teacher", licence="MIT", origin="seed 3", notice="none", max_tokens=128, command="pytest")
    build(seeded(positions=128), TINY, about, exact=place / "float32", small=place / "int8")
    return place / "int8"


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    write_text(tmp_path / "docs" / "words.md")
    return tmp_path / "docs"


@pytest.fixture(autouse=True)
def everything_is_readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The user's umask lets everybody read, and temporary files are searched as well."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    before = os.umask(0)
    yield
    os.umask(before)


# The attacker: every byte below every folder, containers unpacked, word pieces spelled out again


def leaks(documents: Path, *places: Path) -> list[Path]:
    """Every file that holds one of twenty sentences of the training text."""
    lines = [line for line in (documents / "words.md").read_text().splitlines() if line]
    wanted = [bare(line) for line in lines[:: len(lines) // SENTENCES][:SENTENCES]]
    assert len(set(wanted)) > SENTENCES // 2
    files = [path for place in places for path in place.rglob("*") if path.is_file() and documents not in path.parents]
    return [path for path in files if any(one in text for text in readings(path.read_bytes()) for one in wanted)]


def readings(content: bytes) -> Iterator[str]:
    yield bare(content.decode("utf-8", "replace"))
    yield bare(content.decode("utf-16-le", "replace"))
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                inner = packed.read(name)
                yield from readings(inner)
                if name.endswith(".npy"):
                    array = np.load(io.BytesIO(inner), allow_pickle=False)
                    if array.dtype.kind == "i" and array.ndim == 1 and len(array) > 3:
                        yield bare(TOKENIZER.decode(array.tolist()))


def bare(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()


def everywhere(tmp_path: Path) -> tuple[Path, ...]:
    return tmp_path, Path(os.environ["HOME"])


def assert_private(folder: Path) -> None:
    for path in (folder.parent, folder, *folder.rglob("*")):
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


Run = Callable[..., str]


@pytest.fixture
def run(teacher: Path, documents: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    from localsearch.cli.app import command

    def distil(*arguments: str) -> str:
        fixed = ["model", "distill", "--teacher", str(teacher), "--text", str(documents), "--layers", "1", "--out", "s"]
        command().main([*fixed, *arguments], standalone_mode=False)
        told = capsys.readouterr()
        return told.out + told.err

    return distil


@pytest.fixture
def unpublished(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The trainings that came to their end; exporting them takes longer than training them."""
    ended: list[Any] = []
    monkeypatch.setattr("localsearch.cli.model.distill._publish", lambda done, *_: ended.append(done))
    return ended


@contextmanager
def pressed_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ctrl-C while that step is under way."""
    from localsearch.compress.distill.train import Training

    learn = Training._learn

    def interrupted(self: Training) -> None:
        if self.step + 1 == step:
            os.kill(os.getpid(), signal.SIGINT)
        learn(self)

    with monkeypatch.context() as patch:
        patch.setattr(Training, "_learn", interrupted)
        yield


def test_nothing_is_left_after_publishing(run: Run, documents: Path, tmp_path: Path) -> None:
    told = run("--steps", "3")
    assert leaks(documents, *everywhere(tmp_path)) == [] and unfinished() == []
    made = encoders_folder() / "s"
    assert (made / "curve.svg").read_text().startswith("<svg")
    assert stat.S_IMODE(made.stat().st_mode) == 0o700, "weights remember something of the text"
    assert told.rstrip().endswith("`localsearch model use s` changes the index to it.")
    assert list((tmp_path / "tmp").iterdir()) == []


def test_nothing_is_left_after_an_estimate(run: Run, documents: Path, tmp_path: Path) -> None:
    assert "without --estimate" in run("--estimate")
    assert leaks(documents, *everywhere(tmp_path)) == [] and unfinished() == []


def test_ctrl_c_keeps_the_step_under_way_and_status_lists_it(
    run: Run, documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pressed_at(4, monkeypatch), pytest.raises(LocalSearchError, match="interrupted") as caught:
        run("--steps", "40")
    assert "model discard s" in caught.value.hint
    folder = training_folder(encoders_folder() / "s")
    found = leaks(documents, *everywhere(tmp_path))
    assert found and {path.parent for path in found} == {folder}
    assert_private(folder)
    assert [(one.name, one.folder) for one in unfinished()] == [("s", folder)]
    assert listed(tmp_path, capsys) == ["s"]

    run("--estimate", "--steps", "40")
    assert folder.exists(), "an estimate gives up no training"
    assert "step 40 of 40" in run("--steps", "40")
    assert leaks(documents, *everywhere(tmp_path)) == []


def listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Names of the trainings that `localsearch status` shows."""
    import json

    from localsearch import Index
    from localsearch.cli.app import command

    with Index.create(tmp_path / "index", encoder=TINY):
        pass
    capsys.readouterr()
    command().main(["status", "--index", str(tmp_path / "index"), "--json"], standalone_mode=False)
    names = [one["name"] for one in json.loads(capsys.readouterr().out)["trainings"]]
    command().main(["status", "--index", str(tmp_path / "index")], standalone_mode=False)
    assert f"`localsearch model discard {names[0]}`" in capsys.readouterr().out
    return names


KILLED = """
import os, signal, sys
os.umask(0)
from localsearch.compress.distill import train
save = train.Training.save
def killed(self):
    save(self)
    if self.step >= 4:
        os.kill(os.getpid(), signal.SIGKILL)
train.Training.save = killed
from localsearch.cli.app import command
command().main(sys.argv[1:], standalone_mode=False)
"""


def test_what_a_killed_training_leaves_is_private_listed_and_discarded(
    teacher: Path, documents: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["model", "distill", "--teacher", str(teacher), "--text", str(documents), "--layers", "1", "--steps", "12"]
    out = tmp_path / "elsewhere" / "s"
    killed = subprocess.run([sys.executable, "-c", KILLED, *words, "--out", str(out)], capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    (training,) = unfinished()
    assert training.name == str(out) and training.folder.parent == trainings_folder()
    found = leaks(documents, *everywhere(tmp_path))
    assert found and {path.parent for path in found} == {training.folder}
    assert_private(training.folder)
    assert listed(tmp_path, capsys) == [str(out)]

    from localsearch.cli.app import command

    command().main(["model", "discard", str(out)], standalone_mode=False)
    assert leaks(documents, *everywhere(tmp_path)) == [] and unfinished() == []
    with pytest.raises(EncoderError, match="There is no training"):
        discard(str(out))


def test_forget_names_the_trainings_that_may_hold_the_text(
    run: Run, documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from localsearch import Index
    from localsearch.cli.app import command

    with pressed_at(2, monkeypatch), pytest.raises(LocalSearchError, match="interrupted"):
        run("--steps", "40")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.txt").write_text("The book of the water.")
    with Index.create(tmp_path / "index", encoder=TINY) as index:
        index.add(documents, tmp_path / "other")
    capsys.readouterr()
    for path, named in ((tmp_path / "other" / "a.txt", False), (documents / "words.md", True)):
        command().main(["forget", "--yes", "--index", str(tmp_path / "index"), str(path)], standalone_mode=False)
        told = capsys.readouterr()
        assert ("model discard s" in told.err) is named


def test_nobody_trains_twice_in_one_place_or_discards_what_is_trained(run: Run) -> None:
    folder = training_folder(encoders_folder() / "s")
    folder.mkdir(parents=True)
    with locked(folder):
        with pytest.raises(IndexBusy):
            run("--steps", "3")
        with pytest.raises(IndexBusy):
            discard("s")
    assert folder.exists()


# Disks and files


@contextmanager
def full_after(size: int) -> Iterator[None]:
    """No file may become larger: what a full disk is to a program."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [2_000, 60_000, 300_000], ids=["text", "checkpoint", "model"])
def test_a_full_disk_is_one_line_and_leaves_no_encoder(run: Run, tmp_path: Path, size: int) -> None:
    with full_after(size), pytest.raises(StorageError, match="Cannot write the encoder to") as caught:
        run("--steps", "6", "--quiet")
    assert "\n" not in caught.value.message and caught.value.exit_code == 4
    assert not (encoders_folder() / "s").exists()
    assert not list((tmp_path / "tmp").iterdir())


@pytest.mark.parametrize("name", ["stream.npz", "checkpoint.pt"])
@pytest.mark.usefixtures("unpublished")
def test_a_truncated_file_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with pressed_at(2, monkeypatch), pytest.raises(LocalSearchError, match="interrupted"):
        run("--steps", "40")
    path = training_folder(encoders_folder() / "s") / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(EncoderError, match=re.escape(name) + " is damaged") as caught:
        run("--steps", "40")
    assert "\n" not in caught.value.message and "model discard s" in caught.value.hint
    discard("s")
    run("--steps", "2")


@pytest.mark.usefixtures("unpublished")
def test_a_typo_in_the_text_does_not_stand_in_the_way_of_the_right_command(run: Run, tmp_path: Path) -> None:
    with pytest.raises(PathProblem):
        run("--text", str(tmp_path / "typo"), "--steps", "2")
    assert unfinished() == []
    run("--steps", "2")


def test_an_encoder_that_vanishes_is_one_line(
    teacher: Path, run: Run, documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    from localsearch.cli.model import distill
    from localsearch.encoder.card import read_card, refuse_strangers

    moved = tmp_path / "teacher"
    shutil.copytree(teacher, moved)
    card = read_card(moved)

    def vanish(_: Any, training: Any) -> None:
        shutil.rmtree(moved, ignore_errors=True)

    monkeypatch.setattr(distill.Teller, "__call__", vanish)
    with pytest.raises(LocalSearchError) as caught:
        run("--teacher", str(moved), "--steps", "3")
    assert "\n" not in caught.value.message and str(moved) in caught.value.message
    with pytest.raises(EncoderError, match="No encoder at"):
        refuse_strangers(moved, card)


# Time


@pytest.mark.parametrize("steps", [60, 9])
def test_steps_may_be_raised_or_lowered_later(
    run: Run, monkeypatch: pytest.MonkeyPatch, unpublished: list[Any], steps: int
) -> None:
    with pressed_at(6, monkeypatch), pytest.raises(LocalSearchError, match="interrupted"):
        run("--steps", "40")
    taken: list[int] = []
    _count(monkeypatch, taken)
    run("--steps", str(steps))
    assert taken == list(range(6, steps)), "nothing is learned twice"
    (done,) = unpublished
    assert done.training.step == steps == done.config.steps
    assert done.training.learning_rate_share(steps - 1) < 0.2, "it ends as if it had been so many steps always"


def _count(monkeypatch: pytest.MonkeyPatch, taken: list[int]) -> None:
    """Note the number of every step that is learned."""
    from localsearch.compress.distill.train import Training

    learn = Training._learn

    def counted(self: Training) -> None:
        taken.append(self.step)
        learn(self)

    monkeypatch.setattr(Training, "_learn", counted)


def test_minutes_instead_of_steps(run: Run, monkeypatch: pytest.MonkeyPatch, unpublished: list[Any]) -> None:
    from localsearch.compress.distill.train import Training

    monkeypatch.setattr(Training, "seconds_a_step", lambda _: 0.1)
    run("--minutes", "0.1")
    (done,) = unpublished
    assert done.config.steps == done.training.step == 60
    monkeypatch.setattr(Training, "seconds_a_step", lambda _: 1.0)
    with pytest.raises(EncoderError, match="the time allows 6 of them only"):
        run("--minutes", "0.1")


def test_minutes_count_those_of_the_runs_before(
    run: Run, monkeypatch: pytest.MonkeyPatch, unpublished: list[Any]
) -> None:
    from localsearch.compress.distill.train import Training

    monkeypatch.setattr(Training, "seconds_a_step", lambda _: 0.1)
    with pressed_at(6, monkeypatch), pytest.raises(LocalSearchError, match="interrupted"):
        run("--minutes", "0.1")
    resume = Training.resume

    def older(self: Training) -> bool:
        found = resume(self)
        self.seconds = 4.0
        return found

    monkeypatch.setattr(Training, "resume", older)
    run("--minutes", "0.1")
    assert unpublished[0].training.step == 6 + 20, "two of six seconds were left"


@pytest.mark.usefixtures("unpublished")
def test_a_checkpoint_is_written_every_few_minutes(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from localsearch.compress.distill import train

    saved: list[int] = []
    monkeypatch.setattr(train, "SAVE_EVERY", 0.0)
    monkeypatch.setattr(train.Training, "save", lambda self: saved.append(self.step))
    run("--steps", "12")
    assert saved == list(range(1, 13)), "also between two looks"

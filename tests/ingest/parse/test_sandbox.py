"""What a parser that was taken over can do: compute, read the libraries, answer. Everything else is refused."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from localsearch.ingest.parse.pool import ParserPool
from localsearch.privacy import WorkerSeal
from tests.ingest.parse import escaping
from tests.ingest.parse.conftest import parse_bytes


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What came of every attempt, made by the real worker behind the real seal."""
    folder = tmp_path_factory.mktemp("outside")
    secret = folder / "secret.txt"
    secret.write_text("secret")
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as local,
        ParserPool(1, module="tests.ingest.parse.escaping") as pool,
    ):
        local.bind(str(folder / "socket"))
        local.listen()
        places = {
            "port": server.getsockname()[1],
            "socket": str(folder / "socket"),
            "new": str(folder / "new.txt"),
            "secret": str(secret),
        }
        parsed = parse_bytes(pool, json.dumps(places).encode(), "attempts.txt")
        assert parsed.reason == ""
        assert pool.seal == WorkerSeal(system_calls=True, files=True, limits=True)
        yield json.loads(parsed.documents[0].text)
    assert secret.read_text() == "secret"
    assert not (folder / "new.txt").exists()


@pytest.mark.parametrize("attempt", sorted(escaping.ATTEMPTS.keys() - set(escaping.ALLOWED)))
def test_refused(outcomes: dict[str, str], attempt: str) -> None:
    assert outcomes[attempt].startswith("refused"), attempt


@pytest.mark.parametrize("attempt", escaping.ALLOWED)
def test_allowed(outcomes: dict[str, str], attempt: str) -> None:
    """The control: the attempts fail for want of permission, not because they are written wrongly."""
    assert outcomes[attempt] == "done"


def test_attempts_succeed_without_the_seal(tmp_path: Path) -> None:
    """The other control, for what can be done here without harm."""
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    places = {"new": str(tmp_path / "new.txt"), "secret": str(secret)}
    for attempt in ("write", "read outside", "read a library", "list outside", "run a program", "overwrite", "delete"):
        assert escaping.outcome(escaping.ATTEMPTS[attempt], places) == "done"

"""One worker process seen from the parent: start it, ask it, and never trust it."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import mmap
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from localsearch.ingest.parse import protocol, unpacking
from localsearch.ingest.parse.limits import Limits
from localsearch.ingest.parse.patience import Patience
from localsearch.privacy import WorkerSeal
from localsearch.records import Parsed

LIBRARIES = ("kreuzberg", "charset_normalizer", "markdown_it", "mdurl")
"""Packages that a worker imports, besides our own."""
WORKER = "localsearch.ingest.parse.worker"

# -I and -S leave the standard library alone on the path: no current folder, no PYTHON* variables, no .pth files, and
# with them no module that lies among documents. The folders of the few packages that a worker imports are added.
_START = (
    "import importlib, json, sys; start = json.loads(sys.argv[1]); sys.path += start['path']; "
    "importlib.import_module(start['module']).main(start)"
)
_ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "HOME": f"{os.devnull}/none",  # without one, kreuzberg asks the system's user database for it
    # Threads and their heaps count towards the memory limit, above all on a machine with many cores.
    "TOKIO_WORKER_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
}
_KEPT_VARIABLES = ("LD_LIBRARY_PATH",)
_ENDED_FROM_OUTSIDE = (-signal.SIGKILL, -signal.SIGTERM)
"""Exit statuses of a worker that the system ended for want of memory, or somebody."""
_CHUNK = 1024 * 1024


class WorkerFault(Exception):
    """The worker is gone, or had to go, and why: one line, lower case."""

    def __init__(self, reason: str, *, transient: bool = False) -> None:
        """`transient`: the machine and not the document is the likely cause; see `Parsed.transient`."""
        super().__init__(reason)
        self.transient = transient


class WorkerProcess:
    """A worker. After a WorkerFault it is dead: start another."""

    def __init__(self, limits: Limits, module: str = WORKER) -> None:
        """Start it. Raises OSError."""
        self._limits = limits
        self._last_words = b""
        self.documents = 0
        self.seal = WorkerSeal(system_calls=False, files=False, limits=False)
        """What it found to hold; nothing before `wait_until_sealed`."""
        self._folder = unpacking.make()
        self._connection, theirs = socket.socketpair()
        self._stderr, stderr = os.pipe()
        os.set_blocking(self._stderr, False)
        os.set_blocking(stderr, False)  # a worker that talks too much loses words instead of waiting
        try:
            self._process = _spawn(limits, module, theirs.fileno(), stderr, self._folder)
        except BaseException:
            self._connection.close()
            os.close(self._stderr)
            unpacking.remove(self._folder)
            raise
        finally:
            theirs.close()
            os.close(stderr)

    def wait_until_sealed(self) -> None:
        """Wait until it is ready for documents. Raises WorkerFault, with its last words if there are any."""
        with self._killed_on_fault():
            try:
                self.seal = _seal(self._receive(Patience(self._process.pid, self._limits)))
            except WorkerFault as fault:
                words = self._last_words.decode(errors="replace").strip().rpartition("\n")[2]
                raise WorkerFault(f"{fault}: {words}" if words else str(fault), transient=fault.transient) from None
        unpacking.remove(self._folder)

    def parse(self, descriptor: int, name: str) -> Parsed:
        """Hand over one open file and wait for what is in it. Raises WorkerFault, and OSError for a bad descriptor."""
        self.documents += 1
        patience = Patience(self._process.pid, self._limits)
        body = json.dumps([name, os.fstat(descriptor).st_size]).encode()
        with self._killed_on_fault():
            try:
                self._connection.settimeout(self._limits.wall_seconds)
                socket.send_fds(self._connection, [protocol.HEADER.pack(len(body)) + body], [descriptor])
            except OSError:
                raise self._death() from None
            answer = self._receive(patience)
            try:
                return protocol.decode(answer)
            except protocol.Nonsense:
                raise WorkerFault("parser answered nonsense") from None

    @property
    def worn_out(self) -> bool:
        """Whether it is time for a fresh one: many documents, or memory that it does not give back."""
        return self.documents >= self._limits.documents_per_worker or self._resident() > self._limits.resident

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        """End it from another thread than the one that talks to it, which then gets a WorkerFault."""
        self._process.kill()

    def kill(self) -> None:
        """End it at once and give back what it took. May be called twice."""
        self._process.kill()
        self._process.wait()
        unpacking.remove(self._folder)
        if self._connection.fileno() >= 0:
            self._connection.close()
            os.close(self._stderr)

    @contextlib.contextmanager
    def _killed_on_fault(self) -> Iterator[None]:
        """Whatever interrupts a conversation, Ctrl-C included, leaves it in the middle: the worker must go."""
        try:
            yield
        except BaseException:
            self.kill()
            raise

    def _receive(self, patience: Patience) -> bytes:
        """One whole frame. Raises WorkerFault."""
        (length,) = protocol.HEADER.unpack(self._exactly(protocol.HEADER.size, patience))
        if length > self._limits.answer_bytes:
            raise WorkerFault("parser answered too much")
        answer = self._exactly(length, patience)
        self._listen()
        return answer

    def _exactly(self, length: int, patience: Patience) -> bytes:
        """So many bytes from the worker while patience lasts. Raises WorkerFault."""
        received = bytearray()
        self._connection.settimeout(patience.interval)
        while len(received) < length:
            if ended := patience.ended():
                reason, transient = ended
                raise WorkerFault(reason, transient=transient)
            try:
                chunk = self._connection.recv(min(length - len(received), _CHUNK))
            except TimeoutError:
                continue
            except OSError:
                chunk = b""
            if not chunk:
                raise self._death()
            received += chunk
        return bytes(received)

    def _listen(self) -> None:
        """Empty the pipe of its error messages; only the last few are of interest."""
        with contextlib.suppress(BlockingIOError):
            while words := os.read(self._stderr, 65536):
                self._last_words = words[-4096:]

    def _death(self) -> WorkerFault:
        """Why the worker died, as far as the kernel and its last words tell."""
        try:
            status = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:  # it closed its end but lives on
            return WorkerFault("parser answered nonsense")
        self._listen()
        if b"memory allocation of" in self._last_words or b"MemoryError" in self._last_words:
            return self._memory_fault()
        if status in _ENDED_FROM_OUTSIDE:
            return WorkerFault("parser was ended from outside", transient=True)
        return WorkerFault("parser crashed")

    def _memory_fault(self) -> WorkerFault:
        """The worker was refused memory: because it asked for too much, or because this machine has no more."""
        try:
            mmap.mmap(-1, self._limits.memory).close()
        except (OSError, ValueError):
            return WorkerFault("not enough memory on this machine", transient=True)
        return WorkerFault(f"more than {self._limits.memory >> 20} MiB of memory")

    def _resident(self) -> int:
        """Bytes of memory that it holds now; 0 where the system does not tell."""
        try:
            pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        except (OSError, ValueError, IndexError):
            return 0
        return pages * os.sysconf("SC_PAGE_SIZE")


def _spawn(limits: Limits, module: str, connection: int, stderr: int, folder: str) -> subprocess.Popen[bytes]:
    """Start a Python process that is one end of a connection. Raises OSError."""
    start = {
        "module": module,
        "path": _package_folders(module),
        "socket": connection,
        "parent": os.getpid(),
        "limits": asdict(limits),
    }
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-B", "-c", _START, json.dumps(start)],
        env=_ENVIRONMENT
        | {"TMPDIR": folder}
        | {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
        pass_fds=(connection,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        start_new_session=True,  # Ctrl-C in the terminal does not reach it
    )


def _package_folders(module: str) -> list[str]:
    """The folders that hold the packages a worker imports, as this process finds them."""
    folders: list[str] = []
    for name in (module.partition(".")[0], "localsearch", *LIBRARIES):
        spec = importlib.util.find_spec(name)
        folders += [str(Path(place).resolve().parent) for place in (spec and spec.submodule_search_locations) or ()]
    return list(dict.fromkeys(folders))


def _seal(greeting: bytes) -> WorkerSeal:
    """The layers that the worker says it has. Raises WorkerFault."""
    try:
        fields = json.loads(greeting)
        layers = {name: fields[name] is True for name in ("system_calls", "files", "limits")}
        return WorkerSeal(**layers, let_through=tuple(map(str, fields["let_through"])))
    except (ValueError, KeyError, TypeError):
        raise WorkerFault("parser answered nonsense") from None

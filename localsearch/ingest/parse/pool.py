"""A few workers that read documents for many threads."""

from __future__ import annotations

import contextlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, LifoQueue
from types import TracebackType

from localsearch.errors import LocalSearchError
from localsearch.ingest.parse.limits import Limits
from localsearch.ingest.parse.process import WORKER, WorkerFault, WorkerProcess
from localsearch.privacy import WorkerSeal
from localsearch.records import Parsed


class ParserPool:
    """Reads documents in sandboxed processes; a document that kills its worker costs one line.

    Workers start when they are first needed and are replaced when they die or wear out. A pool is used as a context
    manager. `parse` may be called from any number of threads; at most `workers` documents are read at a time.
    """

    def __init__(
        self, workers: int, *, limits: Limits | None = None, module: str = WORKER, unsealed: bool = False
    ) -> None:
        """`unsealed`: go on where the kernel cannot seal a worker; otherwise `parse` raises LocalSearchError there."""
        self._limits = limits or Limits()
        self._module = module
        self._unsealed = unsealed
        self._idle: LifoQueue[WorkerProcess | None] = LifoQueue()
        for _ in range(workers):
            self._idle.put(None)  # a place without a process yet
        # The kernel ends a worker when the thread that started it ends, so all are started by one that lasts.
        self._starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="parser-start")
        self._lock = threading.Lock()
        self._started: set[WorkerProcess] = set()
        self._closed = False
        self.seal: WorkerSeal | None = None
        """What guards the workers; None before the first one has started."""

    def __enter__(self) -> ParserPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def parse(self, descriptor: int, name: str) -> Parsed:
        """Read the document behind an open descriptor; its offset is neither used nor moved.

        `name` is the file's name, whose extension is a hint. Never raises for a document's faults: they are the
        `reason` of what it returns, which is `transient` when the machine was at fault. Raises LocalSearchError when
        no worker can be started, or sealed.
        """
        worker = self._idle.get()
        try:
            if worker is None or not worker.alive or worker.worn_out:
                self._end(worker)
                worker = None  # so that a failed start does not put a dead one back
                worker = self._start()
            return worker.parse(descriptor, name)
        except WorkerFault as fault:
            return Parsed(reason=str(fault), transient=fault.transient)
        finally:
            self._idle.put(worker)

    def close(self) -> None:
        """End all workers, also those at work: their documents fail."""
        with self._lock:
            self._closed = True
            for worker in self._started:
                worker.stop()
        taken = 0
        with contextlib.suppress(Empty):
            while True:
                self._end(self._idle.get_nowait())
                taken += 1
        for _ in range(taken):  # threads that wait for a worker learn that there will be none
            self._idle.put(None)
        self._starter.shutdown()

    def _start(self) -> WorkerProcess:
        """A worker that is ready. Raises WorkerFault once the pool is closed, else LocalSearchError."""
        try:
            worker = self._spawn()
            try:
                worker.wait_until_sealed()
            except WorkerFault as fault:
                self._end(worker)
                if self._closed:
                    raise _closed() from None
                raise _no_start(str(fault)) from None
        except OSError as error:
            raise _no_start(os.strerror(error.errno or 0).lower()) from None
        self.seal = worker.seal
        if not (worker.seal.system_calls or self._unsealed):
            self._end(worker)
            raise LocalSearchError(
                "Documents cannot be read safely here: the kernel does not seal the parser (no seccomp).",
                hint="`--unsealed`, or the setting `unsealed = true`, reads them without.",
            )
        return worker

    def _spawn(self) -> WorkerProcess:
        """A process that `close` can end from now on. Raises OSError, and WorkerFault once the pool is closed."""
        with self._lock:
            if self._closed:
                raise _closed()
            worker = self._starter.submit(WorkerProcess, self._limits, self._module).result()
            self._started.add(worker)
        return worker

    def _end(self, worker: WorkerProcess | None) -> None:
        if worker is not None:
            worker.kill()
            with self._lock:
                self._started.discard(worker)


def _closed() -> WorkerFault:
    return WorkerFault("the parser has been closed", transient=True)


def _no_start(reason: str) -> LocalSearchError:
    return LocalSearchError(
        f"The document parser does not start: {reason}.", hint="Reinstall localsearch; see `localsearch status`."
    )

"""A few workers that read documents for many threads."""

from __future__ import annotations

import contextlib
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

    def __init__(self, workers: int, *, limits: Limits | None = None, module: str = WORKER) -> None:
        self._limits = limits or Limits()
        self._module = module
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
        no worker can be started at all.
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
        with contextlib.suppress(Empty):
            while True:
                self._end(self._idle.get_nowait())
        self._starter.shutdown()

    def _start(self) -> WorkerProcess:
        with self._lock:
            if self._closed:
                raise WorkerFault("the parser has been closed", transient=True)
            try:
                worker = self._starter.submit(WorkerProcess, self._limits, self._module).result()
            except WorkerFault as fault:
                raise LocalSearchError(
                    f"The document parser does not start: {fault}.",
                    hint="Reinstall localsearch; see `localsearch status`.",
                ) from None
            self._started.add(worker)
        self.seal = worker.seal
        return worker

    def _end(self, worker: WorkerProcess | None) -> None:
        if worker is not None:
            worker.kill()
            with self._lock:
                self._started.discard(worker)

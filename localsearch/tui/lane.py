"""A thread that does one kind of work and only cares for the newest request of it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Thread

Job = Callable[[], None]


class Lane:
    """Runs jobs one after the other in a thread of its own.

    A job that waits is dropped when a newer one is given: whoever types has no use for answers to what he typed
    before. The thread does not keep the program alive. Jobs deal with their own failures.
    """

    def __init__(self, name: str) -> None:
        self._job: Job | None = None
        self._closed = False
        self._wake = Condition()
        self._thread = Thread(target=self._work, name=f"localsearch-{name}", daemon=True)
        self._thread.start()

    def give(self, job: Job) -> None:
        """Have `job` run next, in place of any job that waits."""
        with self._wake:
            self._job = job
            self._wake.notify()

    def drop(self) -> None:
        """Forget the job that waits; one that runs goes on."""
        with self._wake:
            self._job = None

    def close(self, timeout: float) -> bool:
        """Take no more jobs, and wait for the one that runs; False when it still runs after so many seconds."""
        with self._wake:
            self._closed, self._job = True, None
            self._wake.notify()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while True:
            with self._wake:
                while self._job is None and not self._closed:
                    self._wake.wait()
                if self._closed:
                    return
                job, self._job = self._job, None
            if job is not None:
                job()
                job = None

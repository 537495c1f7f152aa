"""A thread that does a few kinds of work and of each only cares for the newest request."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Thread

Job = Callable[[], None]


class Lane:
    """Runs jobs one after the other in a thread of its own.

    A job that waits is dropped when a newer one of its kind is given: whoever types has no use for answers to what he
    typed before. Of several kinds that wait, the one named first runs first. The thread does not keep the program
    alive. Jobs deal with their own failures.
    """

    def __init__(self, name: str, kinds: tuple[str, ...]) -> None:
        self._kinds = kinds
        self._jobs: dict[str, Job] = {}
        self._closed = False
        self._wake = Condition()
        self._thread = Thread(target=self._work, name=f"localsearch-{name}", daemon=True)
        self._thread.start()

    def give(self, kind: str, job: Job) -> None:
        """Have `job` run, in place of any job of its kind that waits."""
        with self._wake:
            self._jobs[kind] = job
            self._wake.notify()

    def close(self, timeout: float) -> bool:
        """Take no more jobs, and wait for the one that runs; False when it still runs after so many seconds."""
        with self._wake:
            self._closed = True
            self._jobs.clear()
            self._wake.notify()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            job()

    def _next(self) -> Job | None:
        """The next job, waited for; None when the lane is closed."""
        with self._wake:
            while not self._jobs and not self._closed:
                self._wake.wait()
            if self._closed:
                return None
            return self._jobs.pop(next(kind for kind in self._kinds if kind in self._jobs))

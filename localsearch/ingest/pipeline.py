"""One indexing run: discover what is there, read what changed, encode what is new, forget what is gone.

    discover -> compare -> open, hash, parse, split (one thread per worker process) -> batch -> encode -> commit

Everything committed stays, whatever happens next; the next run goes on from there.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localsearch.errors import PathProblem
from localsearch.ingest.batch import Batch, store
from localsearch.ingest.compare import Comparison, Walk, compare
from localsearch.ingest.parse.pool import ParserPool
from localsearch.ingest.parse.table import PARSER_VERSION
from localsearch.ingest.prepare import PreparedFile, Preparer, Unread
from localsearch.ingest.source import look_again
from localsearch.ingest.split import SPLITTER_VERSION
from localsearch.paths import shown
from localsearch.privacy import WorkerSeal, lacking
from localsearch.records import Progress, Report, Skipped, SourceFile
from localsearch.store import cache, catalogue
from localsearch.store.writer import StoredFile, Writer

if TYPE_CHECKING:
    from localsearch.encoder.onnx import Encoder

ProgressCallback = Callable[[Progress], None]
Outcome = PreparedFile | SourceFile | Unread


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run brings up to date, and with what."""

    walks: tuple[Walk, ...]
    others: tuple[bytes, ...]
    """Roots of the index that this run leaves alone."""
    passage_size: int
    """Word pieces."""
    workers: int
    """Worker processes for parsing."""
    fingerprint: str
    """Of the encoder."""
    dim: int
    unsealed: bool = False
    """Read documents also where the kernel does not seal the worker processes."""

    @property
    def parser(self) -> str:
        """A file that another parser, splitter or passage size read is read again."""
        return f"{PARSER_VERSION}/{SPLITTER_VERSION}/{self.passage_size}"


class Run:
    """One indexing run on an index whose writer's lock this process holds."""

    def __init__(
        self, writer: Writer, plan: Plan, load_encoder: Callable[[], Encoder], progress: ProgressCallback | None
    ) -> None:
        self._writer = writer
        self._plan = plan
        self._load_encoder = load_encoder
        self._progress = progress
        self._begun = time.monotonic()
        self._known = catalogue.known_files(writer.connection)
        self._work = Comparison()
        self._files = self._bytes = self._passages = self._encoded = 0
        self._bytes_total = 0
        self._added = self._changed = 0
        self._cached = True
        self._unread: dict[bytes, str] = {}
        """Files that could not be read in this run, and why."""
        self._parts_of: set[bytes] = set()
        """Roots that were complete, and of which this run looks at a part."""
        self._changing: list[SourceFile] = []
        """Those of them that somebody wrote to meanwhile."""
        self._skipped: list[Skipped] = []
        self._seal: WorkerSeal | None = None

    def bring_up_to_date(self) -> Report:
        """Do it all. KeyboardInterrupt and errors pass through; what was committed before is safe."""
        self._work = compare(self._plan.walks, self._known, self._plan.parser, self._plan.others)
        self._parts_of = {walk.root for walk in self._plan.walks if walk.part} & self._writer.complete_roots()
        if self._work.todo:
            self._bytes_total = sum(source.size for source in self._work.todo)
            self._writer.begin({*self._whole(), *self._parts_of})
            self._read_and_store()
        if self._work.gone:
            self._writer.remove(self._work.gone)
        self._store_skipped()
        self._finish()
        return self._report()

    # Reading

    def _read_and_store(self) -> None:
        encoder = self._load_encoder()
        batch = Batch()
        with ParserPool(self._plan.workers, unsealed=self._plan.unsealed) as pool:
            preparer = Preparer(
                pool,
                self._known,
                parser=self._plan.parser,
                fingerprint=self._plan.fingerprint,
                passage_size=self._plan.passage_size,
                token_offsets=encoder.token_offsets,
            )
            for source, outcome in self._all_outcomes(pool, preparer):
                self._take(source, outcome, batch)
                if batch.full:
                    self._commit(batch, encoder)
                    batch = Batch()
                self._tell(source.path)
            self._commit(batch, encoder)
        self._seal = pool.seal

    def _all_outcomes(self, pool: ParserPool, preparer: Preparer) -> Iterator[tuple[SourceFile, Outcome]]:
        """Every file, and at the end once more those that changed under our hands."""
        yield from self._outcomes(pool, preparer, self._work.todo)
        again, self._changing = self._changing, []
        for source in again:
            try:
                now = look_again(source)
            except PathProblem as error:
                self._unread[source.path] = error.message
                continue
            yield from self._outcomes(pool, preparer, [now])

    def _outcomes(
        self, pool: ParserPool, preparer: Preparer, sources: Iterable[SourceFile]
    ) -> Iterator[tuple[SourceFile, Outcome]]:
        """Files in order, read ahead by a few: the next ones are parsed while these are encoded.

        A run that is left in the middle ends the parsers, instead of waiting for documents that nobody wants any more.
        """
        ahead = 2 * self._plan.workers
        window: deque[tuple[SourceFile, Future[Outcome]]] = deque()
        threads = ThreadPoolExecutor(self._plan.workers, thread_name_prefix="prepare")
        try:
            for source in sources:
                window.append((source, threads.submit(preparer.prepare, source)))
                if len(window) > ahead:
                    first, future = window.popleft()
                    yield first, future.result()
            while window:
                first, future = window.popleft()
                yield first, future.result()
        except BaseException:
            pool.close()
            raise
        finally:
            threads.shutdown(cancel_futures=True)

    def _take(self, source: SourceFile, outcome: Outcome, batch: Batch) -> None:
        if source.path not in self._unread:
            self._files += 1
            self._bytes += source.size
        if isinstance(outcome, Unread):
            self._unread[source.path] = outcome.reason
            if outcome.changed:
                self._changing.append(source)
            return
        self._unread.pop(source.path, None)
        if isinstance(outcome, PreparedFile):
            batch.add(outcome)
        else:
            batch.touched.append(outcome)
            self._work.unchanged += 1

    def _commit(self, batch: Batch, encoder: Encoder) -> None:
        if batch.touched:
            self._writer.touch(batch.touched)
        if not batch.files:
            return
        store(batch, self._writer, encoder, self._count_encoded)
        self._passages += batch.passages
        for prepared in batch.files:
            if prepared.file.path in self._known:
                self._changed += 1
            else:
                self._added += 1
            reasons = (prepared.file.reason,) if prepared.file.reason else prepared.file.notes
            self._skipped += [Skipped(prepared.file.shown, reason) for reason in reasons]

    def _count_encoded(self, passages: int) -> None:
        self._encoded += passages
        self._tell(b"")

    def _tell(self, current: bytes) -> None:
        if self._progress is None:
            return
        self._progress(
            Progress(
                files_done=self._files,
                files_total=len(self._work.todo),
                passages_done=self._passages,
                passages_encoded=self._encoded,
                bytes_done=self._bytes,
                bytes_total=self._bytes_total,
                seconds=time.monotonic() - self._begun,
                current=shown(current),
            )
        )

    # Ending

    def _store_skipped(self) -> None:
        """Remember what was not read, so that `status` can name it. What is known of a file stays, unless the file has
        become one that is never read. Only changes are written; what will be tried again is told each time.
        """
        found = {path: Skipped(shown(path), reason, transient=True) for path, reason in self._unread.items()}
        rows = []
        kept = {}
        for path, skipped in sorted((self._work.skipped | found).items()):
            known = self._known.get(path)
            pending = skipped.reason if skipped.transient else ""
            if known and known.has_text and pending:
                kept[path] = pending
            elif not known or known.content_hash or (known.reason, known.pending) != (skipped.reason, pending):
                rows.append(StoredFile(path, shown(path), "", 0, 0, b"", "", skipped.reason, pending=pending))
            elif not pending:
                continue
            self._skipped.append(Skipped(shown(path), skipped.reason, transient=skipped.transient))
        if rows:
            self._writer.replace((row, ()) for row in rows)
        if kept:
            self._writer.keep(kept)

    def _whole(self) -> list[bytes]:
        """The roots that this run looks at as a whole."""
        return [walk.root for walk in self._plan.walks if not walk.part and walk.root in self._work.present]

    def _finish(self) -> None:
        if self._work.todo or self._work.gone:
            self._writer.drop_unused_vectors()
        self._cached = cache.rebuild_if_due(self._writer, self._plan.dim)
        self._writer.end(self._whole(), self._parts_of)
        self._writer.checkpoint()

    def _warnings(self) -> Iterator[str]:
        for root in self._work.absent:
            yield f"{os.fsdecode(root)} is not there; kept what is known of it"
        for root, reason in self._work.refused.items():
            yield f"{os.fsdecode(root)} was left as it is: {reason} Index it again with other options"
        if not self._cached:
            yield "no room on the disk for the FAISS file; searches take longer until a run finds some"
        if self._seal is not None:
            yield from lacking(self._seal)

    def _report(self) -> Report:
        count = self._writer.connection.execute
        passages = int(count("SELECT count(*) FROM passages").fetchone()[0])
        failing = int(count("SELECT count(*) FROM files WHERE reason != '' OR pending != ''").fetchone()[0])
        return Report(
            added=self._added,
            changed=self._changed,
            removed=len(self._work.gone),
            unchanged=self._work.unchanged,
            passages=passages,
            encoded=self._encoded,
            skipped=tuple(self._skipped),
            failing=failing,
            warnings=tuple(self._warnings()),
            seconds=time.monotonic() - self._begun,
        )

"""One indexing run: discover what is there, read what changed, encode what is new, forget what is gone.

    discover -> compare -> open, hash, parse, split (one thread per worker process) -> batch -> encode -> commit

Everything committed stays, whatever happens next; the next run goes on from there.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localsearch.ingest.batch import Batch, store
from localsearch.ingest.compare import Comparison, compare
from localsearch.ingest.discover import Scope
from localsearch.ingest.parse.pool import ParserPool
from localsearch.ingest.parse.table import PARSER_VERSION
from localsearch.ingest.prepare import PreparedFile, Preparer
from localsearch.ingest.split import SPLITTER_VERSION
from localsearch.paths import shown
from localsearch.privacy import WorkerSeal, lacking
from localsearch.records import Progress, Report, Skipped, SourceFile
from localsearch.store import cache, catalogue
from localsearch.store.writer import StoredFile, Writer

if TYPE_CHECKING:
    from localsearch.encoder.onnx import Encoder

ProgressCallback = Callable[[Progress], None]
Outcome = PreparedFile | SourceFile | Skipped


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run brings up to date, and with what."""

    roots: tuple[tuple[bytes, Scope], ...]
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
        self._skipped: list[Skipped] = []
        self._seal: WorkerSeal | None = None

    def bring_up_to_date(self) -> Report:
        """Do it all. KeyboardInterrupt and errors pass through; what was committed before is safe."""
        self._work = compare(self._plan.roots, self._known, self._plan.parser, self._plan.others)
        if self._work.todo:
            self._bytes_total = sum(source.size for source in self._work.todo)
            self._writer.mark(complete=False)
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
            for source, outcome in self._outcomes(pool, preparer):
                self._take(source, outcome, batch)
                if batch.full:
                    self._commit(batch, encoder)
                    batch = Batch()
                self._tell(source.path)
            self._commit(batch, encoder)
        self._seal = pool.seal

    def _outcomes(self, pool: ParserPool, preparer: Preparer) -> Iterator[tuple[SourceFile, Outcome]]:
        """Files in order, read ahead by a few: the next ones are parsed while these are encoded.

        A run that is left in the middle ends the parsers, instead of waiting for documents that nobody wants any more.
        """
        ahead = 2 * self._plan.workers
        window: deque[tuple[SourceFile, Future[Outcome]]] = deque()
        threads = ThreadPoolExecutor(self._plan.workers, thread_name_prefix="prepare")
        try:
            for source in self._work.todo:
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
        self._files += 1
        self._bytes += source.size
        if isinstance(outcome, PreparedFile):
            batch.add(outcome)
        elif isinstance(outcome, SourceFile):
            self._writer.touch(outcome)
            self._work.unchanged += 1
        else:
            self._work.skipped[source.path] = outcome.reason

    def _commit(self, batch: Batch, encoder: Encoder) -> None:
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
        """Remember files that are not read, so that `status` can name them; only when something changed."""
        rows = []
        for path, reason in sorted(self._work.skipped.items()):
            known = self._known.get(path)
            if known and not known.content_hash and known.reason == reason:
                continue
            rows.append(StoredFile(path, shown(path), "", 0, 0, b"", "", reason))
            self._skipped.append(Skipped(shown(path), reason))
        if rows:
            self._writer.replace((row, ()) for row in rows)

    def _finish(self) -> None:
        if self._work.todo or self._work.gone:
            self._writer.drop_unused_vectors()
        self._cached = cache.rebuild_if_due(self._writer, self._plan.dim)
        self._writer.mark(complete=True)
        self._writer.checkpoint()

    def _warnings(self) -> Iterator[str]:
        for root in self._work.absent:
            yield f"{os.fsdecode(root)} is not there; kept what is known of it"
        if not self._cached:
            yield "no room on the disk for the FAISS file; searches take longer until a run finds some"
        if self._seal is not None:
            yield from lacking(self._seal)

    def _report(self) -> Report:
        passages = int(self._writer.connection.execute("SELECT count(*) FROM passages").fetchone()[0])
        return Report(
            added=self._added,
            changed=self._changed,
            removed=len(self._work.gone),
            unchanged=self._work.unchanged,
            passages=passages,
            encoded=self._encoded,
            skipped=tuple(self._skipped),
            warnings=tuple(self._warnings()),
            seconds=time.monotonic() - self._begun,
        )

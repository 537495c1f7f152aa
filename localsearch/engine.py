"""The Python API: an index that can be made, filled, searched and emptied. Every front end stands on it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING

from localsearch.encoder.card import read_card
from localsearch.encoder.onnx import DEFAULT
from localsearch.errors import IndexDamaged, IndexMismatch, LocalSearchError, PathProblem, PathUnreadable, StorageError
from localsearch.paths import absolute
from localsearch.records import (
    Answer,
    Document,
    Explanation,
    Filters,
    Finding,
    Hit,
    Hits,
    IndexedPassage,
    Mode,
    Part,
    Repair,
    Report,
    Status,
    Summary,
    SummarySentence,
    Switched,
)
from localsearch.search.fuse import known_share
from localsearch.search.query import parse_query
from localsearch.search.rank import EncodedQuery
from localsearch.search.searcher import EncodeQuery, Searcher, checked_k
from localsearch.store.catalogue import (
    NEEDED,
    MadeWith,
    changed_files,
    is_below,
    made_with,
    passage_ids,
    read_roots,
    read_status,
)
from localsearch.store.erase import MARK
from localsearch.store.folder import check_index
from localsearch.store.forking import tell_of_forks
from localsearch.store.health.salvage import Salvaged
from localsearch.store.snapshot import Reader
from localsearch.store.sqlite import DATABASE, translated

if TYPE_CHECKING:
    from localsearch.encoder.onnx import Encoder
    from localsearch.ingest.compare import Walk
    from localsearch.ingest.discover import Scope
    from localsearch.ingest.pipeline import Plan, ProgressCallback
    from localsearch.records import Float32Matrix, Float32Vector
    from localsearch.store.writer import Writer

PASSAGE_SIZE = 200
"""Word pieces of a passage, about. Measured in docs/decisions/0005-passages.md."""

PathLike = str | bytes | os.PathLike[str] | os.PathLike[bytes]


class Index:
    """A search index over local files.

        with Index.open("index") as index:
            index.add("contracts")
            hits = index.search("notice period of the lease", k=5)

    Searching is thread-safe: any number of threads may share one Index, and a process that has searched may fork: both
    sides go on with it. Changing it (`add`, `update`, `remove`)
    takes the writer's lock of the folder, so one process at a time does; others get IndexBusy.
    """

    def __init__(self, folder: Path, *, encoder: Path | None = None) -> None:
        """Use `Index.open` or `Index.create`."""
        self.folder = folder
        self._reader = Reader(folder)
        self._searcher = Searcher(self._reader)
        self._encoder: Encoder | None = None
        self._encoder_lock = Lock()
        tell_of_forks(self)
        with self._reader.snapshot() as connection:
            made_with(connection)  # what cannot be read is said now
        self._moved_to = encoder
        self.erased_before = False
        """Whether this Index has finished what an interrupted `remove`, of any process, had left."""
        self._finish_erasing()

    def _finish_erasing(self) -> None:
        """Erase what an interrupted `remove` has left, if nobody keeps us from it now."""
        from localsearch.store.writer import Writer

        with self._reader.snapshot() as connection:
            if not self._reader.setting(connection, MARK):
                return
        with suppress(LocalSearchError), Writer(self.folder) as writer:
            self.erased_before = writer.erased_before

    # Making and opening

    @classmethod
    def create(cls, folder: PathLike, *, encoder: PathLike | None = None, passage_size: int = PASSAGE_SIZE) -> Index:
        """Make an empty index in a new or empty folder.

        `encoder`: an encoder folder; None means the one inside the package. `passage_size`: word pieces; less
        where the encoder reads less.
        Raises StorageError when the folder holds an index or other things, EncoderError for a bad encoder.
        """
        from localsearch.store.create import make_index

        where = _folder(folder)
        if (where / DATABASE).exists():
            raise StorageError(f"{where} holds an index already.", hint="Open it, or choose another folder.")
        encoder_folder = _folder(encoder) if encoder is not None else None
        make_index(where, _new_settings(encoder_folder, passage_size))
        return cls(where, encoder=encoder_folder)

    @classmethod
    def open(cls, folder: PathLike, *, encoder: PathLike | None = None) -> Index:
        """Open an index. `encoder` names its encoder's folder when that has moved.

        Raises IndexNotFound, IndexMismatch (newer format), IndexDamaged, StorageError.
        """
        where = _folder(folder)
        check_index(where)
        return cls(where, encoder=_folder(encoder) if encoder is not None else None)

    def before_fork(self) -> None:
        """The encoder may be shared with the child."""

    def after_fork_in_child(self) -> None:
        self._encoder_lock = Lock()

    def close(self) -> None:
        """Close all connections. The Index must not be used afterwards."""
        self._searcher.close()
        self._reader.close()

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @classmethod
    def examine(cls, folder: PathLike, *, full: bool = False) -> tuple[Finding, ...]:
        """What is wrong with an index, whether or not it can be opened; nothing is changed.

        `full`: every row, word and vector is read, not only the structure and the counts. Raises IndexNotFound,
        StorageError.
        """
        from localsearch.store.health.examine import examine

        where = _folder(folder)
        with translated(where):
            return tuple(examine(where, full=full))

    @classmethod
    def repair(
        cls,
        folder: PathLike,
        *,
        encoder: PathLike | None = None,
        workers: int | None = None,
        progress: ProgressCallback | None = None,
    ) -> Repair:
        """Examine an index in full and mend what is damaged; an index that is sound is left alone.

        No other Index on this folder may be open in this process. Words and the cache of vectors are made anew; files
        of which rows are lost are read again where they are; only a vector that is damaged is encoded again. What is
        replaced is kept in a folder inside the index until something is forgotten. Killed at any moment, the index is
        what it was, or mended. `encoder`: as in `open`. Raises IndexNotFound, IndexBusy, IndexMismatch, EncoderError,
        StorageError, and IndexDamaged when the index is damaged still.
        """
        from localsearch.store import cache
        from localsearch.store.health.repair import replace_database

        begun = time.monotonic()
        where, encoder_folder = _folder(folder), None if encoder is None else _folder(encoder)
        damage = tuple(one for one in cls.examine(where, full=True) if one.damage)
        salvaged, copy, report = Salvaged(), "", None
        if any(one.part is not Part.CACHE for one in damage):
            salvaged, copy = replace_database(where, partial(_complete_settings, encoder_folder))
        if damage:
            with cls.open(where, encoder=encoder_folder) as index:
                with index._writing(encoding=False) as writer:
                    cache.rebuild(writer, index._made_with().dim)
                if salvaged.read_again:
                    report = index.update(workers=workers, progress=progress)
            if left := [one for one in cls.examine(where, full=True) if one.damage]:
                raise IndexDamaged(
                    f"The index at {where} is damaged still: {left[0].what}.",
                    hint=f"Name another folder with --index and index again; {copy or 'nothing'} was replaced.",
                )
        return Repair(
            damage,
            copy,
            report.added + report.changed if report else 0,
            report.encoded if report else 0,
            tuple(salvaged.lost),
            time.monotonic() - begun,
        )

    def backup(self, folder: PathLike) -> None:
        """Copy the index into a new or empty folder, consistent even while another process writes to it.

        The copy is an index: open it to restore it. Raises StorageError when the folder holds other things, lies inside
        this index or cannot be written, IndexDamaged.
        """
        from localsearch.store import cache
        from localsearch.store.backup import copy_database
        from localsearch.store.writer import Writer

        where = _folder(folder)
        with self._reader.snapshot() as connection:
            copy_database(connection, where, outside=self.folder)
        with translated(where), Writer(where) as writer:
            cache.rebuild(writer, made_with(writer.connection).dim)

    # Changing

    def move_root(self, old: PathLike, new: PathLike) -> int:
        """Say that an indexed file or folder now stands at `new`; the number of files that went with it.

        Nothing is read again; the name of a file that stood in the renamed folder itself is encoded again. Raises
        PathProblem when `old` is not indexed, `new` is not there or overlaps with another indexed folder; IndexBusy,
        EncoderError, StorageError.
        """
        from localsearch.ingest.move import move

        place = checked_root(new)
        with self._writing() as writer:
            return move(writer, absolute(os.fspath(old)), place, self._made_with().fingerprint, self._encode_texts)

    def add(
        self,
        *paths: PathLike,
        scope: Scope | None = None,
        workers: int | None = None,
        unsealed: bool = False,
        progress: ProgressCallback | None = None,
    ) -> Report:
        """Index files or folders and remember them, so that `update` keeps them up to date.

        `scope`: what of a folder is read; None keeps the scope that a known root has. `workers`: parser processes,
        None means one per core. `unsealed`: read documents also where the kernel cannot seal those processes;
        otherwise that raises LocalSearchError. Raises PathProblem, IndexBusy, IndexMismatch, EncoderError and
        StorageError.

        A path inside a remembered folder is brought up to date as a part of it, with its options; a remembered folder
        with the same options that lies in `paths` becomes a part of that: `Report.warnings` says so.
        KeyboardInterrupt passes through; what was committed stays and the next run goes on from there.
        """
        from localsearch.ingest.discover import Scope
        from localsearch.ingest.roots import add_roots

        wanted = [checked_root(path, index=self.folder) for path in paths]
        with self._writing() as writer:
            known = {path: Scope.from_json(options) for path, options in read_roots(writer.connection)}
            addition = add_roots(wanted, scope, known)
            for path, chosen in addition.roots.items():
                writer.add_root(path, chosen.to_json())
            for path in addition.merged:
                writer.remove_root(path)
            walked = {walk.root for walk in addition.walks}
            others = tuple(known.keys() - walked - set(addition.merged))
            report = self._run(writer, addition.walks, others, workers, progress, unsealed=unsealed)
            return replace(report, warnings=(*addition.notes, *report.warnings))

    def update(
        self, *, workers: int | None = None, unsealed: bool = False, progress: ProgressCallback | None = None
    ) -> Report:
        """Bring every remembered root up to date. Raises as `add` does."""
        from localsearch.ingest.compare import Walk
        from localsearch.ingest.discover import Scope

        with self._writing() as writer:
            walks = [Walk(path, Scope.from_json(options)) for path, options in read_roots(writer.connection)]
            return self._run(writer, walks, (), workers, progress, unsealed=unsealed)

    def add_documents(self, documents: Mapping[str, Document]) -> Report:
        """Index documents that are not files, under the paths given; used to evaluate on judged collections.

        They are split, encoded and stored by the same code as files. Raises as `add` does.
        """
        from localsearch.ingest.documents import store_documents

        with self._writing() as writer:
            return store_documents(writer, documents, self._plan((), (), 1), self._load_encoder())

    def remove(self, path: PathLike) -> int:
        """Forget a file or folder: its text, vectors and name are gone from every file of the index.

        What lies inside a remembered folder is left out of later runs too. Returns the number of files forgotten; 0
        when there was only something left to erase of an earlier, interrupted call. Raises EraseUnfinished when the
        files are out of the index, but a reader holds an older state of it: whoever opens the index after that reader
        erases it. Raises PathProblem when the index knows nothing of the path, IndexBusy, StorageError; then the
        next one who opens the index goes on if anything was removed.
        """
        from localsearch.ingest.forget import forget

        with self._writing(encoding=False) as writer:
            return forget(writer, absolute(os.fspath(path)), self._made_with().dim)

    def use_encoder(
        self, encoder: PathLike | None, *, progress: Callable[[int, int, float], None] | None = None
    ) -> Switched:
        """Encode everything with another encoder and change to it; None means the one inside the package.

        The index keeps its old encoder and vectors, and can be searched, until the last passage is encoded; then one
        transaction changes to the new ones. Interrupted at any moment, even by a kill, it goes on where it was.
        `progress` hears (passages done, passages in all, seconds). Passages keep their text and place; see
        `Switched.split_again`. Raises EncoderError, IndexBusy, IndexDamaged, StorageError.
        """
        from localsearch.encoder.onnx import Encoder
        from localsearch.ingest.switch import switch

        folder = None if encoder is None else _folder(encoder)
        loaded = Encoder.load(folder)
        with self._writing(encoding=False) as writer:
            done = switch(writer, loaded, str(folder or ""), progress)
        self._moved_to = None
        return done

    @contextmanager
    def _writing(self, *, encoding: bool = True) -> Iterator[Writer]:
        """The writer, when the encoder at hand is the one that the index was made with."""
        from localsearch.store.writer import Writer

        if encoding:
            self._check_encoder()
        with translated(self.folder), Writer(self.folder) as writer:
            self.erased_before |= writer.erased_before
            writer.erased_before = self.erased_before
            yield writer

    def _run(
        self,
        writer: Writer,
        walks: Sequence[Walk],
        others: tuple[bytes, ...],
        workers: int | None,
        progress: ProgressCallback | None,
        *,
        unsealed: bool,
    ) -> Report:
        from localsearch.ingest.pipeline import Run

        plan = self._plan(walks, others, workers or len(os.sched_getaffinity(0)), unsealed=unsealed)
        return Run(writer, plan, self._load_encoder, progress).bring_up_to_date()

    def _plan(
        self,
        walks: Sequence[Walk],
        others: tuple[bytes, ...],
        workers: int,
        *,
        unsealed: bool = False,
    ) -> Plan:
        from localsearch.ingest.pipeline import Plan

        made = self._made_with()
        return Plan(tuple(walks), others, made.passage_size, workers, made.fingerprint, made.dim, unsealed)

    # Searching

    def search(
        self,
        text: str,
        *,
        k: int = 10,
        mode: Mode = Mode.HYBRID,
        filters: Filters | None = None,
        prefix: bool = False,
        explain: bool = False,
        best: int = 0,
        group: bool = False,
    ) -> Hits:
        """The k best passages for a query, best first; fewer only when fewer match.

        Words may be quoted ("notice period" must occur) or excluded (-draft), and the text may hold filters
        (`type:pdf after:2024`), which narrow `filters`; `Hits.filters` says which were read. `prefix`: the last word
        may be unfinished, as in a search box; `contr` finds `contract`. `explain` fills `Hit.why.explanation` and
        `Hit.best`, as `explain` does, `best` fills `Hit.best` of so many first hits; neither does in Mode.KEYWORD,
        which knows words only. `group`: one hit for each document.

        Files that are gone or may not be read any more are left out and counted. Raises QueryError for an empty or
        overlong query, a filter that cannot be read or a bad k, EncoderError when the encoder cannot be loaded
        (Mode.KEYWORD needs none), IndexDamaged, StorageError.
        """
        encode = cache(self._encode_query)
        with self._reader.snapshot():  # what was found is still there when it is explained
            hits = self._searcher.search(
                text, k=k, mode=mode, filters=filters or Filters(), encode=encode, prefix=prefix, group=group
            )
            some = hits if explain else hits[:best]
            if not some or mode is Mode.KEYWORD:
                return hits
            explanations = self._explanations(text, some, encode)
        explained = tuple(
            hit.explained(one, best_only=not explain) for hit, one in zip(some, explanations, strict=True)
        )
        return replace(hits, hits=(*explained, *hits[len(some) :]))

    def explain(self, text: str, hits: Sequence[Hit]) -> tuple[Explanation, ...]:
        """Why each of these hits of a query is near it in meaning: its cosine taken apart, its best sentence.

        The query is encoded once and each passage again, about 7 ms apiece; a hit that the words alone have found
        is explained as well. Raises PathProblem when a hit's passage is no longer in the index: its context is
        needed to encode it. Raises QueryError, EncoderError, IndexDamaged, StorageError.
        """
        with self._reader.snapshot():  # one encoder for query and passages
            return tuple(self._explanations(text, hits, self._encode_query))

    def _explanations(self, text: str, hits: Sequence[Hit], encode: EncodeQuery) -> list[Explanation]:
        from localsearch.search.explain import Encoded, contexts, explain_passages

        query = encode(parse_query(text).semantic).vector
        with self._reader.snapshot() as connection:
            passages = [Encoded(*one) for one in contexts(self._reader, connection, hits)]
        return explain_passages(self._load_encoder(), query, passages)

    def answer(self, text: str, *, k: int = 10, mode: Mode = Mode.HYBRID, filters: Filters | None = None) -> Answer:
        """The sentence or table row that answers a question, quoted from the best of the k hits, with a confidence.

        `Answer.answered` is False when nothing in the index seems to answer. The confidence was fitted with the
        encoder inside the package. Raises as `search` does; an encoder is needed in every mode.
        """
        with self._reader.snapshot():  # what was found is still there when it is read
            return self.answer_from(text, self.search(text, k=k, mode=mode, filters=filters))

    def answer_from(self, text: str, hits: Sequence[Hit]) -> Answer:
        """The same from hits that a search for `text` has found, best first: about 20 ms. Raises as `explain` does."""
        from localsearch.search.answer import answer_from, asked

        plain = parse_query(text).semantic
        with self._reader.snapshot() as connection:
            encoder = self._load_encoder()
            question = asked(self._reader, connection, encoder, plain)
            return answer_from(self._reader, connection, encoder, question, hits)

    def like(
        self,
        path: PathLike,
        *,
        page: int | None = None,
        member: str = "",
        k: int = 10,
        filters: Filters | None = None,
        group: bool = False,
    ) -> Hits:
        """The k passages most like a document of the index, or one page of it, best first; never its own.

        `page`: 1-based. `member`: as in `Hit.member`. `group`: one hit for each document. No encoder is loaded: the
        document's vectors are in the index. Raises PathProblem when the index holds no such document or page,
        QueryError for a bad k or filter, IndexDamaged, StorageError.
        """
        from localsearch.search.like import like

        source = absolute(os.fspath(path))
        return like(self._reader, source, member, page, k=checked_k(k), filters=filters or Filters(), group=group)

    def rank_documents(self, text: str, *, k: int, mode: Mode) -> list[tuple[str, float]]:
        """Paths of the k best documents, each with the score of its best passage; used to evaluate.

        The query has no operators: quotes and dashes of judged queries are text.
        """
        return self._searcher.rank_documents(text, k=k, mode=mode, encode=self._encode_query)

    def passages(self, path: PathLike, member: str = "") -> tuple[IndexedPassage, ...]:
        """All passages of one document, in order: its text as the index holds it.

        `member`: the place inside an archive or a mailbox, as in `Hit.member`. Raises PathProblem when the index
        knows no such document, IndexDamaged, StorageError.
        """
        with self._reader.snapshot() as connection:
            found = self._reader.passages_of(connection, absolute(os.fspath(path)), member)
        if not found:
            name = f"{os.fsdecode(os.fspath(path))}{': ' if member else ''}{member}"
            raise PathProblem(f"The index holds no text of {name}.", hint="`localsearch status` says what was skipped.")
        return tuple(found)

    def sample(self, number: int, *, seed: int = 7) -> tuple[IndexedPassage, ...]:
        """So many passages of the whole index, drawn by chance from `seed`, in their order; all when it holds fewer.

        Raises IndexDamaged, StorageError.
        """
        import random

        with self._reader.snapshot() as connection:
            ids = passage_ids(connection)
            chosen = sorted(random.Random(seed).sample(ids, min(number, len(ids))))  # noqa: S311  # not a secret
            return tuple(self._reader.indexed(connection, chosen))

    def summarize(
        self,
        path: PathLike | None = None,
        *,
        member: str = "",
        query: str | None = None,
        sentences: int = 5,
        mode: Mode = Mode.HYBRID,
        filters: Filters | None = None,
    ) -> Summary:
        """The sentences that together say most of what a file, a folder or the hits of a query say, in their order.

        `path`: a file or folder that the index holds; `member` narrows a mailbox or an archive to one document.
        `query`: only what concerns it, in `path` or anywhere; `mode` is how it searches. `sentences`: 1 to 50; fewer
        come back when there are fewer. A text without sentences (a table, code) gives lines instead. When the
        encoder cannot be used, a summary without a query chooses sentences by their place; see `Summary.by_meaning`.
        Raises PathProblem when the index holds nothing of the path, QueryError when neither path nor query is given,
        and for a query what `search` raises.
        """
        from localsearch.search.summary.summarizer import Summarizer, Wanted

        summarizer = Summarizer(
            self._reader, search=self.search, encode=self._encode_texts, encode_query=self._vector_of_query
        )
        where = None if path is None else absolute(os.fspath(path))
        with self._reader.snapshot():  # the encoder that its vectors are of, to the end
            return summarizer.summarize(Wanted(where, member, query, sentences, mode, filters or Filters()))

    def status(self) -> Status:
        """What the index holds. Raises IndexDamaged, StorageError."""
        with self._reader.snapshot() as connection:
            return read_status(connection, self.folder)

    @property
    def complete(self) -> bool:
        """Whether the last run over every folder has ended; False also while one is under way."""
        with self._reader.snapshot() as connection:
            return self._reader.setting(connection, "complete") == "1"

    def changed(self, found: Iterable[Hit | SummarySentence]) -> int:
        """How many files of these hits or sentences differ from what was indexed; `update` reads them again."""
        with self._reader.snapshot() as connection:
            return changed_files(connection, {os.fsencode(one.path) for one in found})

    def _encode_query(self, text: str) -> EncodedQuery:
        encoder = self._load_encoder()
        return EncodedQuery(encoder.encode_query(text), known_share(text, encoder.token_offsets(text)))

    def _encode_texts(self, texts: Sequence[str]) -> Float32Matrix:
        return self._load_encoder().encode_passages(texts)

    def _vector_of_query(self, text: str) -> Float32Vector:
        return self._encode_query(text).vector

    # The encoder

    def _load_encoder(self) -> Encoder:
        """The encoder of the snapshot that this thread reads, else of the index as it is now.

        Loaded once, when first needed: a keyword search never pays for it. Raises IndexMismatch, EncoderError.
        """
        from localsearch.encoder.onnx import Encoder

        made, folder = self._check_encoder()
        with self._encoder_lock:
            if self._encoder is None or self._encoder.fingerprint != made.fingerprint:
                self._encoder = Encoder.load(folder)
            return self._encoder

    def _check_encoder(self) -> tuple[MadeWith, Path]:
        """What the index was made with, and the folder where that encoder is."""
        made = self._made_with()
        folder = self._moved_to or (Path(made.folder) if made.folder else DEFAULT)
        card = read_card(folder)
        if card.fingerprint != made.fingerprint:
            raise IndexMismatch(
                f"The index at {self.folder} was made with encoder {made.name}; "
                f"{folder} holds {card.name} (or another version of it).",
                hint="Name the folder of its encoder with --encoder, or change to this one with `model use`.",
            )
        return made, folder

    def _made_with(self) -> MadeWith:
        with self._reader.snapshot() as connection:
            return made_with(connection)


def _new_settings(encoder_folder: Path | None, passage_size: int) -> dict[str, str]:
    """The settings of an empty index. Raises EncoderError."""
    from localsearch.ingest.split import fitting_size
    from localsearch.store.words import WORDS_VERSION

    card = read_card(encoder_folder or DEFAULT)
    return {
        "generation": "1",
        "encoder": card.name,
        "encoder_folder": str(encoder_folder or ""),
        "fingerprint": card.fingerprint,
        "dim": str(card.dim),
        "passage_size": str(fitting_size(passage_size, card.max_tokens)),
        "passage_size_wanted": str(passage_size),
        "words": str(WORDS_VERSION),
        "updated": "0",
        "complete": "1",
    }


def _complete_settings(encoder_folder: Path | None, known: Mapping[str, str]) -> dict[str, str]:
    """The settings of a damaged index: what is lost is taken from its encoder's card. Raises EncoderError."""
    settings = dict(known)
    if NEEDED.difference(known):
        remembered = Path(known["encoder_folder"]) if known.get("encoder_folder") else None
        size = known.get("passage_size_wanted") or known.get("passage_size") or PASSAGE_SIZE
        settings = _new_settings(encoder_folder or remembered, int(size)) | settings
    return settings


def _folder(path: PathLike) -> Path:
    return Path(os.fsdecode(path)).absolute()


def checked_root(path: PathLike, *, index: Path | None = None) -> bytes:
    """The absolute form of a path to index. Raises PathProblem, also for `index` itself, and PathUnreadable."""
    if not os.fspath(path):
        raise PathProblem("An empty path names nothing.", hint="Name a file or a folder; `.` is the current one.")
    root = absolute(os.fspath(path))
    name = os.fsdecode(root)
    if index is not None and is_below(root, absolute(os.fspath(index))):
        raise PathProblem(f"{name} belongs to the index at {index}.", hint="Name a folder of documents.")
    if not os.path.lexists(root):
        raise PathProblem(f"{name} does not exist.", hint="Check the spelling; quote names with spaces.")
    if not (os.path.isdir(root) or os.path.isfile(root)):
        raise PathProblem(f"{name} is neither a file nor a folder.", hint="Name a regular file or a folder.")
    if not os.access(root, os.R_OK):
        raise PathUnreadable(f"{name} may not be read by you.", hint="Ask its owner for the right to read it.")
    return root

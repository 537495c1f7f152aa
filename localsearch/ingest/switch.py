"""Changing an index to another encoder: all of its passages are encoded again, then one transaction points to the new
vectors.

Content keys begin with the encoder's fingerprint, so both encoders' vectors stand in one table without meeting. Until
the transaction nothing of the new ones is read; after it nothing of the old ones, which are dropped then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from localsearch.ingest.batch import steps
from localsearch.ingest.split import fitting_size
from localsearch.naming import spoken_name
from localsearch.records import Switched, encoded_text
from localsearch.store import cache
from localsearch.store.catalogue import made_with, read_settings
from localsearch.store.keys import content_key, name_key
from localsearch.store.writer import NAMED, Writer

if TYPE_CHECKING:
    from localsearch.encoder.onnx import Encoder

CHUNK = 2_048
"""Passages read at once, and sorted by length before they are encoded."""
_SPECIAL = 2
"""Tokens that an encoder puts around a text."""

SwitchProgress = Callable[[int, int, float], None]


def switch(writer: Writer, encoder: Encoder, folder: str, progress: SwitchProgress | None) -> Switched:
    """See `Index.use_encoder`. `folder`: as the index remembers it, empty for the encoder inside the package."""
    begun = time.monotonic()
    settings, made = read_settings(writer.connection), made_with(writer.connection)
    wanted = int(settings.get("passage_size_wanted", made.passage_size))
    size = fitting_size(wanted, encoder.max_tokens)
    total = int(writer.connection.execute("SELECT count(*) FROM passages").fetchone()[0])
    change = {
        "encoder": encoder.name,
        "encoder_folder": folder,
        "fingerprint": encoder.fingerprint,
        "dim": encoder.dim,
        "passage_size": size,
        "passage_size_wanted": wanted,
    }
    encoded = cut = 0
    if encoder.fingerprint == made.fingerprint:
        writer.put(**change)
        writer.drop_setting("next_fingerprint")
    else:
        writer.put(next_fingerprint=encoder.fingerprint)  # an indexing run in between keeps what is encoded for it
        encoded, cut = _encode_passages(writer, encoder, total, begun, progress)
        _encode_names(writer, encoder, made.fingerprint)

        def point() -> None:
            writer.point_to(_new_keys(writer, encoder.fingerprint))
            writer.put(**change)
            writer.drop_setting("next_fingerprint")

        cache.switch(writer, point, encoder.dim)
    writer.drop_unused_vectors()
    writer.checkpoint()
    split_again = size != made.passage_size and total > 0
    return Switched(encoder.name, total, encoded, cut, size, split_again, time.monotonic() - begun)


def _encode_passages(
    writer: Writer, encoder: Encoder, total: int, begun: float, progress: SwitchProgress | None
) -> tuple[int, int]:
    """Encode what has no vector of this encoder yet; how many those were, and how many are longer than it reads."""
    done = encoded = cut = 0
    for chunk in _chunks(writer):
        texts = {
            content_key(encoder.fingerprint, context, text): encoded_text(context, text) for _, context, text in chunk
        }
        missing = writer.missing(texts)
        done += len(chunk) - len(missing)
        for part in steps({key: text for key, text in texts.items() if key in missing}):
            writer.add_vectors(list(part), encoder.encode_passages(list(part.values())))
            encoded, done = encoded + len(part), done + len(part)
            if progress:
                progress(min(done, total), total, time.monotonic() - begun)
        cut += sum(_is_cut(encoder, encoded_text(context, text)) for _, context, text in chunk)
    return encoded, cut


def _is_cut(encoder: Encoder, text: str) -> bool:
    room = encoder.max_tokens - _SPECIAL
    return len(text) > room and len(encoder.token_offsets(text)) > room


def _encode_names(writer: Writer, encoder: Encoder, old: str) -> None:
    """The names of files that have a vector of the old encoder get one of the new."""
    names = {name for row in writer.connection.execute(NAMED).fetchall() if (name := spoken_name(*row))}
    known = {name_key(old, name): name for name in names}
    absent = writer.missing(known)
    new = {name_key(encoder.fingerprint, name): name for key, name in known.items() if key not in absent}
    missing = writer.missing(new)
    _add(writer, encoder, {key: name for key, name in new.items() if key in missing})


def _add(writer: Writer, encoder: Encoder, texts: Mapping[bytes, str]) -> None:
    for part in steps(texts):
        writer.add_vectors(list(part), encoder.encode_passages(list(part.values())))


def _new_keys(writer: Writer, fingerprint: str) -> Iterator[tuple[int, bytes]]:
    for chunk in _chunks(writer):
        for passage, context, text in chunk:
            yield passage, content_key(fingerprint, context, text)


def _chunks(writer: Writer) -> Iterator[list[tuple[int, str, str]]]:
    """Id, context and text of all passages, by id."""
    last = 0
    while chunk := writer.connection.execute(
        "SELECT id, context, text FROM passages WHERE id > ? ORDER BY id LIMIT ?", [last, CHUNK]
    ).fetchall():
        last = chunk[-1][0]
        yield chunk

"""Content keys: what was encoded, by what."""

from __future__ import annotations

from hashlib import blake2b


def content_key(fingerprint: str, context: str, text: str) -> bytes:
    """BLAKE2b-128 over encoder fingerprint, context and text, each with its length before it.

    Equal keys mean equal embeddings, so a renamed, copied or re-split passage is never encoded twice; a stored
    text that does not give its stored key is damaged.
    """
    digest = blake2b(digest_size=16)
    for part in (fingerprint, context, text):
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.digest()


def name_key(fingerprint: str, name: str) -> bytes:
    """The key under which the embedding of a file's name stands (`naming.spoken_name`)."""
    return content_key(fingerprint, "\0name", name)

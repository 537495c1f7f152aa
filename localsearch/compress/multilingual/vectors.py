"""The teachers' vectors of many texts, computed once and kept: half precision, one row for each text.

A file of vectors grows by blocks of texts and goes on where it stopped; what a block holds depends on the texts alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from localsearch.compress.distill.train import half_precision

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

BLOCK = 1_024
"""Texts that are encoded and written at a time."""
BATCH_PIECES = 1_024
"""Word pieces, padding included, that the teacher reads at a time: what fits a core's cache."""


@dataclass(frozen=True, slots=True)
class TextEncoder:
    """A teacher as Hugging Face publishes it: BERT or MPNet, mean pooling."""

    model: Any
    tokenizer: Tokenizer
    prefix: str
    longest: int
    """Word pieces of a text; the rest is cut off."""

    @property
    def dim(self) -> int:
        return int(self.model.config.hidden_size)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float16]:
        """(texts, dim), unit length."""
        rows = [entry.ids for entry in self.tokenizer.encode_batch([self.prefix + text for text in texts])]
        vectors = np.empty((len(rows), self.dim), dtype=np.float16)
        for numbers in batches_by_length([len(row) for row in rows], BATCH_PIECES):
            with torch.no_grad(), half_precision():
                vectors[numbers] = self._read([rows[number] for number in numbers]).numpy()
        return vectors

    def _read(self, rows: Sequence[Sequence[int]]) -> Tensor:
        ids, mask = padded(rows)
        hidden = self.model(ids, attention_mask=mask).last_hidden_state.float()  # (texts, length, dim)
        return functional.normalize((hidden * mask[:, :, None]).sum(dim=1), dim=1).half()


def load_text_encoder(folder: Path, prefix: str = "", longest: int = 256) -> TextEncoder:
    """From a folder of sentence-transformers."""
    from tokenizers import Tokenizer
    from transformers import AutoModel

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(longest)
    model = AutoModel.from_pretrained(
        folder, local_files_only=True, add_pooling_layer=False, attn_implementation="eager", dtype=torch.float32
    )
    return TextEncoder(model.eval().requires_grad_(False), tokenizer, prefix, longest)


def padded(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Word pieces (texts, length) and their mask, 1 where a text has a piece."""
    length = max(map(len, rows))
    ids = torch.ones((len(rows), length), dtype=torch.int64)
    mask = torch.zeros((len(rows), length), dtype=torch.int64)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = torch.tensor(row)
        mask[number, : len(row)] = 1
    return ids, mask


def batches_by_length(lengths: Sequence[int], pieces: int) -> Iterator[list[int]]:
    """Numbers of texts of about one length, together at most `pieces` with padding, the longest first."""
    batch: list[int] = []
    for number in sorted(range(len(lengths)), key=lambda number: -lengths[number]):
        if batch and lengths[batch[0]] * (len(batch) + 1) > pieces:
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def write_vectors(path: Path, texts: Sequence[str], encoder: TextEncoder, tell: Callable[[int], None]) -> None:
    """Add to the file at `path` what it lacks: rows of float16. `tell` is called with the number of texts done."""
    row = encoder.dim * 2
    done = path.stat().st_size // row if path.exists() else 0
    done -= done % BLOCK if done < len(texts) else 0
    with path.open("r+b" if path.exists() else "wb") as file:
        file.truncate(done * row)
        file.seek(done * row)
        for begin in range(done, len(texts), BLOCK):
            file.write(encoder.encode(texts[begin : begin + BLOCK]).tobytes())
            file.flush()
            os.fsync(file.fileno())
            tell(min(begin + BLOCK, len(texts)))


def read_vectors(path: Path, dim: int) -> NDArray[np.float16]:
    """(texts, dim), mapped."""
    return np.memmap(path, dtype=np.float16, mode="r").reshape(-1, dim)

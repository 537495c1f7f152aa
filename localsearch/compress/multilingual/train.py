"""The training, top to bottom: a step, a look at what is held out, a checkpoint, and how a run takes it up again.

The learning rate rises and stays (warm-up, stable, decay: Hu et al., MiniCPM, 2024), so a run may stop at any step and
the next goes on. `settle` lets it fall to nothing from a checkpoint on, in a folder of its own: most is gained then,
and the training itself goes on from where it was.
"""

from __future__ import annotations

import json
import math
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from localsearch.compress.distill.losses import sentence_loss, similarity_loss
from localsearch.compress.distill.teacher import unit
from localsearch.compress.distill.train import LARGEST_GRADIENT, half_precision
from localsearch.compress.multilingual.corpus import ENGLISH
from localsearch.compress.multilingual.recipe import Recipe
from localsearch.compress.multilingual.space import Space
from localsearch.compress.multilingual.texts import Draws, Texts
from localsearch.compress.multilingual.vectors import batches_by_length, padded

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from transformers import DistilBertModel

CHECKPOINT, LOG = "checkpoint.pt", "log.jsonl"
SAVE_EVERY = 300.0
"""Seconds between two checkpoints."""
PAIRS = 128
"""Held-out rows of a language among which each text has to find its translation."""


@dataclass(frozen=True, slots=True)
class Look:
    """The student on rows that it never learns from."""

    step: int
    loss: float
    """Of training, on average since the look before."""
    cosine: dict[str, float]
    """With the target, on average, by language."""
    found: dict[str, float]
    """Share of texts whose translation is the nearest of `PAIRS`, from English and to English, by language."""
    cpu_seconds: float
    """Of all runs of this training together."""


class Training:
    """A student, its targets, and how far it is."""

    def __init__(
        self,
        student: DistilBertModel,
        texts: Texts,
        vectors: Sequence[NDArray[np.float16]],
        space: Space,
        *,
        recipe: Recipe,
        folder: Path,
    ) -> None:
        """`vectors`: of each teacher, a row for each row of the text."""
        self.student, self.recipe, self.folder, self.space = student.eval(), recipe, folder, space
        self.texts, self.vectors = texts, vectors
        self._draws = Draws(texts, recipe)
        self._held_out = _held_out(texts, recipe)
        words = student.embeddings.word_embeddings
        words.sparse = True  # a step has few of all pieces
        others = [weights for weights in student.parameters() if weights is not words.weight]
        self._dense = torch.optim.AdamW(
            [
                {"params": [w for w in others if w.dim() > 1], "weight_decay": recipe.weight_decay},
                {"params": [w for w in others if w.dim() == 1], "weight_decay": 0.0},
            ],
            lr=recipe.learning_rate,
            betas=(0.9, 0.98),
        )
        self._sparse = torch.optim.SparseAdam([words.weight], lr=recipe.words_rate, betas=(0.9, 0.98))
        self.step = 0
        self.fall: tuple[int, int] | None = None
        """The step at which the learning rate begins to fall, and the steps that it takes; None while it stays."""
        self._losses: list[float] = []
        self._cpu_before = -time.process_time()
        self._stopped = False

    def run(self, look_every: int, tell: Callable[[Look], None], seconds: float = math.inf) -> None:
        """Train until the learning rate has fallen, the time is over or the process is told to stop (SIGTERM)."""
        before = signal.signal(signal.SIGTERM, self._stop)
        end, save_at = time.monotonic() + seconds, time.monotonic() + SAVE_EVERY
        try:
            while not self._stopped and time.monotonic() < end and not self.is_done:
                if self.step % look_every == 0:
                    self._tell(self.look(), tell)
                self._learn()
                if time.monotonic() > save_at:
                    self.save()
                    save_at = time.monotonic() + SAVE_EVERY
        finally:
            signal.signal(signal.SIGTERM, before)
        if self.is_done:
            self._tell(self.look(), tell)
        self.save()

    @property
    def is_done(self) -> bool:
        return self.fall is not None and self.step >= sum(self.fall)

    def _stop(self, *_: object) -> None:
        self._stopped = True

    # One step

    def _learn(self) -> None:
        share = self.learning_rate_share(self.step)
        for optimizer, rate in ((self._dense, self.recipe.learning_rate), (self._sparse, self.recipe.words_rate)):
            for group in optimizer.param_groups:
                group["lr"] = rate * share
        numbers = self._draws.step(self.step)
        loss = self._loss(self._vectors_of(numbers), self.texts.rows[numbers])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(
            [w for group in self._dense.param_groups for w in group["params"]], LARGEST_GRADIENT
        )
        for optimizer in (self._dense, self._sparse):
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self._losses.append(float(loss.detach()))
        self.step += 1

    def _loss(self, ours: Tensor, rows: NDArray[np.int32]) -> Tensor:
        """A text in any language is to have the vector of its row, and the row's neighbours among the others."""
        recipe, taught = self.recipe, self._taught(rows)
        together = self.space.joined(taught)
        return recipe.vector_weight * sentence_loss(ours, self.space.targets(taught)) + (
            recipe.similarity_weight * similarity_loss(ours, together, recipe.temperature)
        )

    def _taught(self, rows: NDArray[np.int32]) -> list[Tensor]:
        return [torch.from_numpy(vectors[rows].astype(np.float32)) for vectors in self.vectors]

    def _vectors_of(self, numbers: NDArray[np.int64]) -> Tensor:
        return vectors_of(self.student, self.texts, numbers, self.recipe.micro_pieces)

    def learning_rate_share(self, step: int) -> float:
        """Rise, stay, and fall as 1 - sqrt (Hägele et al., NeurIPS 2024)."""
        if self.fall is not None and step >= self.fall[0]:
            return 1.0 - math.sqrt(min(1.0, (step - self.fall[0]) / self.fall[1]))
        return min(1.0, (step + 1) / self.recipe.warmup)

    # What is held out

    def look(self) -> Look:
        cosine, found = {}, {}
        with torch.no_grad():
            english = self._vectors_of(self._held_out[ENGLISH][0])
            for language, (numbers, twins) in self._held_out.items():
                ours = english if language == ENGLISH else self._vectors_of(numbers)
                targets = self.space.targets(self._taught(self.texts.rows[numbers]))
                cosine[language] = float((ours * targets).sum(dim=1).mean())
                if language != ENGLISH:
                    found[language] = translations_found(english[torch.from_numpy(twins)], ours)
        loss = float(np.mean(self._losses)) if self._losses else 0.0
        self._losses = []
        return Look(self.step, loss, cosine, found, self.cpu_seconds)

    def _tell(self, look: Look, tell: Callable[[Look], None]) -> None:
        with (self.folder / LOG).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(look)) + "\n")
        tell(look)

    # Keeping

    @property
    def cpu_seconds(self) -> float:
        return self._cpu_before + time.process_time()

    def save(self) -> None:
        """Write the checkpoint beside its place and move it there: a crash leaves the old or the new one, whole."""
        path, new = self.folder / CHECKPOINT, self.folder / f"{CHECKPOINT}.new"
        with new.open("wb") as file:
            torch.save(
                {
                    "student": self.student.state_dict(),
                    "dense": self._dense.state_dict(),
                    "sparse": self._sparse.state_dict(),
                    "space": [list(self.space.weights), list(self.space.means), self.space.axes],
                    "step": self.step,
                    "fall": self.fall,
                    "cpu_seconds": self.cpu_seconds,
                },
                file,
            )
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)

    def take_up(self, kept: dict[str, Any]) -> None:
        """Go on from what `load_checkpoint` gave."""
        self.student.load_state_dict(kept["student"])
        self._dense.load_state_dict(kept["dense"])
        self._sparse.load_state_dict(kept["sparse"])
        self.step, self.fall = kept["step"], kept["fall"]
        self._cpu_before = kept["cpu_seconds"] - time.process_time()


def vectors_of(student: DistilBertModel, texts: Texts, numbers: NDArray[np.int64], pieces: int) -> Tensor:
    """(numbers, dim), unit length. `pieces`: read at a time, padding included."""
    lengths = texts.lengths[numbers].tolist()
    parts: list[Tensor] = []
    order: list[int] = []
    for places in batches_by_length(lengths, pieces):
        ids, mask = padded([texts.pieces(int(numbers[place])) for place in places])
        with half_precision():
            hidden = student(ids, attention_mask=mask).last_hidden_state  # (texts, length, dim)
        parts.append(unit((hidden.float() * mask[:, :, None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)))
        order += places
    return torch.cat(parts)[torch.tensor(order).argsort()]


def load_checkpoint(folder: Path) -> dict[str, Any] | None:
    """None when there is none. Its space is one again."""
    path = folder / CHECKPOINT
    if not path.exists():
        return None
    kept: dict[str, Any] = torch.load(path, weights_only=True)  # tensors and numbers only: no code
    weights, means, axes = kept["space"]
    return kept | {"space": Space(tuple(weights), tuple(means), axes)}


def translations_found(english: Tensor, other: Tensor) -> float:
    """Share of texts whose nearest in the other language is their translation, both ways. Both (texts, dim)."""
    cosines = english @ other.T
    right = torch.arange(len(english))
    return float(((cosines.argmax(dim=1) == right).float() + (cosines.argmax(dim=0) == right).float()).mean() / 2)


def _held_out(texts: Texts, recipe: Recipe) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """By language: numbers of texts, and the place of each one's English among the English ones. English is first."""
    of_rows: dict[int, dict[int, int]] = {}
    for number in np.flatnonzero(texts.rows < recipe.held_out):
        of_rows.setdefault(int(texts.rows[number]), {})[int(texts.languages[number])] = int(number)
    english = texts.names.index(ENGLISH)
    rows = sorted(of_rows)
    found = {ENGLISH: (np.array([of_rows[row][english] for row in rows]), np.arange(len(rows)))}
    for place, name in enumerate(texts.names):
        have = [at for at, row in enumerate(rows) if place in of_rows[row]][:PAIRS]
        if name != ENGLISH and len(have) >= PAIRS // 4:
            found[name] = (np.array([of_rows[rows[at]][place] for at in have]), np.array(have))
    return found

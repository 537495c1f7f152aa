"""The folder of a training: what each step finds there and leaves there. It is larger than a repository should hold.

rows.jsonl -> vectors/NAME.f16 of each teacher, tokenizer.json and pieces.npy -> texts.npz -> checkpoint.pt, log.jsonl
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from localsearch.compress.multilingual.corpus import ENGLISH, load_rows, ordered, read_rows, write_rows
from localsearch.compress.multilingual.recipe import Recipe, TeacherPart
from localsearch.encoder.card import TOKENIZER
from localsearch.errors import PathProblem

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from transformers import DistilBertModel

    from localsearch.compress.multilingual.space import Space
    from localsearch.compress.multilingual.texts import Texts
    from localsearch.compress.multilingual.train import Training

TEXTS_PER_LANGUAGE = 20_000
"""From which the worth of word pieces is counted."""
FIRST_ROWS = 16_384
"""From which the space of the teachers is made."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Workplace:
    """A folder, and the recipe that it follows."""

    folder: Path
    recipe: Recipe

    @property
    def rows(self) -> Path:
        return self.folder / "rows.jsonl"

    def vectors(self, name: str) -> Path:
        """Of a teacher."""
        return self.folder / "vectors" / f"{name}.f16"

    # Text

    def gather(self, paths: Sequence[Path], most: int, tell: Tell) -> None:
        """Bring the rows of all these files into their order. Rows that any teacher has read stay where they are."""
        self.folder.mkdir(parents=True, exist_ok=True)
        rows = {row[ENGLISH]: row for row in read_rows(paths)}
        first = [row | rows.pop(row[ENGLISH], {}) for row in load_rows(self.rows, self._read)] if self._read else []
        kept = [*first, *ordered(list(rows.values()), most - len(first))]
        new = self.rows.with_suffix(".new")
        write_rows(new, kept)
        os.replace(new, self.rows)
        tell(f"{len(kept):,} of {len(first) + len(rows):,} rows, {sum(map(len, kept)):,} texts")

    def teach(self, part: TeacherPart, model: Path, most: int, tell: Tell) -> None:
        """Add a teacher's vectors of the English texts, up to the row `most`."""
        from localsearch.compress.multilingual.vectors import load_text_encoder, write_vectors

        self.vectors(part.name).parent.mkdir(exist_ok=True)
        texts = [row[ENGLISH] for row in load_rows(self.rows, most)]
        encoder = load_text_encoder(model, part.prefix, self.recipe.longest)
        write_vectors(self.vectors(part.name), texts, encoder, lambda done: tell(f"{part.name}: {done:,} texts"))

    @property
    def taught(self) -> int:
        """Rows that all teachers have read."""
        return min(self._read_by(part) for part in self.recipe.teachers)

    @property
    def _read(self) -> int:
        """Rows that some teacher has read."""
        return max(self._read_by(part) for part in self.recipe.teachers)

    def _read_by(self, part: TeacherPart) -> int:
        path = self.vectors(part.name)
        return path.stat().st_size // (2 * part.dim) if path.exists() else 0

    # Word pieces

    def choose_pieces(self, source: Path, word_lists: Sequence[Path], tell: Tell) -> None:
        """Cut the tokenizer of the model in the folder `source` to what the rows' languages need."""
        from tokenizers import Tokenizer

        from localsearch.compress.multilingual.pieces import chosen, counted, cut_unigram

        tokenizer = Tokenizer.from_file(str(source / TOKENIZER))
        told = json.loads((source / TOKENIZER).read_text(encoding="utf-8"))
        vocabulary = [(str(piece), float(score)) for piece, score in told["model"]["vocab"]]
        said: dict[str, list[str]] = {}
        for row in load_rows(self.rows):
            for language, text in row.items():
                found = said.setdefault(language, [])
                if len(found) < TEXTS_PER_LANGUAGE:
                    found.append(text)
        counts = {language: counted(tokenizer, texts, len(vocabulary)) for language, texts in said.items()}
        words = [line for path in word_lists for line in path.read_text(encoding="utf-8").splitlines()]
        special = [entry["id"] for entry in told["added_tokens"][:4]]  # begin, padding, end, unknown
        kept = chosen(vocabulary, counts, counted(tokenizer, words, len(vocabulary)), special, self.recipe.word_pieces)
        cut_unigram(source, kept, self.folder)
        np.save(self.folder / "pieces.npy", np.array(kept))
        tell(f"{len(kept):,} of {len(vocabulary):,} word pieces")
        for language, times in sorted(counts.items()):
            tell(f"{language}: {times[kept].sum() / max(1.0, times.sum()):.4f} of its pieces stay")

    # Student and training

    def texts(self, tell: Tell) -> Texts:
        """Of the rows that are taught, in word pieces; kept until more rows are."""
        from tokenizers import Tokenizer

        from localsearch.compress.multilingual.texts import Texts, tokenized

        path, rows = self.folder / "texts.npz", self.taught
        if path.exists():
            kept = Texts.load(path)
            if int(kept.rows[-1]) == rows - 1:
                return kept
        tell(f"cutting {rows:,} rows into word pieces")
        made = tokenized(
            load_rows(self.rows, rows), Tokenizer.from_file(str(self.folder / TOKENIZER)), self.recipe.longest
        )
        new = path.with_name("new.npz")
        made.save(new)
        os.replace(new, path)
        return made

    def student(self, source: Path) -> DistilBertModel:
        """With some layers of the model in `source`, and the rows of the pieces that stay."""
        from transformers import BertModel

        from localsearch.compress.convert import to_distilbert
        from localsearch.compress.distill.student import keep_words, take_layers

        bert = BertModel.from_pretrained(source, local_files_only=True, add_pooling_layer=False)
        student = take_layers(to_distilbert(bert), self.recipe.layers)
        keep_words(student, [int(number) for number in np.load(self.folder / "pieces.npy", allow_pickle=False)])
        return student

    def training(self, source: Path, tell: Tell) -> Training:
        """From the last checkpoint, or from the beginning."""
        from localsearch.compress.multilingual.train import Training, load_checkpoint
        from localsearch.compress.multilingual.vectors import read_vectors

        texts, student = self.texts(tell), self.student(source)
        if self.taught <= self.recipe.held_out:
            raise PathProblem(f"{self.folder}: no teacher has read more rows than are held out.")
        vectors = [read_vectors(self.vectors(part.name), part.dim) for part in self.recipe.teachers]
        kept = load_checkpoint(self.folder)
        space: Space = self._fitted(student, texts, vectors) if kept is None else kept["space"]
        training = Training(student, texts, vectors, space, recipe=self.recipe, folder=self.folder)
        if kept is not None:
            training.take_up(kept)
            tell(f"going on from step {training.step}")
        return training

    def fit_again(self, source: Path, tell: Tell) -> None:
        """Find the axes of the space anew from all rows that are taught by now, turned towards what the student gives.

        The first were found in what little the teachers had read when the training began.
        """
        training = self.training(source, tell)
        training.space = self._fitted(training.student, training.texts, training.vectors)
        training.save()
        tell(f"step {training.step}: axes of {min(self.taught, FIRST_ROWS):,} rows")

    def _fitted(self, student: DistilBertModel, texts: Texts, vectors: Sequence[NDArray[np.float16]]) -> Space:
        import torch

        from localsearch.compress.multilingual.space import fitted
        from localsearch.compress.multilingual.train import vectors_of

        first = np.flatnonzero((texts.rows < FIRST_ROWS) & (texts.languages == texts.names.index(ENGLISH)))
        with torch.no_grad():
            ours = vectors_of(student, texts, first, self.recipe.micro_pieces)
        taught = [torch.from_numpy(own[texts.rows[first]].astype(np.float32)) for own in vectors]
        parts = self.recipe.teachers
        return fitted(
            taught, [part.weight for part in parts], [part.centred for part in parts], ours - ours.mean(dim=0)
        )

    def branch(self, folder: Path) -> Workplace:
        """A folder with the same text and the last checkpoint, to let the learning rate fall there."""
        folder.mkdir(parents=True)
        for name in ("rows.jsonl", "vectors", "texts.npz", "tokenizer.json", "pieces.npy"):
            (folder / name).symlink_to((self.folder / name).resolve())
        shutil.copy(self.folder / "checkpoint.pt", folder)
        return Workplace(folder, self.recipe)

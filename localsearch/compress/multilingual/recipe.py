"""Every number that decides what the student of many languages becomes."""

from __future__ import annotations

from dataclasses import dataclass

from localsearch.compress.multilingual.corpus import ENGLISH


@dataclass(frozen=True, slots=True)
class TeacherPart:
    """One teacher of the English space."""

    name: str
    """Of its file of vectors."""
    dim: int
    prefix: str
    """Before each text."""
    weight: float
    """Of its cosines, against the other teachers'."""
    centred: bool
    """Whether the mean is taken off its vectors: where all cosines are high, only what is left tells texts apart."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """One training; what it has seen is decided by these, the text and the steps done."""

    teachers: tuple[TeacherPart, ...] = (
        TeacherPart("minilm", 384, "", 1.0, centred=False),
        TeacherPart("mpnet", 768, "", 1.0, centred=False),
        TeacherPart("e5", 384, "query: ", 0.75, centred=True),
    )
    layers: tuple[int, ...] = (1, 3, 5, 7, 9, 11)
    """Of the language teacher, that the student begins with."""
    word_pieces: int = 56_000
    """What `tokenizers` loads in a tenth of a second."""
    longest: int = 256
    """Word pieces of a text."""
    bands: tuple[int, ...] = (16, 32, 64, 128)
    """Word pieces up to which a text belongs to the first bands; each band gets equal numbers of pieces in a step."""
    step_pieces: int = 8_192
    micro_pieces: int = 1_024
    """Read at a time, padding included: what fits a core's cache. Four times as many take half as long again."""
    english: float = 0.25
    """Share of the texts of a step that are English."""
    balance: float = 0.4
    """A language's share of the others is its number of texts to this power."""
    held_out: int = 1_024
    """Rows at the beginning that are never learned from."""
    vector_weight: float = 4.0
    similarity_weight: float = 0.5
    temperature: float = 0.05
    learning_rate: float = 4e-4
    words_rate: float = 2e-4
    """Of the word embeddings: a row of them learns only in steps that have its piece."""
    weight_decay: float = 0.01
    warmup: int = 200
    """Steps in which the learning rate rises; it stays until the training is settled."""
    seed: int = 7

    def share(self, language: str, texts: int, of_others: float) -> float:
        """Of one language among the texts of a step. `of_others`: sum of `texts ** balance` of all but English."""
        if language == ENGLISH:
            return self.english
        return float((1.0 - self.english) * texts**self.balance / of_others)


RECIPE = Recipe()

"""What a distillation is: every number that decides what the student becomes."""

from __future__ import annotations

from dataclasses import dataclass, replace

LEAST_LOOKS = 6
"""At the text held out, so that a short run has a curve too."""


@dataclass(frozen=True, slots=True)
class DistillConfig:
    """One run. Together with the text and the teacher it decides the student's weights."""

    name: str
    """Of the encoder that comes out."""
    layers: tuple[int, ...]
    """The layers of the starting encoder that the student begins with, first is 0."""
    targets: tuple[int, ...]
    """The teacher's layers whose output the student's layers learn, one for each; the last is the teacher's last."""
    neurons: float = 1.0
    """Share of each layer's feed-forward neurons that the student begins with, the ones that send on most."""
    vocabulary: int = 0
    """Word pieces kept, the most frequent ones in the text; 0 keeps all."""
    steps: int = 3_000
    """A step reads five times `band_tokens` word pieces: with 1,638, 8,190 pieces, 25 million in 3,000 steps."""
    band_tokens: int = 1_638
    bands: tuple[tuple[int, int], ...] = ((8, 16), (17, 32), (33, 64), (65, 128), (129, 256))
    """Word pieces of a text, special ones included: questions, sentences, paragraphs, passages. Each band gets equal
    numbers of pieces in every step, so that most texts are short and most pieces stand in long ones."""
    balance: float = 0.5
    """A source's share is its size to this power: 1 as large as it is, 0 every source alike."""
    learning_rate: float = 5e-4
    warmup: int = 100
    """Steps until the learning rate is reached."""
    cooldown: float = 0.9
    """Share of the steps, at the end, in which it falls to nothing. A student learns most of what it learns then."""
    weight_decay: float = 0.01
    temperature: float = 0.05
    """Of the similarities between texts: cosines are divided by it before they are compared as distributions."""
    sentence_weight: float = 4.0
    similarity_weight: float = 0.5
    hidden_weight: float = 1.0
    train_words: bool = False
    """Whether word and position embeddings learn as well. They are most of the weights and fit the teacher already."""
    held_out: float = 0.02
    """Share of each source's text, at its end, that is never learned from."""
    check_every: int = 100
    """Steps between two looks at the text held out; a checkpoint is written at each."""
    patience: int = 8
    """Looks without improvement after which it falls faster, and the training ends early."""
    seed: int = 7

    def fitted(self, start: int, teacher: int, layers: int | None = None) -> DistillConfig:
        """The same for encoders of `start` and `teacher` layers: layers in even steps where the recipe's do not fit.

        `layers`: how many the student gets; None: as many as the recipe says. A start that has just as many is an
        earlier student that goes on: it keeps all layers and neurons, and learns what the recipe's layers learn.
        """
        count = layers or len(self.layers)
        if count == len(self.layers) == start and self.targets[-1] == teacher - 1:
            return replace(self, layers=tuple(range(start)), neurons=1.0)
        if count == len(self.layers) and self.layers[-1] == start - 1 and self.targets[-1] == teacher - 1:
            return self
        return replace(self, layers=even_layers(start, count), targets=even_layers(teacher, count))

    def shortened(self, steps: int) -> DistillConfig:
        """The same in `steps` steps; with fewer than the recipe's, warmup and looks come sooner as well."""
        warmup, check_every = min(self.warmup, steps // 10), min(self.check_every, max(1, steps // LEAST_LOOKS))
        return replace(self, steps=steps, warmup=warmup, check_every=check_every)

    def within(self, longest: int) -> DistillConfig:
        """The same with no text of more than `longest` word pieces."""
        bands = tuple((low, min(high, longest)) for low, high in self.bands if low <= longest)
        return replace(self, bands=bands)


def even_layers(count: int, wanted: int) -> tuple[int, ...]:
    """`wanted` of `count` layers in even steps, the last one always: 3 of 6 are 1, 3, 5."""
    return tuple((number + 1) * count // wanted - 1 for number in range(wanted))

"""A distillation from its request to the encoder folder: read -> plan -> train -> publish, each a step of its own.

What is not finished lies in a private folder (`compress.workplace`): the text in word pieces, the checkpoint. The same
request takes it up again, also with another number of steps.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from localsearch.compress.distill.config import DistillConfig
from localsearch.compress.distill.stream import Batches, Stream, read_stream
from localsearch.compress.distill.text import Warn, read_sources
from localsearch.compress.distill.vocabulary import counterparts, cut_tokenizer, frequent_pieces, read_vocabulary
from localsearch.compress.leakage import unjudged
from localsearch.compress.workplace import read_kept, workplace, written
from localsearch.encoder.card import TOKENIZER, Card, read_card
from localsearch.encoder.onnx import DEFAULT
from localsearch.errors import EncoderError, PathProblem

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import DistilBertModel

    from localsearch.compress.distill.train import Training
    from localsearch.compress.weights import TorchEncoder

LEAST_PIECES = 10_000
"""Word pieces of text below which nothing can be learned."""
ENOUGH_PIECES = 2_000_000
"""Word pieces below which a student is likely to be poor away from its text."""
CALIBRATION = 4
"""Steps whose texts decide which neurons a student begins with."""
LEAST_STEPS = 50
"""Steps of training below which the time is not worth spending."""
STREAM, PIECES, CURVE = "stream.npz", "pieces.npy", "curve.svg"
TIMES = ("steps", "warmup", "check_every")
"""Of the configuration: what may change when a training is taken up again."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is wanted."""

    config: DistillConfig
    texts: tuple[Path, ...]
    """Folders of documents, single documents, `.txt` or `.jsonl` files."""
    out: Path
    """The encoder folder to be made."""
    teacher: Path = DEFAULT
    """An encoder folder with its torch weights."""
    start: Path | None = None
    """The encoder folder whose layers the student begins with; None: the teacher's."""
    layers: int | None = None
    """Of the student; None: as many as the recipe says."""
    seconds: float | None = None
    """That all runs of the training may take together; fewer steps are done where the configuration's take longer."""
    unseen: frozenset[int] = frozenset()
    """Rows of words (`compress.leakage`) of what the student will be measured on: texts with them are left out."""

    @property
    def begins(self) -> Path:
        return self.start or self.teacher


@dataclass(frozen=True, slots=True)
class Plan:
    """What a training would take, measured before it begins."""

    steps: int
    """Left to do."""
    pieces: int
    """Word pieces that a step reads."""
    seconds: float
    """Of one step, on this machine as it is now."""
    parameters: int
    teacher_parameters: int

    @property
    def total(self) -> float:
        """Seconds."""
        return self.steps * self.seconds


@dataclass(frozen=True, slots=True)
class Distillation:
    """Everything in memory, ready to train."""

    request: Request
    place: Path
    """The private folder of what is not finished."""
    stream: Stream
    training: Training
    teacher: Card
    begins: Card
    tokenizer: Path
    """A folder with the student's tokenizer.json."""

    @property
    def config(self) -> DistillConfig:
        """The request's, with the layers that fit its encoders and the steps that its time allows."""
        return self.training.config

    def plan(self) -> Plan:
        training = self.training
        rows = self.config.band_tokens * len(self.config.bands)
        left = training.last_step - training.step
        seconds = training.seconds_a_step() if left else 0.0
        return Plan(left, rows, seconds, _count(training.student), training.teacher.parameters)

    def train(self, tell: Callable[[Training], None]) -> None:
        """See `train_to_end`."""
        train_to_end(self.training, self.place, tell)


def train_to_end(training: Training, place: Path, tell: Callable[[Training], None]) -> None:
    """`tell` is called after every step, and the curve is drawn in the folder `place` at every look."""
    from localsearch.compress.distill.plot import plot

    def told(training: Training) -> None:
        if training.looks[-1].step == training.step:
            (place / CURVE).write_text(plot(training.looks, training.last_step), encoding="utf-8")
        tell(training)

    training.run(told)


@contextmanager
def distilling(request: Request, warn: Warn, *, estimate: bool = False) -> Iterator[Distillation]:
    """Load the encoders, read the text, and take up what an earlier run has left.

    What lies in the private folder is removed at the end. `estimate`: nothing will be published, so a checkpoint of an
    earlier run stays. Raises EncoderError, PathProblem, MissingExtra, StorageError.
    """
    from localsearch.compress.distill.student import thin_out
    from localsearch.compress.distill.teacher import Teacher
    from localsearch.compress.distill.train import Training
    from localsearch.compress.weights import load_torch

    teacher, begins = read_card(request.teacher), read_card(request.begins)
    taught, starting = load_torch(request.teacher), load_torch(request.begins)
    counts = starting.model.config.num_hidden_layers, taught.model.config.num_hidden_layers
    if not 1 <= (request.layers or 1) <= min(counts):
        raise EncoderError(f"A student has 1 to {min(counts)} layers here, not {request.layers}.")
    config = request.config.fitted(*counts, request.layers).within(min(teacher.max_tokens, begins.max_tokens))
    told = {
        "config": {name: value for name, value in asdict(config).items() if name not in TIMES},
        "teacher": teacher.fingerprint,
        "start": begins.fingerprint,
        "unseen": hashlib.blake2b(str(sorted(request.unseen)).encode(), digest_size=8).hexdigest(),
    }
    with workplace(request.out, told, request.texts, keep=estimate) as place:
        kept = _kept_pieces(request, config, teacher, place)
        tokenizer = place if kept else request.begins
        stream = _stream(request, tokenizer, place, warn)
        student = _student(starting, config, kept)
        batches = Batches(stream, config, prefix_pieces(tokenizer, teacher))
        if config.neurons < 1.0:
            thin_out(student, config.neurons, batches.first(CALIBRATION))
        taught_in = Teacher(taught, _counterparts(tokenizer, request.teacher))
        training = Training(student, taught_in, batches, config, place)
        training.resume()
        if request.seconds is not None:
            _fit_time(training, request.seconds)
        yield Distillation(request, place, stream, training, teacher, begins, tokenizer)


def _student(starting: TorchEncoder, config: DistillConfig, kept: list[int]) -> DistilBertModel:
    """Some layers of `starting`, with the word pieces `kept`; empty: all."""
    from localsearch.compress.distill.student import begin, keep_words

    student = begin(starting.model, config.layers)
    if kept:
        keep_words(student, kept)
    return student


def _fit_time(training: Training, seconds: float) -> None:
    """Do as many steps as the time allows, if the configuration has more. Raises EncoderError when they are too few."""
    a_step = training.seconds_a_step()
    steps = training.step + int(max(0.0, seconds - training.seconds) / a_step)
    if training.step == 0 and steps < min(LEAST_STEPS, training.config.steps):
        raise EncoderError(f"a step takes {a_step:.1f} s, and the time allows {steps} of them only")
    if steps < training.config.steps:
        training.plan(training.config.shortened(steps))


def _stream(request: Request, tokenizer: Path, place: Path, warn: Warn) -> Stream:
    """The text in word pieces of the tokenizer in the folder `tokenizer`; read once, kept for the next run."""
    path = place / STREAM
    if path.exists():
        return read_kept(path, Stream.load)
    stream = _read(request, tokenizer, warn)
    demand_text(stream, warn)
    stream.save(path)
    return stream


def demand_text(stream: Stream, warn: Warn) -> None:
    """Raises PathProblem when there is too little text to learn from; `warn` is told when it is not much."""
    if len(stream.ids) < LEAST_PIECES:
        raise PathProblem(
            f"The text has {len(stream.ids):,} word pieces; nothing can be learned from fewer than {LEAST_PIECES:,}.",
            hint="Give more folders: --text FOLDER.",
        )
    if len(stream.ids) < ENOUGH_PIECES:
        warn(f"{len(stream.ids):,} word pieces of text are few: the student may be poor at anything else.")


def _read(request: Request, tokenizer: Path, warn: Warn) -> Stream:
    loaded = load_tokenizer(tokenizer)
    sources = read_sources(request.texts, loaded, warn)
    return read_stream({name: unjudged(texts, request.unseen) for name, texts in sources.items()}, loaded)


def prefix_pieces(tokenizer: Path, card: Card) -> list[list[int]]:
    """What stands before a query and before a passage, in the word pieces of the folder `tokenizer`.

    One list where both are the same, such as none.
    """
    loaded = load_tokenizer(tokenizer)
    pieces = [
        list(loaded.encode(prefix.strip(), add_special_tokens=False).ids)
        for prefix in (card.query_prefix, card.passage_prefix)
    ]
    return pieces[:1] if pieces[0] == pieces[1] else pieces


def load_tokenizer(folder: Path) -> Tokenizer:
    """Of whole texts, without padding. Raises EncoderError when it is not there, or none."""
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    except Exception as error:  # the library raises nothing more particular
        reason = str(error).split("\n", 1)[0]
        raise EncoderError(f"The tokenizer at {folder / TOKENIZER} cannot be used: {reason}.") from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _kept_pieces(request: Request, config: DistillConfig, teacher: Card, place: Path) -> list[int]:
    """Numbers of the word pieces that the student keeps; `place` has their tokenizer.json. Empty: all."""
    if not config.vocabulary:
        return []
    vocabulary = read_vocabulary(request.begins)
    path = place / PIECES
    if not path.exists():
        stream = _read(request, request.begins, lambda line: None)  # said when it is read again
        counts = np.bincount(stream.ids, minlength=len(vocabulary))
        kept = frequent_pieces(vocabulary, counts, config.vocabulary, chain(*prefix_pieces(request.begins, teacher)))
        cut_tokenizer(request.begins, kept, place)
        with written(path) as file:
            np.save(file, np.array(kept))
    return read_kept(path, lambda path: [int(number) for number in np.load(path, allow_pickle=False)])


def _counterparts(student: Path, teacher: Path) -> Any:
    """The teacher's number of each of the student's word pieces; None where they have one tokenizer."""
    import torch

    if load_tokenizer(student).to_str() == load_tokenizer(teacher).to_str():
        return None
    return torch.from_numpy(counterparts(read_vocabulary(student), read_vocabulary(teacher)))


def _count(model: Any) -> int:
    return sum(int(weights.numel()) for weights in model.parameters())

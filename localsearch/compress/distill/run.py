"""A distillation from its request to the encoder folder: read -> plan -> train -> publish, each a step of its own.

What is not finished lies in a folder beside the encoder's, `.NAME.training`: the text in word pieces, the checkpoint,
the curve. The same request takes it up again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from localsearch.compress.distill.config import DistillConfig
from localsearch.compress.distill.stream import Batches, Stream, read_stream
from localsearch.compress.distill.text import Warn, read_sources
from localsearch.compress.distill.vocabulary import counterparts, cut_tokenizer, frequent_pieces, read_vocabulary
from localsearch.encoder.card import TOKENIZER, Card, read_card
from localsearch.encoder.onnx import DEFAULT
from localsearch.errors import EncoderError, PathProblem

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from localsearch.compress.distill.train import Training

LEAST_PIECES = 10_000
"""Word pieces of text below which nothing can be learned."""
ENOUGH_PIECES = 2_000_000
"""Word pieces below which a student is likely to be poor away from its text."""
CALIBRATION = 4
"""Steps whose texts decide which neurons a student begins with."""
STREAM, REQUEST, CURVE = "stream.npz", "request.json", "curve.svg"


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

    @property
    def begins(self) -> Path:
        return self.start or self.teacher

    @property
    def workplace(self) -> Path:
        return self.out.with_name(f".{self.out.name}.training")


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
    config: DistillConfig
    """The request's, with the layers that fit its encoders."""
    stream: Stream
    training: Training
    teacher: Card
    begins: Card
    tokenizer: Path
    """A folder with the student's tokenizer.json."""

    def plan(self) -> Plan:
        training = self.training
        rows = self.config.band_tokens * len(self.config.bands)
        left = training.last_step - training.step
        seconds = training.seconds_a_step() if left else 0.0
        return Plan(left, rows, seconds, _count(training.student), training.teacher.parameters)

    def train(self, tell: Callable[[Training], None]) -> None:
        """See `train_to_end`."""
        train_to_end(self.training, self.request.workplace, tell)


def train_to_end(training: Training, workplace: Path, tell: Callable[[Training], None]) -> None:
    """`tell` is called after every step, and the curve is drawn in the workplace at every look."""
    from localsearch.compress.distill.plot import plot

    def told(training: Training) -> None:
        if training.looks[-1].step == training.step:
            (workplace / CURVE).write_text(plot(training.looks, training.last_step), encoding="utf-8")
        tell(training)

    training.run(told)


def prepare(request: Request, warn: Warn) -> Distillation:
    """Load the encoders, read the text, and take up what an earlier run has left.

    Raises EncoderError, PathProblem, MissingExtra.
    """
    from localsearch.compress.distill.student import begin, keep_words, thin_out
    from localsearch.compress.distill.teacher import Teacher
    from localsearch.compress.distill.train import Training
    from localsearch.compress.weights import load_torch

    if request.out.exists():
        raise PathProblem(f"{request.out} exists already.", hint="Choose another --out, or move it away.")
    teacher, begins = plain_card(request.teacher), plain_card(request.begins)
    taught, starting = load_torch(request.teacher), load_torch(request.begins)
    counts = starting.model.config.num_hidden_layers, taught.model.config.num_hidden_layers
    if not 1 <= (request.layers or 1) <= min(counts):
        raise EncoderError(f"A student has 1 to {min(counts)} layers here, not {request.layers}.")
    config = request.config.fitted(*counts, request.layers).within(min(teacher.max_tokens, begins.max_tokens))

    workplace = _open_workplace(request, config, teacher, begins)
    kept = _kept_pieces(request, config, workplace)
    tokenizer = workplace if kept else request.begins
    stream = _stream(request, tokenizer, workplace, warn)
    student = begin(starting.model, config.layers)
    if kept:
        keep_words(student, kept)
    batches = Batches(stream, config)
    if config.neurons < 1.0:
        thin_out(student, config.neurons, batches.first(CALIBRATION))
    training = Training(student, Teacher(taught, _counterparts(tokenizer, request.teacher)), batches, config, workplace)
    training.resume()
    return Distillation(request, config, stream, training, teacher, begins, tokenizer)


def plain_card(folder: Path) -> Card:
    """The card of an encoder that reads a text as it is. Raises EncoderError for one that wants something before it."""
    card = read_card(folder)
    if card.query_prefix or card.passage_prefix:
        raise EncoderError(
            f"The encoder at {folder} wants {card.passage_prefix or card.query_prefix!r} before each text.",
            hint="Distillation takes teachers without such a prefix.",
        )
    return card


def _open_workplace(request: Request, config: DistillConfig, teacher: Card, begins: Card) -> Path:
    told: dict[str, Any] = {
        "config": asdict(config),
        "teacher": teacher.fingerprint,
        "start": begins.fingerprint,
        "texts": [str(path.resolve()) for path in request.texts],
    }
    open_workplace(request.workplace, told)
    return request.workplace


def open_workplace(workplace: Path, told: Mapping[str, Any]) -> None:
    """Make the folder, or see that it is one of the same request. Raises EncoderError when it is not.

    `told`: all that decides what comes out, for JSON.
    """
    text = json.dumps(told, indent=2) + "\n"
    path = workplace / REQUEST
    if path.exists():
        if path.read_text(encoding="utf-8") != text:
            raise EncoderError(
                f"{workplace} holds a training with other options.",
                hint="Repeat its options to go on with it, or delete the folder to begin anew.",
            )
    else:
        workplace.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _stream(request: Request, tokenizer: Path, workplace: Path, warn: Warn) -> Stream:
    """The text in word pieces of the tokenizer in the folder `tokenizer`; read once, kept for the next run."""
    path = workplace / STREAM
    if path.exists():
        return Stream.load(path)
    stream = _read(request.texts, tokenizer, warn)
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


def _read(texts: Sequence[Path], tokenizer: Path, warn: Warn) -> Stream:
    loaded = load_tokenizer(tokenizer)
    return read_stream(read_sources(texts, loaded, warn), loaded)


def load_tokenizer(folder: Path) -> Tokenizer:
    """Of whole texts, without padding."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _kept_pieces(request: Request, config: DistillConfig, workplace: Path) -> list[int]:
    """Numbers of the word pieces that the student keeps; the workplace has their tokenizer.json. Empty: all."""
    if not config.vocabulary:
        return []
    vocabulary = read_vocabulary(request.begins)
    path = workplace / "pieces.npy"
    if not path.exists():
        stream = _read(request.texts, request.begins, lambda line: None)  # said when it is read again
        counts = np.bincount(stream.ids, minlength=len(vocabulary))
        kept = frequent_pieces(vocabulary, counts, config.vocabulary)
        cut_tokenizer(request.begins, kept, workplace)
        np.save(path, np.array(kept))
    return [int(number) for number in np.load(path, allow_pickle=False)]


def _counterparts(student: Path, teacher: Path) -> Any:
    """The teacher's number of each of the student's word pieces; None where they have one tokenizer."""
    import torch

    if load_tokenizer(student).to_str() == load_tokenizer(teacher).to_str():
        return None
    return torch.from_numpy(counterparts(read_vocabulary(student), read_vocabulary(teacher)))


def _count(model: Any) -> int:
    return sum(int(weights.numel()) for weights in model.parameters())

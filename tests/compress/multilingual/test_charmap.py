"""The map of characters is applied by `tokenizers` exactly as it is written down."""

from __future__ import annotations

import random

from tokenizers import normalizers

from localsearch.compress.multilingual.charmap import precompiled


def test_every_character_is_replaced_and_no_other() -> None:
    drawn = random.Random(3)
    letters = [chr(number) for number in (*range(0x20, 0xD7FF), *range(0xE000, 0x11000))]
    keys = drawn.sample(letters, 3_000)
    characters = {key: drawn.choice(["", " ", "ab", "é", "合同", key + "x"]) for key in keys}
    normalizer = normalizers.Precompiled(precompiled(characters))
    for letter in [*keys, *drawn.sample(letters, 3_000)]:
        found = normalizer.normalize_str(f"1{letter}\n")  # nothing joins a line's end to one grapheme
        assert found == f"1{characters.get(letter, letter)}\n", hex(ord(letter))


def test_a_map_of_one() -> None:
    normalizer = normalizers.Precompiled(precompiled({"Ａ": "A"}))
    assert normalizer.normalize_str("ＡＢ a") == "AＢ a"

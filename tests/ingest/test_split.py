"""Passages keep every word, stay within the window, and end where the document lets them."""

from __future__ import annotations

import re
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localsearch.ingest.split import split
from localsearch.records import Block, BlockKind, Document, Passage

SIZE = 40
WINDOW = SIZE + 54
SENTENCE = "The quick brown fox jumps over the lazy dog today."  # 11 pieces


def token_offsets(text: str) -> list[tuple[int, int]]:
    """Like a word-piece tokeniser: pieces of up to 6 letters, single signs; a word over 100 letters is one."""
    return [match.span() for match in re.finditer(r"\w{100,}|\w{1,6}|[^\w\s]", text)]


def count(text: str) -> int:
    return len(token_offsets(text))


def heading(*path: str, page: int | None = None) -> Block:
    return Block(BlockKind.HEADING, path[-1], path, page)


def paragraph(text: str, *path: str, page: int | None = None) -> Block:
    return Block(BlockKind.PARAGRAPH, text, path, page)


def table(rows: list[str], *path: str) -> Block:
    return Block(BlockKind.TABLE, "\n".join(rows), path, header=rows[0])


def passages(*blocks: Block, title: str = "", size: int = SIZE) -> list[Passage]:
    document = Document(blocks, title)
    found = split(document, token_offsets, size=size)
    assert_sound(document, found, size)
    return found


def assert_sound(document: Document, found: list[Passage], size: int) -> None:
    text, done = document.text, 0
    for passage in found:
        assert passage.text == text[passage.start : passage.end]
        assert passage.text == passage.text.strip() != ""
        assert passage.start >= done
        assert not text[done : passage.start].strip()
        done = passage.end
        assert count(passage.encoded_text) <= size + 54
        assert len(passage.text) <= 24 * (size + 40) + sum(map(str.isspace, passage.text))
    assert not text[done:].strip()


def test_an_empty_document_has_no_passages() -> None:
    assert passages() == []
    assert passages(paragraph(" \n\t ")) == []


def test_a_short_document_is_one_passage() -> None:
    (passage,) = passages(heading("Leave"), paragraph(SENTENCE, "Leave"), title="Handbook")
    assert passage.text == f"Leave\n\n{SENTENCE}"
    assert passage.context == "Handbook"
    assert passage.heading == "Leave"


def test_a_long_paragraph_is_cut_before_sentences_into_like_parts() -> None:
    found = passages(paragraph(" ".join([SENTENCE] * 9)))
    assert [passage.text.count("fox") for passage in found] == [3, 3, 3]
    assert all(passage.text.endswith("today.") for passage in found)


def test_a_cut_prefers_the_boundary_of_a_block() -> None:
    first = " ".join([SENTENCE] * 3) + " Indeed."  # 35 pieces; a third of all would be 33
    found = passages(paragraph(first), paragraph(" ".join([SENTENCE] * 6)))
    assert found[0].text == first


def test_what_fits_the_window_stays_whole() -> None:
    fits = " ".join([SENTENCE] * 8)  # 88 of 94 pieces
    assert len(passages(paragraph(fits))) == 1
    assert len(passages(paragraph(fits), title="A title of more than six words here")) == 2


def test_no_passage_crosses_a_page() -> None:
    found = passages(paragraph("One.", page=1), paragraph("Two.", page=2), paragraph("Three.", page=2))
    assert [(passage.page, passage.text) for passage in found] == [(1, "One."), (2, "Two.\n\nThree.")]


def test_a_heading_begins_a_passage_and_never_ends_one() -> None:
    body = " ".join([SENTENCE] * 3)
    found = passages(heading("A"), paragraph(body, "A"), heading("B"), heading("B", "B1"), paragraph(body, "B", "B1"))
    assert [passage.text.split("\n")[0] for passage in found] == ["A", "B"]
    assert [passage.heading for passage in found] == ["A", "B"]


def test_a_heading_stays_with_text_that_fills_the_passage_alone() -> None:
    body = " ".join(["word"] * (SIZE - 1)) + "."
    found = passages(
        heading("A title of nine short words in all"), *[paragraph(body, "A title of nine short words in all")] * 3
    )
    assert found[0].text == f"A title of nine short words in all\n\n{body}"


def test_tiny_sections_of_one_parent_are_joined() -> None:
    found = passages(
        heading("A", "A1"),
        paragraph("Yes.", "A", "A1"),
        heading("A", "A2"),
        paragraph("No.", "A", "A2"),
        heading("B"),
        paragraph("Perhaps.", "B"),
    )
    assert [passage.text for passage in found] == ["A1\n\nYes.\n\nA2\n\nNo.", "B\n\nPerhaps."]


def test_a_tiny_section_is_joined_with_a_large_one_after_it() -> None:
    long = " ".join([SENTENCE] * 9)
    found = passages(heading("A", "A1"), paragraph("Yes.", "A", "A1"), heading("A", "A2"), paragraph(long, "A", "A2"))
    assert found[0].text.startswith("A1\n\nYes.\n\nA2\n\nThe quick")


def test_the_context_is_title_and_headings_without_what_the_text_begins_with() -> None:
    body = " ".join([SENTENCE] * 9)
    found = passages(heading("Leave", "Sick"), paragraph(body, "Leave", "Sick"), title="Handbook")
    assert [passage.context for passage in found] == ["Handbook > Leave", *["Handbook > Leave > Sick"] * 2]
    assert {passage.heading for passage in found} == {"Leave > Sick"}


def test_a_title_that_is_the_first_heading_is_not_repeated() -> None:
    body = " ".join([SENTENCE] * 9)
    found = passages(heading("Leave"), paragraph(body, "Leave"), title="Leave")
    assert [passage.context for passage in found] == ["", "Leave", "Leave"]


def test_a_long_context_keeps_the_title_and_the_innermost_heading() -> None:
    path = tuple(f"Heading number {i} of many" for i in range(12))
    (passage,) = passages(paragraph(SENTENCE, *path), title="Handbook of the company")
    assert passage.context.startswith("Handbook of the company > … > Heading number")
    assert passage.context.endswith("> Heading number 11 of many")
    assert count(passage.context) <= 40


def test_endless_titles_and_headings_are_shortened() -> None:
    (passage,) = passages(paragraph(SENTENCE, "heading " * 5_000), title="title " * 5_000)
    assert count(passage.context) <= 40
    assert passage.context.startswith("title title")
    assert "… > heading heading" in passage.context
    assert len(passage.heading) <= 160


def test_later_passages_of_a_table_carry_its_header() -> None:
    rows = ["Item | Price | Note", *(f"Bolt M{i} | {i} EUR | in stock" for i in range(20))]
    found = passages(heading("Prices"), table(rows, "Prices"), title="Catalogue")
    assert found[0].context == "Catalogue"
    assert found[0].text.startswith("Prices\n\nItem | Price | Note\nBolt M0")
    assert {passage.context for passage in found[1:]} == {"Catalogue > Prices\nItem | Price | Note"}
    assert [line for passage in found for line in passage.text.split("\n") if "Bolt" in line] == rows[1:]


def test_a_table_that_begins_a_passage_has_its_header_in_the_text() -> None:
    (passage,) = passages(table(["Item | Price", "Bolt | 3 EUR"]), title="Catalogue")
    assert passage.text.startswith("Item | Price")
    assert passage.context == "Catalogue"


def test_a_table_header_never_ends_a_passage() -> None:
    before = " ".join(["word"] * 29) + "."
    header = "Item | Price | Unit | Stock | Note"  # ends where a third of all does
    found = passages(paragraph(before), table([header, *["Nut | 2 EUR"] * 19]))
    assert found[0].text == before
    assert found[1].text.startswith(f"{header}\nNut")


def test_a_wide_header_leaves_room_for_the_row() -> None:
    header = " | ".join(f"column {i}" for i in range(300))
    rows = [header, *(" | ".join(["value"] * 15) for _ in range(5))]
    found = passages(
        table(rows, "Prices of this and of the coming year"), title="A catalogue of all our goods, with " * 3
    )
    place, columns = found[-1].context.split("\n")
    assert place.startswith("A catalogue of all our goods")
    assert columns.startswith("column 0 | column 1")
    assert columns.endswith("…")


HUGE = 120_000
ENDLESS = {
    "one word": "x" * HUGE,
    "one row": " | ".join(["cell"] * (HUGE // 7)),
    "words without a stop": "word " * (HUGE // 5),
    "Chinese without a stop": "信息检索系统" * (HUGE // 6),
    "stops": "." * HUGE,
    "blanks": "a" + " " * HUGE + "b",
    "lines": "a\n" * (HUGE // 2),
    "blank lines": "a" + " \n" * (HUGE // 2) + "b",
    "quotes": "“" * HUGE,
}


@pytest.mark.parametrize("kind", [BlockKind.PARAGRAPH, BlockKind.TABLE, BlockKind.HEADING])
@pytest.mark.parametrize("name", ENDLESS)
def test_endless_text_is_cut_within_bounds(name: str, kind: BlockKind) -> None:
    text = ENDLESS[name]
    found = passages(Block(kind, text, (text,) if kind is BlockKind.HEADING else ()))
    assert (len(found) == 1) == (name in ("blanks", "blank lines"))


def test_memory_grows_with_the_text_not_with_its_pieces() -> None:
    document = Document((paragraph("a " * 200_000),))
    tracemalloc.start()
    found = split(document, token_offsets, size=200)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found) > 900
    assert peak < 40 * len(document.text)


def test_an_over_long_sentence_is_cut_after_blanks() -> None:
    found = passages(paragraph(" ".join(f"abcdefghijkl{i:03}" for i in range(300))))  # three pieces each
    assert all(re.fullmatch(r"abcdefghijkl\d{3}( abcdefghijkl\d{3})*", passage.text) for passage in found)


blocks = st.lists(
    st.builds(
        lambda kind, text, path, page: Block(
            kind, text, tuple(path), page, text.split("\n")[0] if kind is BlockKind.TABLE else ""
        ),
        st.sampled_from(BlockKind),
        st.lists(
            st.sampled_from([SENTENCE, "word", "。信息", "Dr.", "\n", "\n\n", "| a | b", "x" * 130, "…", "\u3000"]),
            max_size=40,
        ).map(" ".join),
        st.lists(st.sampled_from(["A", "B", "A long heading of seven words or so"]), max_size=4),
        st.sampled_from([None, 1, 2]),
    ),
    max_size=8,
)


@settings(max_examples=200)
@given(blocks, st.sampled_from(["", "A", "A title"]))
def test_any_document_is_split_soundly(blocks: list[Block], title: str) -> None:
    passages(*blocks, title=title)


def test_rows_of_figures_get_smaller_passages_than_prose() -> None:
    figures = [f"Inventories {n} 5,409 5,209" for n in range(10, 40)]
    words = ["Inventories in our shops and stores here" for _ in range(30)]
    assert count(figures[0]) == count(words[0]) + 1 == 9
    longest = [max(count(one.text) for one in passages(table(rows), size=120)) for rows in (figures, words)]
    assert longest[0] < 0.7 * longest[1]

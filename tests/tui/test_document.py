"""A document laid out: every passage has its lines, pages are told, matches are found again."""

from __future__ import annotations

from localsearch.records import IndexedPassage
from localsearch.tui.document import WINDOW, Finding, lay_out, stops
from localsearch.tui.text import Mark, plain


def passages(*texts: str, pages: bool = False) -> list[IndexedPassage]:
    made, start = [], 0
    for number, text in enumerate(texts):
        made.append(
            IndexedPassage(number + 1, number, text, "", start, start + len(text), number + 1 if pages else None, "One")
        )
        start += len(text) + 2
    return made


def test_pages_are_told_in_the_words_of_the_format() -> None:
    sheet = lay_out(passages("One", "Two", pages=True), {}, around=1, width=20, file="x.pptx")
    assert [plain(line) for line in sheet.lines] == ["── slide 1 ─────────", "One", "", "── slide 2 ─────────", "Two"]
    assert sheet.owners == (0, 1, 0, 0, 2) and sheet.begins == {1: 1, 2: 4}
    assert sheet.lines[1][0][1] & Mark.STRONG  # a heading


def test_the_line_of_the_match_is_known_the_best_sentence_first() -> None:
    text = "a word here\nnothing\nthe best sentence\nword"
    findings = {1: Finding(words=((2, 6),), best=(20, 37)), 2: Finding(words=((4, 8),))}
    sheet = lay_out(passages(text, "no\na word"), findings, around=1, width=40, file="x.txt")
    assert plain(sheet.lines[sheet.best[1]]) == "the best sentence"
    assert plain(sheet.lines[sheet.best[2]]) == "a word"


def test_only_a_window_of_a_long_document_is_laid_out() -> None:
    sheet = lay_out(passages(*["text"] * 1000), {}, around=500, width=40, file="x.txt")
    assert len(sheet.begins) == WINDOW + 1 and 500 in sheet.begins
    assert sheet.earlier + sheet.later + len(sheet.begins) == 1000
    assert "further up" in plain(sheet.lines[0])


def test_a_table_cut_between_passages_is_one_table() -> None:
    made = passages("name | place\nbolt | left", "washer | right")
    sheet = lay_out([made[0], _following(made[1], made[0])], {}, around=1, width=40, file="x.csv")
    assert [plain(line).rstrip() for line in sheet.lines] == ["name   │ place", "bolt   │ left", "washer │ right"]


def test_stops_are_results_and_passages_with_most_words() -> None:
    made = passages("red hot iron", "red hot", "red", "cold")
    findings = {
        1: Finding(words=((0, 3), (4, 7), (8, 12))),
        2: Finding(words=((0, 3), (4, 7))),
        3: Finding(words=((0, 3),)),
        4: Finding(is_hit=True),
    }
    assert stops(made, findings) == (1, 2, 4)


def _following(one: IndexedPassage, before: IndexedPassage) -> IndexedPassage:
    return IndexedPassage(one.id, one.ordinal, one.text, "", before.end + 1, before.end + 1 + len(one.text), None, "")

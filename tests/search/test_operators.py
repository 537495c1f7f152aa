"""Filters in the text are read when they are meant as such; everything else stays text, and nothing fails."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localsearch.errors import QueryError
from localsearch.records import Filters
from localsearch.search.filters import parse_date, path_test
from localsearch.search.query import MOST_WORDS_WITH_OPERATORS, Query, parse_query, plain_query


def test_all_filters_and_what_is_left() -> None:
    query = parse_query('notice type:pdf -path:"my drafts/" author:smith title:lease after:2024 before:2025-03 period')
    assert (query.semantic, query.words) == ("notice period", ('"notice"', '"period"'))
    assert query.only == Filters(
        types=("pdf",), authors=("smith",), titles=("lease",), after=parse_date("2024"), before=parse_date("2025-03")
    )
    assert query.never == Filters(paths=("my drafts/",))
    assert query.filters == (
        "type:pdf",
        '-path:"my drafts/"',
        "author:smith",
        "title:lease",
        "after:2024",
        "before:2025-03",
    )


def test_repeated_filters_mean_any_and_dates_narrow() -> None:
    query = parse_query("x type:pdf type:.DOCX -author:ann -author:bob after:2023 after:2024 before:2026 before:2025")
    assert query.only == Filters(types=("pdf", "docx"), after=parse_date("2024"), before=parse_date("2025"))
    assert query.never == Filters(authors=("ann", "bob"))


def test_keys_in_capitals_and_typographic_quotation_marks() -> None:
    query = parse_query("Type:PDF lease path:“my folder/”")
    assert query.only == Filters(types=("pdf",), paths=("my folder/",))
    assert query.semantic == "lease"


@pytest.mark.parametrize(
    "text",
    [
        "see http://example.org/path:x",
        "meeting at 10:30",
        "Re: your letter",
        "note:important",
        "type: pdf",
        "author : smith",
        "filetype:pdf",
        "the type:\tpdf",
        "x:type:pdf",
        "(type:pdf)",
        'type:"" lease',
        'type:"pdf"x lease',
        "C:\\folder\\file",
        "std::path::new",
        "--type:pdf",
    ],
)
def test_what_is_no_filter_reaches_the_encoder_as_it_is(text: str) -> None:
    query = parse_query(text)
    assert query.filters == ()
    assert query.semantic == " ".join(text.split())


def test_a_filter_in_quotation_marks_is_text() -> None:
    query = parse_query('"type:pdf" files')
    assert (query.filters, query.semantic, query.required) == ((), "type:pdf files", ('"type:pdf"',))


def test_pasted_and_judged_texts_have_no_filters() -> None:
    pasted = "type:pdf author:smith " + "word " * 40
    assert parse_query(pasted) == plain_query(pasted)
    assert plain_query("lease type:pdf") == Query("lease type:pdf", ('"lease"', '"type"', '"pdf"'))


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("x after:yesterday", "'yesterday' is not a date.", "Write 2024, 2024-03 or 2024-03-01; in quotation marks,"),
        ("x before:2024-13", "'2024-13' is not a date.", "Write 2024"),
        ("x type:*.pdf", "'*.pdf' is not a file type.", "Write it like pdf"),
        ("x author:...", "'...' names nobody and nothing.", "a word of the author's name"),
        ("x -after:2024", "after: cannot be excluded.", "Write before:2024"),
        ("type:pdf", "The query only filters.", "Say also what you look for."),
        ("type:pdf -draft", "The query only excludes.", "Say also what you look for."),
    ],
)
def test_a_filter_that_cannot_be_read_says_what_to_write(text: str, message: str, hint: str) -> None:
    with pytest.raises(QueryError) as error:
        parse_query(text)
    assert error.value.message == message
    assert hint in error.value.hint


keys = st.sampled_from(["type:", "-type:", "path:", "after:", "before:", "author:", "title:", "note:", "http://"])
bits = st.one_of(
    keys, st.sampled_from(['"', "“", "”", "-", " ", "\t", "2024", "[z-a]", "pdf", "/"]), st.text(max_size=5)
)


@given(st.lists(bits, max_size=12).map("".join), st.booleans())
def test_any_text_is_read_or_refused(text: str, prefix: bool) -> None:
    try:
        query = parse_query(text, prefix=prefix)
        for glob in (*query.only.paths, *query.never.paths):
            path_test(glob)
    except QueryError as error:
        assert error.message and error.hint


@given(
    st.lists(
        st.text(st.characters(exclude_characters='"“”„‟«»-:\0', exclude_categories=["Cs"]), min_size=1), max_size=9
    )
)
def test_text_without_operators_reaches_the_encoder_unchanged(words: list[str]) -> None:
    plain = " ".join(" ".join(words).split())
    if plain and len(plain.split()) < MOST_WORDS_WITH_OPERATORS:  # one more, the filter, is still read
        assert parse_query(plain).semantic == plain == plain_query(plain).semantic
        assert parse_query(f"{plain} type:pdf").semantic == plain

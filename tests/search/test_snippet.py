"""A snippet shows the words that matched, on one line, without cutting words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from localsearch.search.snippet import WIDTH, snippet
from localsearch.sentences import stripped

FILLER = "lorem ipsum dolor sit amet " * 20


def spans_of(text: str, *words: str) -> list[tuple[int, int]]:
    spans = []
    for word in words:
        at = text.find(word)
        while at >= 0:
            spans.append((at, at + len(word)))
            at = text.find(word, at + 1)
    return sorted(spans)


def test_a_short_text_is_shown_whole_on_one_line() -> None:
    text = "One\n\ntwo\t three "
    shown = snippet(text, [(5, 8)])
    assert shown.text == "One two three"
    assert shown.spans == ((4, 7),)
    assert not shown.cut_before
    assert not shown.cut_after


def test_the_densest_place_is_shown() -> None:
    text = f"notice {FILLER} notice period of the lease {FILLER} period notice"
    shown = snippet(text, spans_of(text, "notice", "period", "lease"))
    assert "notice period of the lease" in shown.text
    assert [shown.text[start:end] for start, end in shown.spans] == ["notice", "period", "lease"]
    assert shown.cut_before
    assert shown.cut_after
    assert len(shown.text) <= WIDTH


def test_blanks_around_a_text_are_not_shown() -> None:
    assert snippet("\n  two ", [(3, 6)]).text == "two"
    assert snippet("\n  two ", [(3, 6)]).spans == ((0, 3),)


def test_words_at_the_end_bring_what_stands_before_them() -> None:
    text = f"{FILLER}target"
    shown = snippet(text, spans_of(text, "target"))
    assert shown.text.endswith("target")
    assert len(shown.text) > WIDTH - 30
    assert not shown.cut_after


def test_words_are_not_cut() -> None:
    text = f"{FILLER}target {FILLER}"
    shown = snippet(text, spans_of(text, "target"))
    assert set(shown.text.split()) <= set(text.split())


def test_without_words_the_best_sentence_or_the_beginning_is_shown() -> None:
    text = f"Begin. {FILLER} Best sentence here. {FILLER}"
    at = text.index("Best")
    assert snippet(text, []).text.startswith("Begin.")
    shown = snippet(text, [], best=(at, at + 19))
    assert shown.text.startswith("Best sentence here.")
    assert shown.best == (0, 19)


def test_the_best_sentence_is_shown_with_the_words_that_are_near() -> None:
    text = f"notice period lease {FILLER} A lease ends. {FILLER[:81]} Best sentence here. {FILLER} notice period lease"
    at = text.index("Best")
    shown = snippet(text, spans_of(text, "notice", "period", "lease"), best=(at, at + 19))
    assert shown.best is not None
    assert shown.text[slice(*shown.best)] == "Best sentence here."
    assert [shown.text[start:end] for start, end in shown.spans] == ["lease"]


def test_of_a_best_sentence_that_does_not_fit_the_beginning_is_shown_or_its_words() -> None:
    sentence = f"Begin {FILLER} target {FILLER}."
    text = f"{FILLER} {sentence}"
    best = (len(FILLER) + 1, len(text))
    assert snippet(text, [], best=best).text.startswith("Begin")
    shown = snippet(text, spans_of(text, "target"), best=best)
    assert "target" in shown.text
    assert shown.best == (0, len(shown.text))


def test_a_best_sentence_may_begin_and_end_without_a_blank() -> None:
    text = "信息。" * 100 + "检索 ABC 系统。" + "信息 x。" * 100
    shown = snippet(text, [], best=(300, 310))
    assert shown.text.startswith("检索 ABC 系统。")
    assert shown.best == (0, 10)


def test_a_best_sentence_in_a_short_text_is_marked() -> None:
    shown = snippet("One.\n\n  Two\n three.", [(8, 11)], best=(8, 19))
    assert shown.text == "One. Two three."
    assert (shown.spans, shown.best) == (((5, 8),), (5, 15))


def test_a_text_without_blanks_is_cut_anywhere() -> None:
    text = "信" * 1_000 + "检索" + "息" * 1_000
    shown = snippet(text, [(1_000, 1_002)])
    assert [shown.text[start:end] for start, end in shown.spans] == ["检索"]
    assert len(shown.text) == WIDTH


@given(
    st.text("ab \n", max_size=900),
    st.lists(st.integers(0, 900), max_size=12),
    st.integers(10, 300),
    st.none() | st.tuples(st.integers(0, 900), st.integers(1, 400)),
)
def test_spans_show_the_same_words(text: str, edges: list[int], width: int, sentence: tuple[int, int] | None) -> None:
    cuts = sorted({edge for edge in edges if edge <= len(text)})
    spans = [span for span in zip(cuts[::2], cuts[1::2], strict=False) if not any(map(str.isspace, text[slice(*span)]))]
    best = next(stripped(text, sentence[0], min(len(text), sum(sentence))), None) if sentence else None
    shown = snippet(text, spans, best=best, width=width)
    if best:
        assert shown.best is not None
        part, whole = shown.text[slice(*shown.best)], " ".join(text[slice(*best)].split())
        assert part == whole if best[1] - best[0] <= width else part.strip() in whole
    inside = [text[start:end] for start, end in spans]
    found = [shown.text[start:end] for start, end in shown.spans]
    assert len(shown.text) <= width
    assert "\n" not in shown.text
    assert "".join(found) in "".join(inside)

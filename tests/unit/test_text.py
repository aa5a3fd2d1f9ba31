"""The cleaner of hostile text: what its head promises, for any text there is."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import text as cleaner

LINE = [cleaner.page_line, cleaner.terminal_line]
LINES = [cleaner.page_lines, cleaner.terminal_lines]
TERMINAL = [cleaner.terminal_line, cleaner.terminal_lines]
EVERY = [*LINE, *LINES]
HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
NASTY = st.lists(
    st.one_of(
        st.text(st.characters(), max_size=8),
        st.sampled_from(
            [
                "\x1b[31m",
                "\x1b]0;title\x07",
                "\x1b]8;;https://example.invalid\x1b\\",
                "\x1bP1$r\x1b\\",
                "\x1b(B",
                "\x1b",
                "\x9b31m",
                "\r\n",
                "\u202e",
                "\u2066",
                "\u200b",
                "\u200d",
                "\u2028",
                "\x85",
                "\ud800",
                "e\u0301\u0335\u0335\u0335\u0335\u0335",
                "\u00a0",
                "\uff1c",
                "\U000e0041",
                "\u3164",
                "\ufe0f",
            ]
        ),
    )
).map("".join)


def hidden_in(text: str) -> set[str]:
    return {each for each in text if unicodedata.category(each) in HIDDEN}


@pytest.mark.parametrize("clean", LINE)
@given(text=NASTY)
def test_a_line_is_one_line_with_single_spaces(clean: Callable[[str], str], text: str) -> None:
    line = clean(text)
    assert line == " ".join(line.split())
    assert len(line.splitlines()) <= 1


@pytest.mark.parametrize("clean", LINE)
@given(text=NASTY)
def test_a_line_is_in_normal_form(clean: Callable[[str], str], text: str) -> None:
    assert unicodedata.is_normalized("NFKC", clean(text))


@pytest.mark.parametrize("clean", TERMINAL)
@given(text=NASTY)
def test_nothing_hidden_reaches_a_terminal(clean: Callable[[str], str], text: str) -> None:
    assert hidden_in(clean(text)) <= {"\n", "\t"}


@pytest.mark.parametrize("clean", [cleaner.page_line, cleaner.page_lines])
@given(text=NASTY)
def test_only_joiners_are_hidden_on_a_page(clean: Callable[[str], str], text: str) -> None:
    assert hidden_in(clean(text)) <= {"\n", "\t", *cleaner.JOINERS}


@pytest.mark.parametrize("clean", EVERY)
@given(text=NASTY)
def test_cleaning_again_changes_nothing(clean: Callable[[str], str], text: str) -> None:
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize("clean", EVERY)
@given(text=NASTY)
def test_marks_never_tower(clean: Callable[[str], str], text: str) -> None:
    row = 0
    for character in clean(text):
        row = row + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        assert row <= cleaner.MARKS_IN_A_ROW


@pytest.mark.parametrize("clean", LINES)
@given(text=st.text(st.sampled_from("ab \t\nÄ花é")))
def test_ordinary_lines_stay_as_they_are(clean: Callable[[str], str], text: str) -> None:
    assert clean(text) == text


@given(text=NASTY, characters=st.integers(1, 40))
def test_a_shown_name_is_short_and_never_empty(text: str, characters: int) -> None:
    name = cleaner.shown_name(text, characters, missing="?")
    assert 1 <= len(name) <= characters
    assert name.strip(cleaner.JOINERS + " ")


@given(text=NASTY)
def test_a_notebook_gets_no_markup(text: str) -> None:
    inner = cleaner.notebook_line(text).removeprefix("<bdi>").removesuffix("</bdi>")
    for sign in "$\\":  # each alone in an element, so that no front end sees a formula
        assert sign not in inner.replace(f"<span>{sign}</span>", "")
        inner = inner.replace(f"<span>{sign}</span>", sign)
    assert not {"<", ">", '"', "'"} & set(inner)
    assert html.unescape(inner) == cleaner.cut(cleaner.page_line(text), 60)


@given(text=NASTY)
def test_what_no_reader_could_tell_apart_is_the_same_name(text: str) -> None:
    assert cleaner.same_name(text) == cleaner.same_name(
        f"\u200b{text.swapcase()}\u202c ".swapcase()
    )


@given(text=NASTY, lines=st.integers(1, 5), characters=st.integers(1, 50))
def test_parts_of_a_log_are_no_longer_than_asked(text: str, lines: int, characters: int) -> None:
    assert len(cleaner.beginning(text, characters)) <= characters + len("\n[cut]")
    end = cleaner.ending(text, lines, characters)
    assert len(end) <= characters + len("[cut]\n")
    assert len(end.removeprefix("[cut]\n").split("\n")) <= lines


@pytest.mark.parametrize(
    ("given_text", "line"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[<0;1;1Mmouse", "mouse"),
        ("\x1b]8;;http://example.org\x07link\x1b]8;;\x07", "link"),
        ("\x1b]0;title\x1b\\after", "after"),
        ("\x1bP1$r0m\x1b\\after", "after"),
        ("\x1b]52;c;never ended\nnext line", "next line"),
        ("\x1b(Bline drawing\x1b7", "line drawing"),
        ("a\u202eb\u2066c\u200bd", "abcd"),
        ("  one\r\ntwo\tthree\u2028four ", "one two three four"),
        ("bell\x07 and nul\x00", "bell and nul"),
        ("\uff21\uff22\uff23", "ABC"),
        ("a" + "\u0335" * 2000, "a" + "\u0335" * 4),
        ("a" + "\u20dd" * 9, "a" + "\u20dd" * 4),  # circles around it
        ("\ud800lone", "lone"),
        ("A\u3164d\ufe00a\u2800\u034f\U000e0101", "Ada"),  # fillers, selectors, a blank pattern
        ("", ""),
    ],
)
def test_lines_by_example(given_text: str, line: str) -> None:
    assert cleaner.page_line(given_text) == line
    assert cleaner.terminal_line(given_text) == line


def test_joiners_stay_on_pages_alone() -> None:
    family = "\U0001f468\u200d\U0001f469"
    assert cleaner.page_line(family) == family
    assert cleaner.terminal_line(family) == family.replace("\u200d", "")


def test_a_heart_stays_red_on_pages_alone() -> None:
    heart = "\u2764\ufe0f"
    assert cleaner.page_line(heart) == heart
    assert cleaner.terminal_line(heart) == "\u2764"


@pytest.mark.parametrize("unseen", sorted(cleaner.UNSEEN), ids=ascii)
def test_what_nobody_sees_makes_no_other_name(unseen: str) -> None:
    assert cleaner.same_name(f"Ada{unseen}") == cleaner.same_name("Ada")
    assert cleaner.shown_name(unseen) == "(no name)"


def test_line_ends_of_every_system_become_one_kind() -> None:
    assert cleaner.terminal_lines("one\r\ntwo\rthree\n\n") == "one\ntwo\nthree\n\n"


def test_a_cut_is_marked() -> None:
    assert cleaner.cut("abcdef", 6) == "abcdef"
    assert cleaner.cut("abc def", 5) == "abc…"
    assert cleaner.beginning("\n\nabcdef", 3) == "abc\n[cut]"
    assert cleaner.ending("one\ntwo\nthree\n", lines=2) == "two\nthree"
    assert cleaner.ending("one\ntwo", characters=3) == "[cut]\ntwo"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("solution.py", True),
        ("花 x.py", True),
        ("a\nb", False),
        ("a\u202eb", False),
        ("a\xa0b", True),
    ],
)
def test_a_plain_line_needs_no_cleaning(text: str, plain: bool) -> None:
    assert cleaner.is_plain_line(text) is plain

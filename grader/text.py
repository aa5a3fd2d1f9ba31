"""The one cleaner of text that strangers wrote: names, messages, logs, answers.

Whoever hands in chooses an author's name, an error message and what is printed, and people read
all of it: in a terminal, on a page, in a notebook. Text can attack its reader without being code.
Escape sequences move the cursor, recolour "FAIL" into "PASS" or set the clipboard;
direction-changing characters make `gnp.exe` read as `exe.png`; invisible ones let two authors share
one name; a tower of combining marks covers the lines above it.

Every function here is pure and takes any `str`. Whatever comes in, what comes out holds

- no escape sequence, and no control character but the line ends and tabs of the `_lines` functions,
- no invisible or direction-changing character, no lone surrogate, no unassigned or private
  character, no line or paragraph separator,
- at most four combining marks in a row: no script needs more,

and cleaning it again changes nothing. `_line` functions return one line in Unicode's NFKC form
with single spaces; `_lines` functions keep line ends (as "\\n"), tabs and spaces as they are.

Pages keep the two invisible joiners that Persian, Hindi and composed emoji need to be written
correctly, and the two selectors that make a sign an emoji or plain. Terminals lose them too: few
draw them, and they upset the widths of columns.

What comes out is plain text. HTML is still to be escaped by whoever builds HTML (Jinja2 does it for
pages); `notebook_line` and `notebook_text` alone return HTML.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

NAME_CHARACTERS = 60
JOINERS = "\u200c\u200d\ufe0e\ufe0f"
# Letters and marks by Unicode's word that nobody sees: fillers, a blank pattern, and selectors of
# variants, without which the plain form of a letter is drawn.
UNSEEN = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
MARKS_IN_A_ROW = 4
MARK_CATEGORIES = ("Mn", "Me")
ELLIPSIS = "…"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # of a cell, to a spreadsheet
CUT = "[cut]"
# ECMA-48, 5.4: a control sequence, a string up to its terminator, or any other escape sequence. A
# string that is never terminated ends with its line, so that it cannot swallow what follows.
MATH_SIGN = re.compile(r"[$\\]")
ESCAPE_SEQUENCE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[ -/]*[0-Z\\`-~])"
)


@lru_cache(maxsize=1 << 14)
def page_line(text: str) -> str:
    """Return text as one line for a page, as the head of this module promises."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return one_line(text, JOINERS)


def page_lines(text: str) -> str:
    """Return text as lines for a page, as the head of this module promises."""
    return many_lines(text, JOINERS)


def terminal_line(text: str) -> str:
    """Return text as one line for a terminal, as the head of this module promises."""
    return one_line(text, "")


def terminal_lines(text: str) -> str:
    """Return text as lines for a terminal or a log, as the head of this module promises."""
    return many_lines(text, "")


def table_cell(text: str) -> str:
    """Return text that a spreadsheet takes as text, also if it looks like a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def notebook_line(text: str, characters: int = NAME_CHARACTERS) -> str:
    """Return text as one line of HTML for a notebook: cleaned, cut, escaped.

    The `<bdi>` around it keeps text that runs from right to left from reordering what stands beside
    it.
    """
    return f"<bdi>{notebook_text(cut(page_line(text), characters))}</bdi>"


def notebook_text(text: str) -> str:
    r"""Return text as HTML for a notebook: escaped, and without formulas.

    Front ends typeset what stands between dollars, `\(` and `\)`, or `\begin` and `\end`, also in a
    name. A formula never goes over the edge of an element, so each sign gets one of its own.
    """
    return MATH_SIGN.sub(r"<span>\g<0></span>", html.escape(text))


def shown_name(text: str, characters: int = NAME_CHARACTERS, missing: str = "(no name)") -> str:
    """Return a name as a page shows it: one line, cut, and `missing` if nothing visible is left."""
    name = page_line(text)
    if not name.strip(JOINERS + " "):
        return missing
    return cut(name, characters)


@lru_cache(maxsize=1 << 16)
def same_name(text: str) -> str:
    """Return a key that two names share if a reader could not tell them apart."""
    return page_line(text).translate({ord(joiner): None for joiner in JOINERS}).casefold()


def is_plain_line(text: str) -> bool:
    """Whether text is one line without a hidden character, such as a file's name has to be."""
    return not hidden_characters(text)


def cut(text: str, characters: int) -> str:
    """Return a line of at most so many characters; an ellipsis shows that some are missing."""
    if len(text) <= characters:
        return text
    return text[: characters - 1].rstrip() + ELLIPSIS


def beginning(text: str, characters: int = 4000) -> str:
    """Return the first lines of a text for a page, without the empty ones around them."""
    lines = page_lines(text).strip("\n")
    return lines if len(lines) <= characters else f"{lines[:characters]}\n{CUT}"


def ending(text: str, lines: int = 200, characters: int = 16_000) -> str:
    """Return the last lines of a log for a page."""
    kept = "\n".join(page_lines(text).strip("\n").split("\n")[-lines:])
    return kept if len(kept) <= characters else f"{CUT}\n{kept[-characters:]}"


def one_line(text: str, kept: str) -> str:
    """Return text as one clean line. kept: hidden characters that may stay."""
    spaced = " ".join(ESCAPE_SEQUENCE.sub("", text).split())
    # Normalised last: only where the hidden characters are gone do letters meet their marks.
    normal = unicodedata.normalize("NFKC", without_hidden(spaced, kept))
    return " ".join(without_mark_towers(normal).split())


def many_lines(text: str, kept: str) -> str:
    """Return text as clean lines. kept: hidden characters that may stay."""
    lines = ESCAPE_SEQUENCE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return without_mark_towers(without_hidden(lines, f"\n\t{kept}"))


def without_hidden(text: str, kept: str) -> str:
    """Return text without hidden characters; those in `kept` stay."""
    hidden = hidden_characters(text) - set(kept)
    return text.translate({ord(each): None for each in hidden}) if hidden else text


def hidden_characters(text: str) -> set[str]:
    """Return the hidden characters of a text, line ends and tabs among them."""
    return {each for each in set(text) if is_hidden(each)}


def is_hidden(character: str) -> bool:
    """Whether a character has no shape of its own: Unicode's "other" ones, line separators, UNSEEN.

    All but the last are what Python calls not printable, together with the spaces other than " ".
    """
    if character.isprintable():
        return character in UNSEEN
    return unicodedata.category(character) != "Zs"


def without_mark_towers(text: str) -> str:
    """Return text with at most four combining marks in a row."""
    if text.isascii():
        return text
    marks = sorted(each for each in set(text) if unicodedata.category(each) in MARK_CATEGORIES)
    if not marks:
        return text
    mark = f"[{re.escape(''.join(marks))}]"
    return re.sub(f"({mark}{{{MARKS_IN_A_ROW}}}){mark}+", r"\1", text)

"""Source as tokens that disguise doesn't change.

Read with one regular expression and not with Python's parser: hostile source can exhaust that, and
broken source has to be compared as well. The expression takes time linear in the length, which is
bounded.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator
from typing import NamedTuple

MOST_CHARACTERS = 1 << 18
KEPT_NAMES = frozenset(keyword.kwlist) | frozenset(dir(builtins))
# A text that is never closed ends with its line. Would it count as none, thousands of quotes behind
# backslashes were each looked after to the end of the file, which took minutes.
STRING = (
    r"(?:[rRbBuUfF]{0,2})(?:"
    r"\"{3}.*?\"{3}|'{3}.*?'{3}"
    r"""|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?"""
    r")"
)
TOKEN = re.compile(
    rf"(?P<comment>\#[^\n]*)|(?P<string>{STRING})"
    r"|(?P<number>\.?\d[\w.]*)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<newline>\n)"
    r"|(?P<space>[^\S\n]+|\\\n)"
    r"|(?P<operator>\*\*=?|//=?|<<=?|>>=?|[-+*/%&|^@]=|->|[<>=!]=|:=|.)",
    re.DOTALL,
)
AUGMENTED = re.compile(r"(\*\*|//|<<|>>|[-+*/%&|^@])=")
OPENING = "([{"
CLOSING = ")]}"
# What stands for a name of one's own, a number, a text.
NAME = "n"
NUMBER = "0"
TEXT = "s"


class Token(NamedTuple):
    """A normalised token and the line that it stands in, from 1."""

    text: str
    line: int


class Raw(NamedTuple):
    """A token as it stands in the source."""

    kind: str
    text: str
    line: int


def tokens_of(source: str) -> list[Token]:
    """Return the tokens of a source that disguise doesn't change."""
    found: list[Token] = []
    for line in logical_lines(source[:MOST_CHARACTERS]):
        if is_import(line) or is_lone_text(line):
            continue
        found.extend(normalised(without_annotations(line)))
    return found


def logical_lines(source: str) -> Iterator[list[Raw]]:
    """Yield the tokens of each logical line: what stands in brackets goes on over line ends."""
    line: list[Raw] = []
    number = 1
    depth = 0
    for found in TOKEN.finditer(source):
        kind = str(found.lastgroup)
        text = found.group()
        if kind == "operator":
            depth = max(0, depth + (text in OPENING) - (text in CLOSING))
        ends = kind == "newline" and depth == 0
        if ends or text == ";":
            if line:
                yield line
            line = []
        elif kind not in ("comment", "space", "newline"):
            line.append(Raw(kind, text, number))
        number += text.count("\n")
    if line:
        yield line


def is_import(line: list[Raw]) -> bool:
    return line[0].text in ("import", "from") and line[0].kind == "name"


def is_lone_text(line: list[Raw]) -> bool:
    """Whether a line is a docstring or another text that nothing is done with."""
    return all(raw.kind == "string" for raw in line)


def without_annotations(line: list[Raw]) -> list[Raw]:
    """Return the line of a `def` without the types of its arguments and of what it returns."""
    if line[0].text not in ("def", "async"):
        return line
    kept = []
    depth = 0
    is_type = False
    for raw in line:
        depth += (raw.text in OPENING) - (raw.text in CLOSING)
        if (raw.text == ":" and depth == 1) or raw.text == "->":
            is_type = True
        elif is_type and (ends_type(raw.text, depth)):
            is_type = False
        if not is_type:
            kept.append(raw)
    return kept


def ends_type(text: str, depth: int) -> bool:
    """Whether a token stands behind a type: the next argument, its default, or the end."""
    if depth == 1:
        return text in (",", "=")
    return depth == 0 and text in (")", ":")


def normalised(line: list[Raw]) -> Iterator[Token]:
    """Yield what stands for each token: one's own names are all the same, a module's are kept."""
    before = ""
    for raw in line:
        if raw.kind == "string":
            yield Token(TEXT, raw.line)
        elif raw.kind == "number":
            yield Token(NUMBER, raw.line)
        elif raw.kind == "name":
            is_kept = before == "." or raw.text in KEPT_NAMES
            yield Token(raw.text if is_kept else NAME, raw.line)
        elif AUGMENTED.fullmatch(raw.text):
            # x += y and x = x + y are one.
            for text in ("=", NAME, raw.text[:-1]):
                yield Token(text, raw.line)
        else:
            yield Token(raw.text, raw.line)
        before = raw.text

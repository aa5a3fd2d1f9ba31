"""Which lines of a cell begin inside a text, inside brackets, or behind a backslash.

Such a line continues a statement, whatever it begins with: `% b` may go on with a sum, and `!` may
be a line of a text in three quotes. Python's own parser can't be asked, because a cell with magics
is no Python. So the code is scanned once, from its beginning: a notebook of a hundred thousand
lines takes no longer for it than for being read.
"""

from __future__ import annotations

import re

# What matters for where a statement ends: quotes, brackets and comments.
TOKENS = re.compile(r"\\.|\"\"\"|'''|[\"'#()\[\]{}]")
OPENING = "([{"
CLOSING = ")]}"
LONG_QUOTES = ('"""', "'''")


class Scanner:
    """How far a statement is open at the beginning of the next line."""

    def __init__(self) -> None:
        self.quote = ""  # the quotes of a text that is open
        self.depth = 0  # brackets that are open
        self.continued = False  # the last line ended with a backslash

    @property
    def inside(self) -> bool:
        """Whether the next line continues what came before it."""
        return bool(self.quote) or self.depth > 0 or self.continued

    def read(self, line: str) -> None:
        """Go on by one line of Python."""
        is_comment = False
        for token in TOKENS.finditer(line):
            is_comment = is_comment or self.take(token.group())
            if is_comment:
                break
        ends_open = line.endswith("\\") and not is_comment
        self.continued = ends_open and self.quote not in LONG_QUOTES
        if self.quote not in LONG_QUOTES and not ends_open:
            self.quote = ""  # a text in single quotes ends with its line

    def take(self, token: str) -> bool:
        """Go on by one token; True where a comment begins, which ends the line."""
        if token.startswith("\\"):
            return False
        if self.quote:
            if token == self.quote:
                self.quote = ""
            return False
        if token == "#":
            return True
        if token in OPENING:
            self.depth += 1
        elif token in CLOSING:
            self.depth = max(0, self.depth - 1)
        else:
            self.quote = token
        return False

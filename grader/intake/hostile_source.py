"""The program that weighs what a submission brings along, in a process with limits on itself.

    python -I -B hostile_source.py FOLDER TARGET [FILE ...]

It copies into TARGET what a box is given of FOLDER, and prints how much that is. The FILEs, named
as they are called in FOLDER, stay outside. It imports nothing of ours: nothing of the grader is in
the memory of a process that reads hostile bytes.

**What does not count does not go in.** Comments, docstrings and texts that stand for themselves say
something to people and nothing to Python, unless a program reads its own file. So they are left
out of the copy, line for line, and cost nothing. Docstrings stay, and count, where the source
mentions `__doc__`. Everything else that enters the box counts, down to the names of files.

**How it counts.** By the size after compression (LZMA), because no program can bring more
information than that, whatever it is dressed up as: base 85, digits, lists of numbers, Chinese
characters, words, spaces, names. Three sizes:

    source      everything in TARGET
    literals    texts and numbers in code, and all other files whole
    names       each name that the code uses, once
"""

from __future__ import annotations

import io
import keyword
import lzma
import re
import resource
import sys
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

MIB = 1 << 20
MEMORY_BYTES = 1024 * MIB
CPU_SECONDS = 30
WRITTEN_BYTES = 512 * MIB
# Code that is read at all, and other data that is compressed: more than this is far too much.
MOST_BYTES = 2 * MIB
# Without LZMA's own header, which would be most of a small size.
FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 2 * MIB}]
# What may stand between the parts of one literal: lists, tuples, dictionaries, signs.
JOINS = frozenset(",()[]{}:-+")
PASSED_OVER = (tokenize.NL, tokenize.COMMENT)
BEFORE_A_LINE = (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.NL, tokenize.COMMENT)
# Tokens that stand for no text of their own.
LAYOUT = (tokenize.ENCODING, tokenize.ENDMARKER, tokenize.INDENT, tokenize.DEDENT)
AFTER_A_LINE = (tokenize.NEWLINE, tokenize.ENDMARKER)
# Comments that Python programs read: TorchScript takes types from them.
READ_COMMENT = re.compile(r"#\s*type:\s*[\w\[\](),. >-]{1,80}$")
F_STRING = re.compile(r"[a-z]*[ft]", re.IGNORECASE)
# Since Python 3.12 the parts of an f-string are tokens of their own.
F_STRING_TEXT = getattr(tokenize, "FSTRING_MIDDLE", -1)

# What Python cannot read as code is nothing but data to a program that opens the file.
LITERALS = (tokenize.STRING, tokenize.NUMBER, tokenize.ERRORTOKEN, F_STRING_TEXT)

Token = tokenize.TokenInfo


@dataclass
class Weighed:
    """What was found so far; `largest` is the longest literal: its file, line and text."""

    source: list[bytes] = field(default_factory=list)
    literals: list[bytes] = field(default_factory=list)
    names: dict[str, None] = field(default_factory=dict)
    largest: tuple[str, int, bytes] = ("", 0, b"")

    def add_literal(self, file: str, line: int, text: bytes) -> None:
        """Count one literal, or a file that is nothing else (line 0)."""
        if len(text) > len(self.largest[2]):
            self.largest = (file, line, text)


def weigh(folder: Path, target: Path, outside: set[str]) -> Weighed:
    """Copy what a box is given and return what was found in it."""
    found = Weighed()
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    files = [path for path in files if path.relative_to(folder).as_posix() not in outside]
    keeps_docstrings = any(b"__doc__" in path.read_bytes() for path in files)
    for path in files:
        name = path.relative_to(folder).as_posix()
        content = path.read_bytes()
        tokens = tokens_of(content) if path.suffix == ".py" else None
        if tokens is None:
            found.add_literal(name, 0, content)
            found.literals.append(content)
        else:
            content = add_code(found, name, tokens, keeps_docstrings)
        found.source.append(content)
        found.literals.append(name.encode("utf-8", "surrogateescape"))
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content)
    return found


def tokens_of(content: bytes) -> list[Token] | None:
    """Return the tokens of Python code; None for what is not code, or too much of it."""
    if len(content) > MOST_BYTES:
        return None
    try:
        return list(tokenize.tokenize(io.BytesIO(content).readline))
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError):
        return None


def add_code(found: Weighed, name: str, tokens: Sequence[Token], keeps_docstrings: bool) -> bytes:
    """Count the code of one file, and return its text for the box."""
    silent = set() if keeps_docstrings else texts_for_themselves(tokens)
    kept = [each for place, each in enumerate(tokens) if place not in silent]
    for line, literal in literals_of(kept):
        text = literal.encode("utf-8", "surrogatepass")
        found.add_literal(name, line, text)
        found.literals.append(text)
    for each in kept:
        if each.type == tokenize.NAME and not keyword.iskeyword(each.string):
            found.names.setdefault(each.string)
    return text_for_box(tokens, silent).encode("utf-8", "surrogatepass")


def texts_for_themselves(tokens: Sequence[Token]) -> set[int]:
    """Return the places of texts that are statements: docstrings, and notes between the code."""
    found: set[int] = set()
    place = 1  # the first token names the encoding
    while place < len(tokens):
        end = place
        while is_plain_text(tokens[end]) or tokens[end].type in PASSED_OVER:
            end += 1
        is_statement = tokens[end].type in AFTER_A_LINE
        if is_statement:
            found.update(each for each in range(place, end) if is_plain_text(tokens[each]))
        place = next_line(tokens, end)
    return found


def is_plain_text(token: Token) -> bool:
    """Whether a token is a text that computes nothing, as an f-string does."""
    return token.type == tokenize.STRING and not F_STRING.match(token.string)


def next_line(tokens: Sequence[Token], place: int) -> int:
    """Return where the next statement begins, from some place within one."""
    while place < len(tokens) and tokens[place].type not in AFTER_A_LINE:
        place += 1
    place += 1
    while place < len(tokens) and tokens[place].type in BEFORE_A_LINE:
        place += 1
    return place


def literals_of(tokens: Sequence[Token]) -> Iterator[tuple[int, str]]:
    """Yield the literals of code and their lines; lists and concatenated texts are one."""
    parts: list[str] = []
    line = 0
    for token in tokens:
        if token.type in LITERALS:
            if not parts:
                line = token.start[0]
            parts.append(token.string)
        elif token.type == tokenize.OP and token.string in JOINS and parts:
            parts.append(token.string)
        elif token.type not in PASSED_OVER and parts:
            yield line, "".join(parts)
            parts = []
    if parts:
        yield line, "".join(parts)


def text_for_box(tokens: Sequence[Token], silent: set[int]) -> str:
    """Return code without comments and without the texts at these places, line for line.

    A text keeps its line breaks, so that places in messages stay those of what was handed in.
    """
    written: list[str] = []
    indents = [""]
    begins_line = True
    row = 1
    column = 0
    for place, token in enumerate(tokens):
        if token.type == tokenize.INDENT:
            indents.append(token.string)
        elif token.type == tokenize.DEDENT:
            indents.pop()
        if token.type in LAYOUT:
            continue
        start_row, start_column = token.start
        if start_row > row:  # a line that a backslash continues
            written.append("\\\n" * (start_row - row))
            column = 0
        text = text_of(token, place in silent)
        if text.strip():
            written.append(indents[-1] if begins_line else " " * (start_column - column))
            begins_line = False
        written.append(text)
        row, column = token.end
        if text == "\n":
            row += 1
            column = 0
            begins_line = begins_line or token.type == tokenize.NEWLINE
    return "".join(written)


def text_of(token: Token, is_silent: bool) -> str:
    """Return what the box gets of a token."""
    if is_silent:
        return f'"""{chr(10) * token.string.count(chr(10))}"""'
    if token.type == tokenize.COMMENT and not READ_COMMENT.fullmatch(token.string):
        return ""
    if token.type in (tokenize.NEWLINE, tokenize.NL):
        return "\n"
    return token.string


def packed_size(parts: Sequence[bytes]) -> int:
    """Return the size of these bytes, one part after the other, once they are compressed."""
    content = b"\n".join(parts)
    # What is larger counts as it is from there on: nothing honest comes near.
    head = content[:MOST_BYTES]
    packed = lzma.compress(head, format=lzma.FORMAT_RAW, filters=FILTERS)
    return len(packed) + len(content) - len(head)


def main(folder: str, target: str) -> int:
    """Limit this process, weigh one folder, and print what was found."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (WRITTEN_BYTES, WRITTEN_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    outside = set(sys.argv[3:])
    found = weigh(Path(folder), Path(target), outside)
    names = "\n".join(found.names).encode("utf-8", "surrogatepass")
    file, line, text = found.largest
    print("source", packed_size(found.source))
    print("literals", packed_size(found.literals))
    print("names", packed_size([names]))
    print("largest", packed_size([text]), line, file.encode("utf-8", "replace").decode())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))

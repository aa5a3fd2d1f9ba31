"""A submission's source as text: read as Python reads it, or named for what it is instead.

Python takes UTF-8, with or without a byte order mark, and what a coding cookie in the first two
lines says. Everything else that is saved under a script's name is a mistake with a name: another
encoding, an office document, a web page. Python's own words for it ("source code cannot contain
null bytes", "invalid non-printable character") don't say which, nor what to do.
"""

from __future__ import annotations

import ast
import codecs
import inspect
import io
import re
import tokenize
from pathlib import Path
from typing import Any

from .frames import Trouble
from .notes import note
from .problem import Problem

UTF_16_OR_32 = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
# How a file begins that is no text of Python -> what it is.
OTHER_KINDS = {
    b"PK\x03\x04": "a Word document, a zip or another packed file",
    b"\xd0\xcf\x11\xe0": "an old Word document",
    b"%PDF": "a PDF",
    b"{\\rtf": "a text with formatting (RTF)",
    b"<!doctype html": "a web page",
    b"<html": "a web page",
    b"<?xml": "an XML file",
    b"\x1f\x8b": "a packed file (gzip)",
    b"\x7fELF": "a program",
    b"\x80\x04": "a pickle",
}
AS_PLAIN_TEXT = "save the program itself as a plain text in UTF-8"
# A line for a notebook's shell, as Colab leaves it in the scripts it exports.
COMMAND = re.compile(r"(\s*)([!%]\s*[A-Za-z].*)")
TOP_LEVEL_AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


def read_source(path: Path) -> str:
    """Return a script's text. Problem says which encoding or kind of file it is instead."""
    content = path.read_bytes()
    beginning = content[:64].lstrip().lower()
    for mark, name in UTF_16_OR_32.items():
        if content.startswith(mark):
            raise unreadable(path, f"is saved as {name}", "save it as UTF-8")
    for signature, kind in OTHER_KINDS.items():
        if beginning.startswith(signature.lower()):
            raise unreadable(path, f"is {kind}", AS_PLAIN_TEXT)
    if b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        what = f"holds a NUL byte in line {line}, so it is no plain text or is saved as UTF-16"
        raise unreadable(path, what, "save it as UTF-8")
    return decoded(path, content)


def decoded(path: Path, content: bytes) -> str:
    """Return the text in the encoding that its mark or its cookie names, else in UTF-8."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding)
    except SyntaxError as error:
        if "unknown encoding" not in str(error):
            raise not_utf8(path, content) from None
        raise unreadable(path, f"has a {error} in its first lines", "write utf-8 there") from None
    except UnicodeDecodeError:
        raise not_utf8(path, content) from None
    return without_commands(text.replace("\r\n", "\n").replace("\r", "\n"))


def without_commands(text: str) -> str:
    """Return a text with its lines for a notebook's shell as comments, if that makes it Python.

    `!pip install` and `%matplotlib inline` stay in scripts that Colab exports. What is Python as it
    stands is left alone, and so is what doesn't become Python by this.
    """
    if is_python(text):
        return text
    made: list[str] = []
    left_out = ""
    for line in text.split("\n"):
        command = COMMAND.fullmatch(line)
        if command is None and not left_out.endswith("\\"):
            made.append(line)
            left_out = ""
            continue
        left_out = line.rstrip()
        made.append(f"{command[1]}pass  # {command[2]}" if command else f"# {line}")
    changed = "\n".join(made)
    if not is_python(changed):
        return text
    note("lines for a notebook's shell (! and %) are left out")
    return changed


def is_python(text: str) -> bool:
    """Whether Python's parser takes a text; `await` may stand at its top."""
    flags = ast.PyCF_ONLY_AST | TOP_LEVEL_AWAIT
    try:
        compile(text, "source", "exec", flags, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def not_utf8(path: Path, content: bytes) -> Problem:
    """Return what to say about a text in another encoding: the line, the byte, and which it may
    be.
    """
    try:
        content.decode("utf-8")
        at = 0
    except UnicodeDecodeError as error:
        at = error.start
    line = content[:at].count(b"\n") + 1
    byte = content[at : at + 1]
    guess = byte.decode("cp1252", "replace")
    return unreadable(
        path,
        f"is not UTF-8: line {line} has the byte 0x{byte.hex()}, which is {guess!r} in Latin-1 and "
        "Windows-1252",
        "save it as UTF-8, or name its encoding in its first line: # -*- coding: latin-1 -*-",
    )


def unreadable(path: Path, what: str, do: str) -> Problem:
    return Problem(
        Trouble.NOT_IMPORTABLE,
        f"{path.name} {what}; expected Python in UTF-8. In your editor, {do}",
    )


def run(source: str | ast.Module, path: Path, names: dict[str, Any]) -> None:
    """Run code in a namespace; `await` may stand at its top, as in a notebook."""
    code = compile(source, str(path), "exec", TOP_LEVEL_AWAIT, dont_inherit=True)
    if not code.co_flags & inspect.CO_COROUTINE:
        exec(code, names)
        return
    pending = eval(code, names)
    # Here, because few notebooks await anything, and it is an eighth of the start of every box.
    import asyncio

    asyncio.run(pending)

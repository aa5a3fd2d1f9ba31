"""Tables that platforms and spreadsheets write: whatever their encoding and separator, as rows.

A file is UTF-8 (with or without the mark that Excel puts in front), UTF-16 with its mark, or else
Windows' Western European, which has a letter for every byte that Latin-1 has one for. The separator
is the one that the heading has most of. Everything is text: an id keeps its leading zeros.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError

SEPARATORS = (",", ";", "\t")
MOST_BYTES = 32 << 20
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# Bytes for which Windows' encoding has no letter; Latin-1 has a control character.
WESTERN = "cp1252"


@dataclass(frozen=True)
class Table:
    """A heading and the rows below it, each as long as the heading."""

    heading: list[str]
    rows: list[list[str]]
    encoding: str
    separator: str
    lines: list[int]  # the line of the file that each row begins in


def read_table(path: Path, what: str) -> Table:
    """Read a table. what: the thing that was expected, for messages. Raises UsageError."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"{path} is larger than {MOST_BYTES >> 20} MiB; expected {what}")
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from None
    return table_of(content, str(path), what)


def table_of(content: bytes, name: str, what: str) -> Table:
    """Return the table in some bytes. name: of the file, for messages. Raises UsageError."""
    if content.startswith(b"PK\x03\x04"):
        raise UsageError(
            f"{name} is a workbook of Excel or a zip; expected {what} as CSV. Save it as CSV first"
        )
    text, encoding = decoded(content)
    if "\0" in text:
        raise UsageError(f"{name} is no text; expected {what} as CSV")
    first = text.lstrip("\r\n").partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows = []
    lines = []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append([cell.strip() for cell in row])
                lines.append(reader.line_num)
    except csv.Error as error:
        raise UsageError(f"{name}, line {reader.line_num}: {error}; expected {what}") from None
    if not rows:
        raise UsageError(f"{name} is empty; expected {what}, with a heading in the first line")
    width = len(rows[0])
    padded = [(row + [""] * width)[:width] for row in rows[1:]]
    return Table(rows[0], padded, encoding, separator, lines[1:])


def decoded(content: bytes) -> tuple[str, str]:
    """Return some bytes as text, and the encoding that they were in."""
    for mark, encoding in MARKS.items():
        if content.startswith(mark):
            return content.decode(encoding, "replace"), encoding
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return content.decode(WESTERN, "replace"), WESTERN


def table_bytes(
    heading: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    separator: str = ",",
    encoding: str = "utf-8",
) -> bytes:
    """Return a table as CSV (RFC 4180: quoted where needed, lines end in CR LF)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return text.getvalue().encode(encoding, "replace")


def column(table: Table, is_it: Callable[[str], bool]) -> int | None:
    """Return the place of the only column whose heading fits; None where none or several do."""
    places = [place for place, name in enumerate(table.heading) if is_it(name)]
    return places[0] if len(places) == 1 else None

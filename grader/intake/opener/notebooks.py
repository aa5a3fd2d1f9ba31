"""A notebook's code cells, written as one script.

Outputs are dropped before anything is looked at: pictures of a training make up most of many a
notebook and are nobody's code. A byte order mark does no harm. Everything else that a reader of
notebooks minds is left to nbformat, which also knows the older formats.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .cells import Notebook, is_python
from .refused import Refused

MIB = 1 << 20
MAX_NOTES = 50
MAX_NOTEBOOK_BYTES = 64 * MIB  # with its outputs
SHOWN_REASON = 200
LOOKED_AT = 4096  # bytes at the beginning of a file that is no notebook
PYTHON = ("", "python", "python3", "ipython", "py")
# What lies in a file that was saved under a notebook's name by mistake -> what it is.
OTHER_KINDS = {
    b"<!doctype html": "a web page: on the site that shows the notebook, choose its raw file or "
    "its download",
    b"<html": "a web page: on the site that shows the notebook, choose its raw file or its "
    "download",
    b"%pdf": "a PDF: hand in the .ipynb file itself",
    b"pk\x03\x04": "a zip or an office document: hand in the .ipynb file itself",
}


def open_notebook(source: Path, target: Path) -> list[str]:
    """Write a notebook's code cells as one script; return what was skipped, a line each.

    Raises Refused.
    """
    notebook = Notebook()
    parts = []
    for number, cell in enumerate(code_cells(source), start=1):
        written = cell.replace("\r\n", "\n").replace("\r", "\n")  # lines as Python counts them
        code = notebook.python(written, number)
        if not is_python(code):
            notebook.notes.append(f"code cell {number} does not look like runnable Python")
        parts.append(f"{line_above(number, code)}\n{code}\n")
    if notebook.future:
        parts.insert(0, future_line(notebook.future))
    write_script("\n".join(parts), target)
    notes = notebook.notes
    if len(notes) > MAX_NOTES:
        notes[MAX_NOTES:] = [f"and {len(notes) - MAX_NOTES} more lines like these"]
    return notes


def write_script(text: str, target: Path) -> None:
    """Write the script. Raises Refused where it is no text."""
    try:
        target.write_text(text, "utf-8")
    except UnicodeEncodeError:
        raise Refused(
            "the notebook contains characters that are not text; save it again in Jupyter"
        ) from None


def future_line(features: dict[str, None]) -> str:
    """Return the script's first line, which notebook_cells.py knows to be none of a cell."""
    return f"from __future__ import {', '.join(features)}"


def line_above(number: int, code: str) -> str:
    """Return the comment above a cell in the script, which notebook_cells.py reads."""
    count = code.count("\n") + 1
    return f"# --- cell {number}, {count} line{'s' * (count != 1)} ---"


def code_cells(source: Path) -> list[str]:
    """Return the code cells of a notebook. Raises Refused if it has none or cannot be read."""
    size = source.stat().st_size
    if size > MAX_NOTEBOOK_BYTES:
        raise Refused(
            f"the notebook has {size / MIB:.0f} MiB; at most {MAX_NOTEBOOK_BYTES // MIB} MiB are "
            "accepted. Clear its outputs and save it again."
        )
    read = read_json(source.read_bytes())
    refuse_other_language(read)
    drop_outputs(read)
    cells = [str(cell.source) for cell in as_notebook(read).cells if is_code(cell)]
    if not any(map(str.strip, cells)):
        raise Refused("the notebook has no code cells")
    return cells


def read_json(content: bytes) -> Any:
    """Return what a file holds, in any encoding of Unicode. Raises Refused where it is no JSON."""
    if not content.strip():
        raise Refused("the file is empty, and not a readable notebook; save it again in Jupyter")
    try:
        # A byte order mark is what some editors begin a file with; json knows UTF-16 by itself.
        text = content.removeprefix(b"\xef\xbb\xbf")
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused(f"not a readable notebook ({why_unreadable(content, error)})") from None


def why_unreadable(content: bytes, error: Exception) -> str:
    """Return why a file is no JSON, in words for whoever saved it."""
    beginning = content[:LOOKED_AT].lstrip().lower()
    for signature, kind in OTHER_KINDS.items():
        if beginning.startswith(signature):
            return f"it is {kind}"
    if b"\n<<<<<<< " in content:
        return "it holds the marks of a merge conflict; choose one side and save it again"
    is_script = beginning.startswith((b"import ", b"from ", b"def ", b"#", b'"""', b"'''"))
    if is_script and is_python(content.decode("utf-8", "replace")):
        return "it is a Python script; call it .py"
    detail = str(error).splitlines()[0][:SHOWN_REASON] if str(error) else type(error).__name__
    return f"{detail}; download or save it again"


def refuse_other_language(notebook: Any) -> None:
    """Raise Refused for a notebook that says it is in another language than Python."""
    metadata = part(notebook, "metadata")
    language = part(part(metadata, "kernelspec"), "language")
    language = language or part(part(metadata, "language_info"), "name")
    if isinstance(language, str) and language.lower() not in PYTHON:
        raise Refused(f"the notebook is written in {language[:40]}; expected one in Python")


def part(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def drop_outputs(notebook: Any) -> None:
    """Take the outputs out of a notebook's cells, and what is attached to its texts."""
    cells = part(notebook, "cells")
    for cell in cells if isinstance(cells, list) else []:
        if not isinstance(cell, dict):
            continue
        if cell.get("cell_type") == "code":
            cell["outputs"] = []
        cell.pop("attachments", None)


def as_notebook(read: Any) -> Any:
    """Return a notebook in format 4. Raises Refused where it cannot be read as one."""
    import nbformat

    try:
        return nbformat.reads(json.dumps(read), as_version=4)
    except Exception as error:
        detail = type(error).__name__
        if str(error):
            detail = str(error).splitlines()[0][:SHOWN_REASON]
        raise Refused(
            f"not a readable notebook ({detail}); open it in Jupyter and save it again"
        ) from None


def is_code(cell: Any) -> bool:
    """Whether a cell holds Python; an editor may mark a code cell as another language's."""
    if cell.cell_type != "code":
        return False
    editor = part(part(cell, "metadata"), "vscode")
    language = part(editor, "languageId") or ""
    return not isinstance(language, str) or language.lower() in PYTHON

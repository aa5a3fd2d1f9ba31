"""A notebook's cells, questions and what was taken out of them: what all formats work with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.exams.notebook_questions.work import Step

MOST_BYTES = 64 << 20
CODE_STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
TEXT_STUB = "YOUR ANSWER HERE"
NOTEBOOK_METADATA = ("kernelspec", "language_info")


@dataclass
class Cell:
    """One cell of a notebook."""

    kind: str  # "code", "markdown" or "raw"
    source: str
    metadata: dict[str, Any] = field(default_factory=dict)
    id: str = ""
    output: str = ""  # what it printed and returned, as text
    was_run: bool = False  # whether it has a number of its execution


@dataclass(frozen=True)
class Question:
    """One question with points. tests: code that only whoever grades has; rubric: for a person."""

    id: str
    points: float
    is_manual: bool
    tests: tuple[str, ...] = ()
    rubric: str = ""


@dataclass
class Converted:
    """A student's notebook, the questions, and every text that was taken out."""

    cells: list[Cell] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)  # what is run when it is graded
    solved: list[str] = field(default_factory=list)  # the code of every cell, with its solution
    secrets: list[str] = field(default_factory=list)


def read_notebook(path: Path) -> tuple[list[Cell], dict[str, Any]]:
    """Return the cells of a notebook and its metadata. Raises UsageError."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"{path} is larger than {MOST_BYTES >> 20} MiB; expected a notebook")
        found = json.loads(path.read_text("utf-8-sig"))
        cells = [cell_of(each) for each in found["cells"]]
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UsageError(f"{path} is no notebook; expected the JSON of one, format 4") from None
    return cells, {"metadata": found.get("metadata", {}), **version_of(found)}


def version_of(found: dict[str, Any]) -> dict[str, Any]:
    return {"nbformat": 4, "nbformat_minor": max(0, int(found.get("nbformat_minor", 5)))}


def cell_of(raw: dict[str, Any]) -> Cell:
    source = raw.get("source", "")
    text = source if isinstance(source, str) else "".join(source)
    metadata = dict(raw.get("metadata", {}))
    was_run = raw.get("execution_count") is not None
    return Cell(raw["cell_type"], text, metadata, str(raw.get("id", "")), output_of(raw), was_run)


def output_of(raw: dict[str, Any]) -> str:
    """Return what a cell printed to its standard output, and the text of what it returned."""
    parts = []
    for each in raw.get("outputs", ()):
        if each.get("output_type") == "stream" and each.get("name") == "stdout":
            parts.append(each.get("text", ""))
        elif each.get("output_type") == "execute_result":
            parts.append(each.get("data", {}).get("text/plain", ""))
    return "".join(part if isinstance(part, str) else "".join(part) for part in parts)


def notebook_bytes(cells: Iterable[Cell], about: dict[str, Any]) -> bytes:
    """Return a notebook without outputs: they were made by the solution."""
    written = []
    for number, cell in enumerate(cells):
        raw: dict[str, Any] = {
            "cell_type": cell.kind,
            "metadata": cell.metadata,
            "source": cell.source.splitlines(keepends=True),
        }
        if about["nbformat_minor"] >= 5:
            raw["id"] = cell.id or f"cell-{number}"
        if cell.kind == "code":
            raw |= {"execution_count": None, "outputs": []}
        written.append(raw)
    kept = {key: about["metadata"][key] for key in NOTEBOOK_METADATA if key in about["metadata"]}
    notebook = {
        "cells": written,
        "metadata": kept,
        "nbformat": about["nbformat"],
        "nbformat_minor": about["nbformat_minor"],
    }
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def cut_regions(source: str, begin: str, end: str, stub: str | None) -> tuple[str, list[str]]:
    """Return a text without its regions, and what stood in them.

    A region begins and ends with a line that holds `begin` and `end`. stub: what stands there
    instead, at the same indentation; None: nothing. Raises UsageError for a region that never ends.
    """
    kept: list[str] = []
    removed: list[str] = []
    is_inside = False
    for line in source.split("\n"):
        if begin in line:
            if is_inside:
                raise UsageError(f"{begin!r} stands in a region that has not ended; add {end!r}")
            is_inside = True
            indent = line[: len(line) - len(line.lstrip())]
            if stub is not None:
                kept += [f"{indent}{each}" for each in stub.split("\n")]
        elif end in line:
            if not is_inside:
                raise UsageError(f"{end!r} without a {begin!r} before it")
            is_inside = False
        elif is_inside:
            removed.append(line)
        else:
            kept.append(line)
    if is_inside:
        raise UsageError(f"{begin!r} never ends; add a line with {end!r}")
    return "\n".join(kept), removed


def leaked(content: bytes, secrets: Iterable[str], public: Iterable[str]) -> list[str]:
    """Return the lines that were taken out and are in the bytes of a notebook all the same.

    public: lines that also stand where everybody may see them, such as `return x`.
    """
    text = content.decode("utf-8")
    allowed = {line.strip() for line in public}
    found = []
    for secret in secrets:
        for line in secret.split("\n"):
            plain = line.strip()
            if not plain or plain in allowed:
                continue
            escaped = json.dumps(plain, ensure_ascii=False)[1:-1]
            if len(plain) >= LEAST_SECRET and (plain in text or escaped in text):
                found.append(plain)
    return found


LEAST_SECRET = 4  # characters: shorter lines are brackets and the like


def lines_of(cells: Sequence[Cell]) -> list[str]:
    return [line for cell in cells for line in cell.source.split("\n")]

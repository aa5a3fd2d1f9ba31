"""A small wrong answer of a function as tables: target, yours, difference.

Each number stands on a ground as strong as the number is large. What is stored was sent by a
submission as arrays, and may have been written by anybody since: only whole, small tables are
shown, and of them numbers alone.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from grader.records import Answer, Details, Number
from grader.text import shown_name
from reports.numbers import MINUS

LONGEST_SIDE = 12
MOST_ANSWERS = 24
MOST_AXES = 8  # of a shape that is shown
DIGITS = (4, 6, 9, 12, 17)  # significant ones, as many as two numbers need to look different
GAP_DIGITS = 3
STRONGEST = 60  # percent of a colour behind the greatest number: the text stays readable on it

Table = list[list[float]]
Texts = list[list[str]]
Places = set[tuple[int, int]]  # row and column


@dataclass(frozen=True)
class Cell:
    """One number."""

    text: str
    strength: int  # percent of the colour behind it
    sign: str  # "up", "down", or "" for 0 and for what is no number
    is_wrong: bool = False


@dataclass(frozen=True)
class Sheet:
    """One table."""

    caption: str
    about: str  # its shape, or what it is
    rows: list[list[Cell]]


@dataclass(frozen=True)
class ShownAnswer:
    """An answer as the page shows it."""

    name: str  # of the value, where the function returns several
    sheets: list[Sheet]


def shown_answers(details: Details) -> dict[tuple[str, str], list[ShownAnswer]]:
    """Return the wrong answers that can be shown, by function and group."""
    found: dict[tuple[str, str], list[ShownAnswer]] = {}
    for answer in details.answers[:MOST_ANSWERS]:
        if is_table(answer.target) and is_table(answer.yours):
            shown = ShownAnswer(shown_name(answer.name, missing=""), sheets(answer))
            found.setdefault((answer.function, answer.group), []).append(shown)
    return found


def is_table(rows: Sequence[Sequence[Number]]) -> bool:
    """Whether rows are equally long and few, and hold something."""
    widths = {len(row) for row in rows}
    return 1 <= len(rows) <= LONGEST_SIDE and len(widths) == 1 and 1 <= widths.pop() <= LONGEST_SIDE


def sheets(answer: Answer) -> list[Sheet]:
    """Return target and yours on one scale, and their difference on a scale of its own.

    There is a difference only if both have the same shape.
    """
    target = numbers(answer.target)
    yours = numbers(answer.yours)
    greatest = greatest_of([*target, *yours])
    target_shape = shape_text(answer.target_shape)
    yours_shape = shape_text(answer.yours_shape)
    if not has_same_shape(answer):
        return [
            Sheet("Target", target_shape, cells(target, texts_of(target), greatest)),
            Sheet("Yours", yours_shape, cells(yours, texts_of(yours), greatest)),
        ]
    wrong = set(answer.wrong)
    target_texts, yours_texts = paired_texts(target, yours, wrong)
    gaps = differences(target, yours, wrong)
    gap_texts = texts_of(gaps, GAP_DIGITS)
    return [
        Sheet("Target", target_shape, cells(target, target_texts, greatest)),
        Sheet("Yours", yours_shape, cells(yours, yours_texts, greatest, wrong)),
        Sheet(
            "Difference", f"yours {MINUS} target", cells(gaps, gap_texts, greatest_of(gaps), wrong)
        ),
    ]


def has_same_shape(answer: Answer) -> bool:
    """Whether target and yours have the same shape, as stated and as rows."""
    if answer.target_shape != answer.yours_shape:
        return False
    return [len(row) for row in answer.target] == [len(row) for row in answer.yours]


def differences(target: Table, yours: Table, wrong: Places) -> Table:
    """Return yours minus target; 0 for what is right within the task's tolerance."""
    gaps = [[0.0] * len(row) for row in target]
    for i, j, due, got in pairs(target, yours):
        if (i, j) in wrong:
            gaps[i][j] = got - due
    return gaps


def paired_texts(target: Table, yours: Table, wrong: Places) -> tuple[Texts, Texts]:
    """Return both tables as texts, with as many digits as a wrong number needs to look wrong."""
    left: Texts = [[] for _ in target]
    right: Texts = [[] for _ in yours]
    for i, j, due, got in pairs(target, yours):
        due_text, got_text = pair_of_texts(due, got, apart=(i, j) in wrong)
        left[i].append(due_text)
        right[i].append(got_text)
    return left, right


def pairs(target: Table, yours: Table) -> Iterator[tuple[int, int, float, float]]:
    """Yield row, column and both numbers of two tables of the same shape."""
    for i, rows in enumerate(zip(target, yours, strict=True)):
        for j, (due, got) in enumerate(zip(*rows, strict=True)):
            yield i, j, due, got


def pair_of_texts(due: float, got: float, *, apart: bool) -> tuple[str, str]:
    """Return two numbers as texts, with as many digits as they need to differ where they should."""
    for digits in DIGITS:
        pair = number_text(due, digits), number_text(got, digits)
        if not apart or pair[0] != pair[1]:
            break
    return pair


def cells(
    table: Table, texts: Texts, greatest: float, wrong: Container[tuple[int, int]] = ()
) -> list[list[Cell]]:
    """Return a table's cells. greatest: the number behind which the colour is strongest."""
    made: list[list[Cell]] = [[] for _ in table]
    for i, row in enumerate(table):
        for j, value in enumerate(row):
            made[i].append(cell(value, texts[i][j], greatest, is_wrong=(i, j) in wrong))
    return made


def cell(value: float, text: str, greatest: float, *, is_wrong: bool) -> Cell:
    share = 0.0
    if greatest and math.isfinite(value):
        share = min(abs(value) / greatest, 1.0)
    sign = ""
    if share:
        sign = "up" if value > 0 else "down"
    return Cell(text, round(STRONGEST * share), sign, is_wrong)


def numbers(rows: Sequence[Sequence[Number]]) -> Table:
    return [[float(each) for each in row] for row in rows]


def greatest_of(table: Table) -> float:
    """Return the greatest size of a finite number; 0 if there is none."""
    finite = [abs(each) for row in table for each in row if math.isfinite(each)]
    return max(finite, default=0.0)


def texts_of(table: Table, digits: int = DIGITS[0]) -> Texts:
    return [[number_text(each, digits) for each in row] for row in table]


def number_text(value: float, digits: int) -> str:
    return f"{value:.{digits}g}".replace("-", MINUS)


def shape_text(shape: Sequence[int]) -> str:
    """Return a shape as Python writes it; empty if it has too many axes."""
    return str(tuple(shape)) if len(shape) <= MOST_AXES else ""

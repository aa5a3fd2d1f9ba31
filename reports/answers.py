"""A small wrong answer of a function as tables: target, yours, difference, each number on a ground
as strong as it is.

What is stored was sent by a submission as arrays, and may have been written by anybody since: only
whole, small tables are shown, and of them numbers alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from grader.records import Answer, Details, Number
from reports.display import MINUS, shown_name

LONGEST_SIDE = 12
MOST_ANSWERS = 24
MOST_AXES = 8  # of a shape that is shown
DIGITS = (4, 6, 9, 12, 17)
STRONGEST = 60  # percent of a colour behind the greatest number: the text stays readable on it


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


def shown_answers(details: Details | None) -> dict[tuple[str, str], list[ShownAnswer]]:
    """Return (function, group) -> its wrong answers that can be shown."""
    found: dict[tuple[str, str], list[ShownAnswer]] = {}
    for answer in details.answers[:MOST_ANSWERS] if details is not None else []:
        if is_table(answer.target) and is_table(answer.yours):
            shown = ShownAnswer(shown_name(answer.name, missing=""), sheets(answer))
            found.setdefault((answer.function, answer.group), []).append(shown)
    return found


def is_table(rows: Sequence[Sequence[Number]]) -> bool:
    """Whether rows are equally long and few, and hold something."""
    widths = {len(row) for row in rows}
    return 1 <= len(rows) <= LONGEST_SIDE and len(widths) == 1 and 1 <= widths.pop() <= LONGEST_SIDE


def sheets(answer: Answer) -> list[Sheet]:
    """Return target and yours on one scale, and where both have the same shape the difference on
    its own.
    """
    target, yours = numbers(answer.target), numbers(answer.yours)
    most = greatest([*target, *yours])
    same = answer.target_shape == answer.yours_shape and [len(row) for row in target] == [
        len(row) for row in yours
    ]
    wrong = set(answer.wrong) if same else set()
    texts = [
        [pair_of_texts(*pair, apart=(i, j) in wrong) for j, pair in enumerate(zip(*rows, strict=True))]
        for i, rows in enumerate(zip(target, yours, strict=True))
    ] if same else []  # fmt: skip
    right = [
        [cell(value, most, texts[i][j][0] if same else "") for j, value in enumerate(row)]
        for i, row in enumerate(target)
    ]
    given = [
        [
            cell(value, most, texts[i][j][1] if same else "", is_wrong=(i, j) in wrong)
            for j, value in enumerate(row)
        ]
        for i, row in enumerate(yours)
    ]
    made = [
        Sheet("Target", shape_text(answer.target_shape), right),
        Sheet("Yours", shape_text(answer.yours_shape), given),
    ]
    return (
        [*made, Sheet("Difference", "yours \u2212 target", gaps(target, yours, wrong))]
        if same
        else made
    )


def gaps(
    target: list[list[float]], yours: list[list[float]], wrong: set[tuple[int, int]]
) -> list[list[Cell]]:
    """Return the differences; what is right within the task's tolerance is 0."""
    table = [
        [
            got - due if (i, j) in wrong else 0.0
            for j, (due, got) in enumerate(zip(*rows, strict=True))
        ]
        for i, rows in enumerate(zip(target, yours, strict=True))
    ]
    most = greatest(table)
    return [
        [
            cell(gap, most, number_text(gap, 3), is_wrong=(i, j) in wrong)
            for j, gap in enumerate(row)
        ]
        for i, row in enumerate(table)
    ]


def numbers(rows: Sequence[Sequence[Number]]) -> list[list[float]]:
    return [[float(each) for each in row] for row in rows]


def greatest(rows: Sequence[Sequence[float]]) -> float:
    """Return the greatest size of a finite number; 0 where there is none."""
    return max((abs(each) for row in rows for each in row if math.isfinite(each)), default=0.0)


def cell(value: float, most: float, text: str = "", *, is_wrong: bool = False) -> Cell:
    """Return a number with the strength of its ground: `most` is the greatest of the table."""
    share = abs(value) / most if most and math.isfinite(value) else 0.0
    sign = "" if not share else "up" if value > 0 else "down"
    return Cell(text or number_text(value), round(STRONGEST * min(share, 1.0)), sign, is_wrong)


def pair_of_texts(due: float, got: float, *, apart: bool) -> tuple[str, str]:
    """Return two numbers as texts, with as many digits as they need to differ where they should."""
    for digits in DIGITS:
        pair = number_text(due, digits), number_text(got, digits)
        if not apart or pair[0] != pair[1]:
            break
    return pair


def number_text(value: float, digits: int = DIGITS[0]) -> str:
    return f"{value:.{digits}g}".replace("-", MINUS)


def shape_text(shape: Sequence[int]) -> str:
    """Return a shape as Python writes it."""
    return str(tuple(shape)) if len(shape) <= MOST_AXES else ""

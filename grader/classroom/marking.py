"""Points that a person gives to a notebook's questions: a sheet out, the same sheet back in.

A sheet has a row for each learner and question that a person grades. Points go into the stored
result, whose score is computed anew; nothing is run. The same files that were graded several times
get them in every result, because these stand with their median. Whatever is wrong with a sheet is
one message, and then no result is changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.classroom.tables import read_table, table_bytes
from grader.course.curriculum import Task
from grader.errors import UsageError
from grader.records import CaseGroup, Result
from grader.results import store
from grader.results.merging import note_replaced
from grader.text import page_lines, same_name, table_cell

HEADING = ("learner", "result", "question", "of", "points", "comment")
BY_HAND = "by_hand"
MOST_COMMENT = 2000


@dataclass(frozen=True)
class Mark:
    """The points that a person gives to one question of one result."""

    learner: str
    result: str
    question: str
    points: float
    comment: str


@dataclass
class Marked:
    """What a sheet changed."""

    results: list[tuple[Result, Result]] = field(default_factory=list)  # before and after
    marks: list[Mark] = field(default_factory=list)
    empty: int = 0  # rows without points


def sheet_of(results: Sequence[Result]) -> bytes:
    """Return the sheet of some results, one of each author's files, with what was given so far."""
    rows = []
    for result in newest_of_same_files(results):
        for group in result.cases:
            if group.status == BY_HAND:
                points = "" if group.won is None else f"{group.won:g}"
                rows.append(
                    [
                        table_cell(result.submission.author),
                        result.id,
                        table_cell(group.function),
                        f"{group.worth or 0:g}",
                        points,
                        table_cell(group.message),
                    ]
                )
    return table_bytes(HEADING, rows, encoding="utf-8-sig")


def newest_of_same_files(results: Sequence[Result]) -> list[Result]:
    """Return one result of each author and files, in the order of the authors."""
    newest: dict[tuple[str, str], Result] = {}
    for result in results:
        newest[same_name(result.submission.author), result.submission.sha256] = result
    return [newest[key] for key in sorted(newest)]


def read_sheet(path: Path) -> tuple[list[Mark], int]:
    """Return the marks in a sheet, and how many rows have none. Raises UsageError."""
    table = read_table(path, f"a sheet with the columns {', '.join(HEADING)}")
    places = {name.strip().lower(): place for place, name in enumerate(table.heading)}
    missing = [name for name in HEADING[:5] if name not in places]
    if missing:
        raise UsageError(
            f"{path} has no column {missing[0]!r}; expected those of the sheet: "
            f"{', '.join(HEADING)}. `grader assignment sheet` writes it anew"
        )
    marks = []
    empty = 0
    for row, line in zip(table.rows, table.lines, strict=True):
        cells = {name: row[place] for name, place in places.items()}
        if not cells["points"]:
            empty += 1
            continue
        points = number_in(cells["points"], f"{path}, line {line}")
        comment = page_lines(cells.get("comment", ""))[:MOST_COMMENT]
        marks.append(Mark(cells["learner"], cells["result"], cells["question"], points, comment))
    return marks, empty


def number_in(text: str, where: str) -> float:
    """Return points as a number, with a point or a comma. Raises UsageError."""
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        points = -1.0
    if not 0 <= points < float("inf"):
        raise UsageError(f"{where}: {text!r} are no points; expected a number from 0 on")
    return points


def marked(
    results: Sequence[Result],
    marks: Sequence[Mark],
    task: Task,
    rescored: Callable[[Result, Task], Result],
) -> Marked:
    """Return the results with their marks. Raises UsageError, and nothing was changed.

    rescored: gives a result the score that its cases come to.
    """
    by_id = {result.id: result for result in results}
    wanted: dict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        checked(mark, by_id, task)
        wanted[mark.result].append(mark)
    found = Marked(marks=list(marks))
    for result_id, given in wanted.items():
        for result in same_files(by_id[result_id], results):
            after = rescored(with_marks(result, given), task)
            if after != result:
                found.results.append((result, after))
    return found


def checked(mark: Mark, by_id: dict[str, Result], task: Task) -> None:
    """Raise UsageError for a mark that fits nothing."""
    result = by_id.get(mark.result)
    if result is None:
        raise UsageError(
            f"there is no result {mark.result!r} of {task.id}, which {mark.learner} is to get "
            "points in; `grader assignment sheet` writes the sheet anew"
        )
    questions = {group.function: group for group in result.cases if group.status == BY_HAND}
    group = questions.get(mark.question)
    if group is None:
        raise UsageError(
            f"{mark.question!r} is no question of {task.id} that a person grades; those are "
            f"{', '.join(questions) or 'none'}"
        )
    if mark.points > (group.worth or 0):
        raise UsageError(
            f"{mark.learner} gets {mark.points:g} points for {mark.question}; expected at most "
            f"{group.worth or 0:g}"
        )


def same_files(result: Result, results: Sequence[Result]) -> list[Result]:
    """Return the results of the same author, files and exam."""

    def key(each: Result) -> tuple[str, str, str]:
        record = each.submission
        return same_name(record.author), record.sha256, each.task.exam_version

    return [each for each in results if key(each) == key(result)]


def with_marks(result: Result, marks: Collection[Mark]) -> Result:
    """Return a result with points for its questions; the score is still the old one."""
    given = {mark.question: mark for mark in marks}

    def after(group: CaseGroup) -> CaseGroup:
        mark = given.get(group.function)
        if mark is None or group.status != BY_HAND:
            return group
        return group.model_copy(update={"won": mark.points, "message": mark.comment})

    return result.model_copy(update={"cases": [after(group) for group in result.cases]})


def store_marked(root: Path, found: Marked) -> None:
    """Write every changed result over the old one."""
    for _, after in found.results:
        store.replace(root, after)
    note_replaced(root, (after for _, after in found.results))

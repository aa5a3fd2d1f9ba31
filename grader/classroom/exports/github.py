"""`grader export github`: a step's summary in Markdown, annotations, and a result as JSON.

`summary.md` goes to $GITHUB_STEP_SUMMARY. `annotations.txt` is printed by a step: workflow commands
in which every value is escaped (%, line ends, and in properties : and ,), between a pair of
`::stop-commands::` that only this file knows, so that no text of a submission is a command.
`<learner>.json` follows the schema "classroom50/result/v1": whole points, the moment of the hand-in
that no regrade changes.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from grader.classroom.export_order import Order, points_on
from grader.records import Result
from grader.records.gradebook import Grade, LearnerGrades, PlannedTask
from grader.text import page_line

NEEDS = "results"
SCHEMA = "classroom50/result/v1"
MARKDOWN = str.maketrans({each: f"\\{each}" for each in "\\`*_{}[]<>()#+-.!|~"})
MOST_TESTS = 100


def files_of(order: Order) -> dict[str, bytes]:
    """Return the summary, the annotations, and a result for each learner and task."""
    files = {
        "summary.md": summary(order).encode(),
        "annotations.txt": all_annotations(order).encode(),
    }
    for row in order.grades.rows:
        for task in order.chosen:
            grade = row.grades[task.id]
            if grade.points is not None:
                name = f"{file_name(row.learner.id)}-{task.id}.json"
                files[name] = as_json(record_of(row, task, grade, order))
    return files


def file_name(text: str) -> str:
    """Return a text as a part of a file's name."""
    letters = [each if each.isascii() and each.isalnum() else "-" for each in text]
    return "".join(letters)


def as_json(value: Any) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def summary(order: Order) -> str:
    """Return a table of everybody's points in Markdown."""
    titles = [markdown(task.title) for task in order.chosen]
    lines = [f"## {markdown(order.grades.title)}", ""]
    lines.append("| learner | " + " | ".join([*titles, "total"]) + " |")
    lines.append("|---|" + "---:|" * (len(titles) + 1))
    for row in order.grades.rows:
        marks = []
        for task in order.chosen:
            points = row.grades[task.id].points
            marks.append("-" if points is None else f"{points:g}")
        name = markdown(row.learner.author)
        lines.append(f"| {name} | " + " | ".join([*marks, f"{row.total:g}"]) + " |")
    return "\n".join(lines) + "\n"


def markdown(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    return page_line(text).translate(MARKDOWN)


def all_annotations(order: Order) -> str:
    """Return a notice or an error for each result."""
    lines = []
    for row in order.grades.rows:
        for task in order.chosen:
            grade = row.grades[task.id]
            result = order.results.get(grade.path)
            if result is not None:
                lines.append(annotation(row, task, grade, result))
    return "".join(f"{line}\n" for line in lines)


def annotation(row: LearnerGrades, task: PlannedTask, grade: Grade, result: Result) -> str:
    """Return one workflow command."""
    kind = "notice" if result.verdict.status == "accepted" else "error"
    title = in_property(f"{row.learner.author}: {task.title}")
    points = 0.0 if grade.points is None else grade.points
    text = f"{points:g} of 100 points"
    if result.verdict.reason:
        text += f"; {page_line(result.verdict.reason)}"
    return f"::{kind} title={title}::{in_message(text)}"


def in_message(text: str) -> str:
    """Return text as the data of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def in_property(text: str) -> str:
    """Return text as a property of a workflow command."""
    return in_message(text).replace(":", "%3A").replace(",", "%2C")


def record_of(row: LearnerGrades, task: PlannedTask, grade: Grade, order: Order) -> dict[str, Any]:
    """Return one learner's result; its points are whole numbers, as the schema has them."""
    most = round(task.points)
    points = min(most, round(points_on(grade, task) or 0.0))
    result = order.results.get(grade.path)
    moment = grade.submitted_at
    if moment is None and result is not None:
        moment = result.moment.timestamp()
    return {
        "schema": SCHEMA,
        "classroom": order.grades.title,
        "assignment": task.id,
        "assignment_type": "individual",
        "owner": row.learner.login or row.learner.id,
        "submission": f"submit/{grade.result}",
        "commit": "" if result is None else result.submission.sha256[:40],
        "release": "",
        "review": "",
        "datetime": "" if moment is None else utc_text(moment),
        "graded_at": "" if result is None else utc_text(result.moment.timestamp()),
        "score": points,
        "max-score": most,
        "tests": tests_of(result, points, most),
    }


def utc_text(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def tests_of(result: Result | None, points: int, most: int) -> list[dict[str, Any]]:
    """Return one test for the whole, and one without points for each group of cases."""
    tests: list[dict[str, Any]] = [
        {"test-name": "points", "passed": points == most, "score": points, "max-score": most}
    ]
    for group in [] if result is None else result.cases[: MOST_TESTS - 1]:
        tests.append(
            {
                "test-name": f"{group.function}: {group.group}",
                "passed": group.status == "pass",
                "score": 0,
                "max-score": 0,
            }
        )
    return tests

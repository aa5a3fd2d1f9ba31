"""`grader export prairielearn`: results as PrairieLearn's external graders write them.

One `results.json` for each learner and task: `score` from 0 to 1, `gradable` false where the fault
is not the learner's (then no attempt is used), and `tests`, each with points and max_points,
because one test without them hides the points of all.
"""

from __future__ import annotations

import json
from typing import Any

from grader.classroom.export_order import Order
from grader.records import CaseGroup, Result, Status
from grader.records.gradebook import Grade, LearnerGrades, PlannedTask
from grader.text import page_lines

NEEDS = "results"
MOST_BYTES = 1 << 20
MESSAGE_CHARACTERS = 4000


def files_of(order: Order) -> dict[str, bytes]:
    """Return a file for each learner and task, in folders."""
    files = {}
    for row in order.grades.rows:
        for task in order.chosen:
            grade = row.grades[task.id]
            result = order.results.get(grade.path)
            if result is not None:
                content = json.dumps(results_of(row, task, grade, result), indent=2)
                files[f"{folder_name(row)}/{task.id}/results.json"] = content.encode()
    return files


def folder_name(row: LearnerGrades) -> str:
    letters = [each if each.isascii() and each.isalnum() else "-" for each in row.learner.id]
    return "".join(letters) or "learner"


def results_of(
    row: LearnerGrades, task: PlannedTask, grade: Grade, result: Result
) -> dict[str, Any]:
    """Return the content of one results.json."""
    if result.verdict.status is Status.GRADER_ERROR:
        return {"gradable": False, "message": shown(result.verdict.reason)}
    points = 0.0 if grade.points is None else grade.points
    found: dict[str, Any] = {
        "gradable": True,
        "score": round(points / 100, 6),
        "message": shown("\n".join([result.verdict.reason, *grade.remarks]).strip()),
        "tests": tests_of(result, task),
    }
    return found


def tests_of(result: Result, task: PlannedTask) -> list[dict[str, Any]]:
    """Return the groups of cases, or the parts of the score; all have points."""
    tests = []
    for group in result.cases:
        tests.append(
            {
                "name": f"{group.function}: {group.group}",
                "points": points_of(group),
                "max_points": 1.0 if group.worth is None else group.worth,
                "message": shown(group.message),
            }
        )
    if tests or result.score is None:
        return tests
    score = result.score
    parts = (
        ("accuracy", score.accuracy, score.max_accuracy),
        ("speed", score.speed, score.max_speed),
        ("memory", score.memory, score.max_memory),
    )
    for name, points, most in parts:
        if most:
            tests.append({"name": f"{task.title}: {name}", "points": points, "max_points": most})
    return tests


def points_of(group: CaseGroup) -> float:
    if group.worth is None:
        return 1.0 if group.status == "pass" else 0.0
    return group.won or 0.0


def shown(text: str) -> str:
    return page_lines(text)[:MESSAGE_CHARACTERS]

"""`grader export csv`: everything the rules say, a row for each learner and task.

UTF-8 with the mark that lets Excel read it. Texts that a spreadsheet would run are made harmless by
an apostrophe in front.
"""

from __future__ import annotations

from datetime import UTC, datetime

from grader.classroom.export_order import Order, points_on, points_text
from grader.classroom.tables import table_bytes
from grader.records.gradebook import Grade, Learner, PlannedTask
from grader.text import table_cell

NEEDS = "grades"
HEADING = [
    "id",
    "login",
    "name",
    "section",
    "email",
    "task",
    "points",
    "max_points",
    "score",
    "score_before_rules",
    "verdict",
    "submitted_at",
    "late_days",
    "bank_days",
    "penalty_percent",
    "attempts",
    "remarks",
    "result",
]


def files_of(order: Order) -> dict[str, bytes]:
    """Return the long table, and one with a row for each learner."""
    rows = []
    for row in order.grades.rows:
        for task in order.chosen:
            rows.append([*about(row.learner), *cells_of(row.grades[task.id], task)])
    heading = ["id", "login", "name", "section", "email", *(task.id for task in order.chosen)]
    heading += ["total", "so_far", "bank_days_left"]
    totals = []
    for row in order.grades.rows:
        marks = [points_text(row.grades[task.id].points) for task in order.chosen]
        ends = [points_text(row.total), points_text(row.so_far), str(row.bank_left)]
        totals.append([*about(row.learner), *marks, *ends])
    return {
        "grades.csv": table_bytes(HEADING, rows, encoding="utf-8-sig"),
        "totals.csv": table_bytes(heading, totals, encoding="utf-8-sig"),
    }


def about(learner: Learner) -> list[str]:
    texts = (learner.id, learner.login, learner.name, learner.section, learner.email)
    return [table_cell(text) for text in texts]


def cells_of(grade: Grade, task: PlannedTask) -> list[str]:
    moment = ""
    if grade.submitted_at is not None:
        moment = datetime.fromtimestamp(grade.submitted_at, UTC).isoformat()
    return [
        task.id,
        points_text(points_on(grade, task)),
        points_text(task.points),
        points_text(grade.points),
        points_text(grade.raw),
        grade.status,
        moment,
        str(grade.late_days),
        str(grade.bank_days),
        points_text(grade.penalty_percent),
        str(grade.attempts),
        table_cell("; ".join(grade.remarks)),
        grade.result,
    ]

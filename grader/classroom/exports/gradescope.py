"""`grader export gradescope`: grades in the columns of Gradescope's own download.

First Name, Last Name, SID, Email, Sections, then for each assignment its score, what it is out of,
when it was handed in and how late. A result as its autograder writes it (`results.json`) is made by
`grader export autograder`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from grader.classroom.export_order import (
    Order,
    first_and_last,
    points_on,
    points_text,
)
from grader.classroom.tables import table_bytes
from grader.records.gradebook import Grade, PlannedTask
from grader.text import table_cell

NEEDS = "grades"
FIXED = ["First Name", "Last Name", "SID", "Email", "Sections"]
HOURS_A_DAY = 24


def files_of(order: Order) -> dict[str, bytes]:
    """Return one CSV file."""
    heading = list(FIXED)
    for task in order.chosen:
        heading += [
            task.title,
            f"{task.title} - Max Points",
            f"{task.title} - Submission Time",
            f"{task.title} - Lateness (H:M:S)",
        ]
    rows = []
    for row in order.grades.rows:
        learner = row.learner
        first, last = first_and_last(learner)
        about = [table_cell(first), table_cell(last), learner.id, learner.email]
        cells = [*about, table_cell(learner.section)]
        for task in order.chosen:
            cells += columns_of(row.grades[task.id], task)
        rows.append(cells)
    return {"gradescope.csv": table_bytes(heading, rows)}


def columns_of(grade: Grade, task: PlannedTask) -> list[str]:
    """Return the four cells of one grade."""
    moment = ""
    if grade.submitted_at is not None:
        moment = f"{datetime.fromtimestamp(grade.submitted_at, UTC):%Y-%m-%d %H:%M:%S +0000}"
    late = f"{grade.late_days * HOURS_A_DAY:02d}:00:00" if grade.points is not None else ""
    return [points_text(points_on(grade, task)), points_text(task.points), moment, late]

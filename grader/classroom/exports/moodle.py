"""`grader export moodle`: a table that Moodle's "Import grades from CSV" takes.

Moodle maps a learner by one column (e-mail, ID number or username), which the teacher chooses when
importing, and each grade and feedback by theirs. A grade that is missing is "-". With `--into` a
grading worksheet of an assignment is filled in instead (Identifier, Full name, Email address,
Status, Grade, Maximum grade, ...): Moodle takes it back through "Upload grading worksheet".
"""

from __future__ import annotations

from grader.classroom.export_order import (
    Order,
    first_and_last,
    need_columns,
    points_on,
    points_text,
)
from grader.classroom.tables import table_bytes
from grader.errors import UsageError
from grader.text import same_name, table_cell

NEEDS = "grades"
FIXED = ["First name", "Last name", "ID number", "Username", "Email address"]
MISSING = "-"


def files_of(order: Order) -> dict[str, bytes]:
    """Return one CSV file."""
    if order.template is not None:
        return {"moodle-worksheet.csv": worksheet(order)}
    heading = list(FIXED)
    for task in order.chosen:
        heading += [task.title, f"{task.title} (feedback)"]
    rows = []
    for row in order.grades.rows:
        learner = row.learner
        first, last = first_and_last(learner)
        cells = [table_cell(first), table_cell(last), learner.id, learner.login, learner.email]
        for task in order.chosen:
            grade = row.grades[task.id]
            cells += [points_text(points_on(grade, task)) or MISSING, "; ".join(grade.remarks)]
        rows.append(cells)
    return {"moodle.csv": table_bytes(heading, rows)}


def worksheet(order: Order) -> bytes:
    """Return the worksheet with the grades of one task filled in; whatever else it has stays."""
    assert order.template is not None
    if len(order.chosen) != 1:
        raise UsageError("a grading worksheet of Moodle is for one assignment; say --task")
    [task] = order.chosen
    table = order.template
    places = need_columns(
        order,
        {"identifier": ["Identifier"], "grade": ["Grade"], "email": ["Email address"]},
    )
    by_email = {same_name(row.learner.email): row for row in order.grades.rows if row.learner.email}
    rows = []
    for cells in table.rows:
        filled = list(cells)
        row = by_email.get(same_name(cells[places["email"]]))
        grade = None if row is None else row.grades[task.id]
        if grade is not None and grade.points is not None:
            filled[places["grade"]] = points_text(points_on(grade, task))
        rows.append(filled)
    return table_bytes(table.heading, rows)

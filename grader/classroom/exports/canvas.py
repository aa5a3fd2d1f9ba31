"""`grader export canvas`: a gradebook that Canvas imports.

Canvas finds a learner by its ID, SIS User ID or SIS Login ID and an assignment by the number in
brackets behind its title; a column without a number becomes a new assignment. A row "Points
Possible" stands below the heading. Best is to export the gradebook from Canvas and to give it with
`--into`: then ids, sections and other columns stay as Canvas wrote them.
"""

from __future__ import annotations

import re

from grader.classroom.export_order import (
    Order,
    last_name_first,
    need_columns,
    points_on,
    points_text,
)
from grader.classroom.tables import table_bytes
from grader.errors import UsageError
from grader.records.gradebook import PlannedTask
from grader.text import same_name, table_cell

NEEDS = "grades"
FIXED = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
NUMBER = re.compile(r"\s*\(\d+\)\s*$")
POSSIBLE = "points possible"


def files_of(order: Order) -> dict[str, bytes]:
    """Return one CSV file."""
    if order.template is not None:
        return {"canvas.csv": filled(order)}
    heading = [*FIXED, *(task.title for task in order.chosen)]
    rows = [["    Points Possible", "", "", "", "", *(points_text(t.points) for t in order.chosen)]]
    for row in order.grades.rows:
        learner = row.learner
        about = [
            table_cell(last_name_first(learner)),
            learner.platform_id,
            learner.id,
            learner.login,
            table_cell(learner.section),
        ]
        marks = [points_text(points_on(row.grades[task.id], task)) for task in order.chosen]
        rows.append([*about, *marks])
    return {"canvas.csv": table_bytes(heading, rows)}


def filled(order: Order) -> bytes:
    """Return the gradebook that Canvas exported, with the grades in their columns.

    Only the columns that Canvas needs and those of the tasks are kept, so that nothing else is
    changed by the import.
    """
    assert order.template is not None
    places = need_columns(order, {"student": ["Student"], "id": ["ID"]})
    heading = order.template.heading
    fixed = [heading.index(name) for name in FIXED if name in heading]
    columns = {task.id: column_of(task, heading) for task in order.chosen}
    missing = [task.title for task in order.chosen if columns[task.id] is None]
    if missing:
        raise UsageError(
            f"{order.template_name} has no column for {', '.join(missing)}; expected the title of "
            "the task before a number in brackets. Make the assignment in Canvas, or set `title` "
            "in course.toml to what Canvas calls it"
        )
    known = {same_name(row.learner.platform_id or row.learner.id): row for row in order.grades.rows}
    chosen = [columns[task.id] for task in order.chosen]
    rows = []
    for cells in order.template.rows:
        row = known.get(same_name(cells[places["id"]]))
        marks = [cells[place] for place in chosen if place is not None]
        if row is not None:
            marks = [points_text(points_on(row.grades[task.id], task)) for task in order.chosen]
        is_possible = cells[places["student"]].strip().casefold() == POSSIBLE
        if row is not None or is_possible:
            rows.append([*(cells[place] for place in fixed), *marks])
    titles = [heading[place] for place in chosen if place is not None]
    return table_bytes([*(heading[place] for place in fixed), *titles], rows)


def column_of(task: PlannedTask, heading: list[str]) -> int | None:
    """Return the place of a task's column: its title or id, with Canvas' number behind it or not.

    None where there is none, or several.
    """
    names = {same_name(task.title), same_name(task.id)}
    places = []
    for place, text in enumerate(heading):
        if same_name(NUMBER.sub("", text)) in names:
            places.append(place)
    return places[0] if len(places) == 1 else None

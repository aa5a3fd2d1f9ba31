"""The first page of a learner: the tasks with their terms, and what was handed in."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from grader.records.gradebook import Learner
from grader.server.desk import Desk
from grader.server.jobs import Job
from grader.server.pages.page import Visit, to
from grader.server.rules import Terms, shown

SHOWN_JOBS = 50


@dataclass(frozen=True)
class TaskRow:
    """One task as a learner sees it."""

    id: str
    title: str
    deadline: str
    terms: Terms
    points: float | None
    remarks: str


def home(visit: Visit) -> Response:
    """Show a learner what there is to do."""
    if visit.somebody.is_instructor:
        return to("/class")
    desk = visit.desk
    learner = desk.learner_of(visit.somebody)
    rows = [task_row(desk, learner, each.id) for each in desk.rules.course.spec.tasks]
    jobs = desk.jobs.of_learner(learner.id)[:SHOWN_JOBS]
    return visit.page("home.html", rows=rows, jobs=job_rows(desk, jobs))


def task_row(desk: Desk, learner: Learner, task_id: str) -> TaskRow:
    terms = desk.terms(learner, desk.table_of(task_id))
    standing = desk.database.row(
        "SELECT points, remarks FROM standings WHERE learner = ? AND task = ?", learner.id, task_id
    )
    return TaskRow(
        task_id,
        desk.rules.title(task_id),
        shown(terms.deadline),
        terms,
        None if standing is None else standing["points"],
        "" if standing is None else standing["remarks"],
    )


def job_rows(desk: Desk, jobs: list[Job]) -> list[dict[str, object]]:
    """Return jobs as a table shows them."""
    line = [each.id for each in desk.jobs.line()]
    rows = []
    for job in jobs:
        upload = desk.jobs.upload(job)
        place = line.index(job.id) + 1 if job.id in line else 0
        rows.append(
            {
                "job": job,
                "title": desk.rules.title(job.task),
                "file": upload.shown_name,
                "received": upload.received_at,
                "place": place,
                "learner": desk.name_of(job.learner),
            }
        )
    return rows

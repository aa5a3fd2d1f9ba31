"""The class, for instructors: what needs attention first, the queue, people, journal."""

from __future__ import annotations

from starlette.responses import Response

from grader.errors import GraderError
from grader.records import Status
from grader.server.jobs import DONE, GRADING, TROUBLE, WAITING, Job
from grader.server.pages.home import job_rows
from grader.server.pages.page import Visit, to

SHOWN_JOBS = 300
SHOWN_LINES = 100
MOST_REASON = 400


def class_page(visit: Visit) -> Response:
    """Show the class."""
    desk = visit.desk
    jobs = sorted(desk.jobs.newest(SHOWN_JOBS), key=urgency)
    return visit.page("class.html", rows=job_rows(desk, jobs), people=people(visit))


def urgency(job: Job) -> tuple[int, int]:
    """Sort key: trouble and flagged first, then what is open, then the newest."""
    if job.state == TROUBLE or job.status == Status.GRADER_ERROR.value:
        return 0, -job.id
    if job.state == DONE and job.status == Status.FLAGGED.value:
        return 1, -job.id
    if job.state in (GRADING, WAITING):
        return 2, -job.id
    return 3, -job.id


def people(visit: Visit) -> list[dict[str, object]]:
    """Return who is in the class, and whether each has signed in."""
    rows = visit.desk.database.rows(
        "SELECT learner, count(*) AS sessions FROM sessions WHERE revoked_at IS NULL "
        "AND expires_at > ? GROUP BY learner",
        visit.desk.now(),
    )
    sessions = {row["learner"]: row["sessions"] for row in rows}
    found = []
    for each in visit.desk.rules.course.roster.learners:
        found.append({"id": each.id, "name": each.author, "sessions": sessions.get(each.id, 0)})
    return found


def journal_page(visit: Visit) -> Response:
    """Show the journal of the class, newest first."""
    school = visit.desk.rules.school
    lines = school.journal.lines()[-SHOWN_LINES:][::-1]
    return visit.page("journal.html", lines=lines, problems=school.journal.problems())


def pause(visit: Visit) -> Response:
    visit.desk.jobs.pause(visit.form.get("why", "")[:MOST_REASON])
    return to("/class")


def resume(visit: Visit) -> Response:
    visit.desk.jobs.resume()
    return to("/class")


def put_first(visit: Visit) -> Response:
    job = visit.desk.job_for(visit.somebody, visit.number("job"))
    visit.desk.jobs.put_first(job.id)
    return to("/class")


def regrade(visit: Visit) -> Response:
    """Have an upload graded once more, and write down why."""
    desk = visit.desk
    job = desk.job_for(visit.somebody, visit.number("job"))
    why = visit.form.get("why", "")[:MOST_REASON] or "no reason was given"
    number = desk.jobs.regrade(job, why)
    note(visit, "regrade asked for", job=job.id, upload=job.upload, task=job.task, why=why)
    return to(f"/jobs/{number}")


def revoke(visit: Visit) -> Response:
    """End every session and token of a learner."""
    learner = visit.form.get("learner", "")
    count = visit.desk.accounts.revoke_all(learner)
    note(visit, "sessions ended", learner=learner, count=count)
    return to("/class")


def note(visit: Visit, what: str, **values: object) -> None:
    """Write a line into the journal; that it can't be written ends nothing else."""
    try:
        visit.desk.rules.school.journal.add(what, **values | {"by": "instructor, hand-in page"})
    except GraderError:
        return

"""The hand-in page for programs: JSON under /api/v1, by a token that a page gave out.

What may be done is what the pages allow: the same desk does it. /api/v1/openapi.json describes it.
"""

from __future__ import annotations

import sqlite3
from typing import Annotated, Any

from fastapi import FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from grader.errors import GraderError
from grader.records import Record
from grader.server.accounts import Person
from grader.server.desk import Desk, NotTaken
from grader.server.incoming import read_body
from grader.server.jobs import Job
from grader.server.live import standing_of
from grader.server.pages.boards import read_board
from grader.server.pages.page import says, status_of
from grader.server.pages.upload import said_size
from grader.server.uploads import Part

PREFIX = "/api/v1"
UPLOAD_WAY = (
    f"expected POST {PREFIX}/uploads?task=TASK&file=NAME with the bytes of the file as the body"
)
BEARER = "bearer "
Authorization = Annotated[str, Header(description="Bearer, and a token of the page /token")]


class TaskTerms(Record):
    """One task, and what handing in now means."""

    id: str
    title: str
    deadline: str | None
    late_days: int
    penalty_percent: float
    attempts: int
    most_attempts: int
    closed: str
    points: float | None


class ReceiptRecord(Record):
    """The answer to an upload: it is on the disk."""

    job: int
    task: str
    file: str
    bytes: int
    sha256: str
    received_at: float


class JobRecord(Record):
    """One upload, and how far it is."""

    job: int
    task: str
    state: str
    sha256: str
    received_at: float
    place: int
    starts_in: float | None
    ends_in: float | None
    step: str
    problem: str
    status: str
    score: float | None
    result: str


def add_api(app: FastAPI) -> None:
    """Add the addresses for programs."""
    table: list[tuple[str, str, Any, Any]] = [
        ("GET", "/tasks", tasks, list[TaskTerms]),
        ("POST", "/uploads", upload, ReceiptRecord),
        ("GET", "/jobs", jobs, list[JobRecord]),
        ("GET", "/jobs/{job}", job, JobRecord),
        ("POST", "/jobs/{job}/cancel", cancel, JobRecord),
        ("GET", "/jobs/{job}/result", result, None),
        ("GET", "/boards/{task}", board, None),
    ]
    for method, path, function, model in table:
        app.add_api_route(f"{PREFIX}{path}", function, methods=[method], response_model=model)


def whoever(request: Request, authorization: str) -> tuple[Desk, Person]:
    """Return the desk, and who holds the token of a request."""
    desk: Desk = request.app.state.desk
    if not authorization.lower().startswith(BEARER):
        raise NotTaken(
            "no token came; expected a header `Authorization: Bearer TOKEN`. The page /token makes "
            "one",
            401,
        )
    person = desk.person_of_token(authorization[len(BEARER) :].strip())
    if person is None:
        raise NotTaken(
            "this token is not good: it is not whole, a newer one took its place, or an instructor "
            "ended it. The page /token makes a new one",
            401,
        )
    return desk, person


def tasks(request: Request, authorization: Authorization = "") -> list[TaskTerms]:
    """Return the tasks of the course, with their terms."""
    desk, person = whoever(request, authorization)
    learner = desk.learner_of(person)
    found = []
    for table in desk.rules.course.spec.tasks:
        terms = desk.terms(learner, table)
        standing = desk.database.row(
            "SELECT points FROM standings WHERE learner = ? AND task = ?", learner.id, table.id
        )
        found.append(
            TaskTerms(
                id=table.id,
                title=desk.rules.title(table.id),
                deadline=None if terms.deadline is None else terms.deadline.isoformat(),
                late_days=terms.late_days,
                penalty_percent=terms.penalty_percent,
                attempts=terms.attempts,
                most_attempts=terms.most_attempts,
                closed=terms.closed,
                points=None if standing is None else standing["points"],
            )
        )
    return found


async def upload(
    request: Request, task: str, file: str, authorization: Authorization = ""
) -> ReceiptRecord:
    """Hand in one file, the body of the request: a zip, a script or a notebook."""
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        raise NotTaken(f"a form came; {UPLOAD_WAY}", 415)
    desk, person = await run_in_threadpool(whoever, request, authorization)
    await run_in_threadpool(desk.refuse_if_closed, person, task, said_size(request))
    with desk.uploading(person):
        content = await read_body(request, desk.limits)
        try:
            receipt = await run_in_threadpool(desk.take_in, person, task, [Part(file, content)])
        finally:
            content.close()
    kept = receipt.upload
    return ReceiptRecord(
        job=receipt.job,
        task=kept.task,
        file=kept.shown_name,
        bytes=kept.bytes,
        sha256=kept.sha256,
        received_at=kept.received_at,
    )


def jobs(request: Request, authorization: Authorization = "") -> list[JobRecord]:
    """Return what was handed in, newest first."""
    desk, person = whoever(request, authorization)
    found = desk.jobs.newest() if person.is_instructor else desk.jobs.of_learner(person.learner)
    return [record_of(desk, each) for each in found]


def job(request: Request, job: int, authorization: Authorization = "") -> JobRecord:
    """Return how far one upload is."""
    desk, person = whoever(request, authorization)
    return record_of(desk, desk.job_for(person, job))


def cancel(request: Request, job: int, authorization: Authorization = "") -> JobRecord:
    """Take an upload out of the queue, or have its grading ended."""
    desk, person = whoever(request, authorization)
    desk.cancel(person, job)
    return record_of(desk, desk.job_for(person, job))


def result(request: Request, job: int, authorization: Authorization = "") -> Response:
    """Return the whole result, as docs/measure/results-format.md describes it."""
    desk, person = whoever(request, authorization)
    found = desk.job_for(person, job)
    path = desk.settings.results / found.task / found.result / "result.json"
    if not found.result or not path.is_file():
        raise NotTaken("there is no result yet", 404)
    return FileResponse(path, media_type="application/json")


def board(request: Request, task: str, authorization: Authorization = "") -> dict[str, Any]:
    """Return a task's board."""
    desk, _ = whoever(request, authorization)
    desk.table_of(task)
    return read_board(desk, task)


def record_of(desk: Desk, job: Job) -> JobRecord:
    kept = desk.jobs.upload(job)
    standing: dict[str, Any] = standing_of(desk, job)
    step = desk.database.row(
        "SELECT text FROM events WHERE job = ? AND kind = 'step' ORDER BY id DESC LIMIT 1", job.id
    )
    return JobRecord(
        job=job.id,
        task=job.task,
        state=job.state,
        sha256=kept.sha256,
        received_at=kept.received_at,
        place=standing["place"],
        starts_in=standing["starts_in"],
        ends_in=standing["ends_in"],
        step="" if step is None else step["text"],
        problem=job.problem,
        status=job.status,
        score=job.score,
        result=job.result,
    )


async def trouble(request: Request, error: Exception) -> Response:
    """Return an error as JSON."""
    headers = {"www-authenticate": "Bearer"} if status_of(error) == 401 else {}
    if isinstance(error, NotTaken) and error.retry_seconds:
        headers["retry-after"] = str(error.retry_seconds)
    return JSONResponse({"problem": says(error)}, status_of(error), headers)


async def not_understood(request: Request, error: Exception) -> Response:
    """Say what is wrong with what the address says, in the words that all errors have."""
    assert isinstance(error, RequestValidationError)
    said = []
    for each in error.errors():
        name = each["loc"][-1]
        is_missing = each["type"] == "missing"
        said.append(f"{name}: it is missing" if is_missing else f"{name}: {each['msg'].lower()}")
    way = f"; {UPLOAD_WAY}" if request.url.path == f"{PREFIX}/uploads" else ""
    return JSONResponse({"problem": f"{', '.join(said)}{way}"}, 422)


TROUBLES = (GraderError, HTTPException, sqlite3.Error, OSError)

"""Handing in: the form, with the terms beside it, and the upload itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from grader.errors import GraderError
from grader.server.desk import Desk, Receipt
from grader.server.incoming import Form, read_form
from grader.server.pages.home import task_row
from grader.server.pages.page import (
    CSRF_FIELD,
    CSRF_HEADER,
    PERSON,
    Visit,
    allow,
    person_of,
    require_csrf,
    says,
    status_of,
    to,
    trouble,
)
from grader.server.uploads import Part

JSON = "application/json"


def upload_form(visit: Visit) -> Response:
    """Show the form for one task."""
    desk = visit.desk
    learner = desk.learner_of(visit.somebody)
    row = task_row(desk, learner, visit.path("task"))
    waits = desk.superseded_by(learner, desk.table_of(row.id), desk.now())
    return visit.page("upload.html", row=row, waits=bool(waits), most=desk.limits.upload_bytes)


async def upload(request: Request) -> Response:
    """Take an upload: whether it may be is settled before it is read."""
    desk: Desk = request.app.state.desk
    visit = Visit(request, desk, await run_in_threadpool(person_of, request, desk))
    try:
        allow(visit, PERSON)
        receipt = await taken(visit)
    except (GraderError, HTTPException, sqlite3.Error, OSError) as error:
        if wants_json(request):
            return JSONResponse({"problem": says(error)}, status_of(error))
        return await run_in_threadpool(trouble, visit, error)
    address = f"/jobs/{receipt.job}"
    return JSONResponse({"page": address}) if wants_json(request) else to(address)


def wants_json(request: Request) -> bool:
    return JSON in request.headers.get("accept", "")


async def taken(visit: Visit) -> Receipt:
    """Read an upload and store it."""
    desk = visit.desk
    person = visit.somebody
    task = visit.path("task")
    given = visit.request.headers.get(CSRF_HEADER, "")
    if given:
        require_csrf(visit, given)
    size = said_size(visit.request)
    await run_in_threadpool(desk.refuse_if_closed, person, task, size)
    with desk.uploading(person):
        form = await read_form(visit.request, desk.limits)
        try:
            if not given:
                require_csrf(visit, form.fields.get(CSRF_FIELD, ""))
            return await run_in_threadpool(desk.take_in, person, task, parts_of(form))
        finally:
            close(form.parts)


def said_size(request: Request) -> int:
    text = request.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def parts_of(form: Form) -> Sequence[Part]:
    """Return what was uploaded; an input that was left empty sends a part without a name."""
    return [part for part in form.parts if part.name]


def close(parts: Sequence[Part]) -> None:
    for part in parts:
        part.content.close()

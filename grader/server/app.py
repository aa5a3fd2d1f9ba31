"""The table of addresses, and the application made of it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

import reports
from grader.server import api
from grader.server.desk import Desk
from grader.server.guards import Guards
from grader.server.live import Live
from grader.server.pages import boards, door, home, job, teacher, upload
from grader.server.pages.page import (
    ANYBODY,
    PERSON,
    TEACHER,
    Page,
    Visit,
    handled,
    person_of,
    trouble,
)

STATIC = Path(__file__).resolve().parent / "static"
SITE_STYLES = Path(reports.__file__).resolve().parent / "templates"
FILES = {
    "style.css": SITE_STYLES / "style.css",
    "pages.css": SITE_STYLES / "pages.css",
    "serve.css": STATIC / "serve.css",
    "serve.js": STATIC / "serve.js",
}
PAGES: tuple[tuple[str, str, Page, str], ...] = (
    ("GET", "/", home.home, PERSON),
    ("GET", "/join", door.door, ANYBODY),
    ("GET", "/join/{code}", door.door, ANYBODY),
    ("POST", "/join", door.sign_in, ANYBODY),
    ("GET", "/sign-in", door.go_to_provider, ANYBODY),
    ("GET", "/sign-in/back", door.back_from_provider, ANYBODY),
    ("POST", "/leave", door.sign_out, PERSON),
    ("GET", "/token", door.token, PERSON),
    ("POST", "/token", door.new_token, PERSON),
    ("GET", "/upload/{task}", upload.upload_form, PERSON),
    ("GET", "/jobs/{job}", job.job_page, PERSON),
    ("POST", "/jobs/{job}/cancel", job.cancel, PERSON),
    ("GET", "/board", boards.board_list, PERSON),
    ("GET", "/board/{task}", boards.board, PERSON),
    ("GET", "/class", teacher.class_page, TEACHER),
    ("GET", "/class/journal", teacher.journal_page, TEACHER),
    ("POST", "/class/pause", teacher.pause, TEACHER),
    ("POST", "/class/resume", teacher.resume, TEACHER),
    ("POST", "/class/revoke", teacher.revoke, TEACHER),
    ("POST", "/class/jobs/{job}/first", teacher.put_first, TEACHER),
    ("POST", "/class/jobs/{job}/regrade", teacher.regrade, TEACHER),
    ("GET", "/results/{name}", boards.result_page, PERSON),
    ("GET", "/authors/{name}", boards.author_page, PERSON),
    ("GET", "/{folder}/{name}", boards.site_file, PERSON),
    ("GET", "/{name}", boards.site_page, PERSON),
)
STREAMS: tuple[tuple[str, Callable[[Request], Any]], ...] = (
    ("/jobs/{job}/events", job.events),
    ("/board-events", job.board_events),
)


def make_app(desk: Desk) -> Guards:
    """Return the application of a hand-in page."""
    desk.open_up()
    live = Live(desk)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await live.close()

    app = FastAPI(
        title="dl-grader: handing in",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        openapi_url=f"{api.PREFIX}/openapi.json",
    )
    app.state.desk = desk
    app.state.live = live
    api.add_api(app)
    app.add_route("/static/{name}", static)
    for path, stream in STREAMS:
        app.add_route(path, stream)
    app.add_route("/upload/{task}", upload.upload, methods=["POST"])
    for method, path, page, who in PAGES:
        app.add_route(path, handled(page, who), methods=[method])
    for kind in api.TROUBLES:
        app.add_exception_handler(kind, failed)
    app.add_exception_handler(HTTPException, failed)
    app.add_exception_handler(RequestValidationError, api.not_understood)
    return Guards(app, desk.settings)


async def static(request: Request) -> Response:
    """Serve a style or script of the pages."""
    path = FILES.get(request.path_params["name"])
    if path is None:
        raise HTTPException(404, "there is no such file")
    kind = "text/css" if path.suffix == ".css" else "text/javascript"
    return FileResponse(path, media_type=kind, headers={"cache-control": "max-age=300"})


async def failed(request: Request, error: Exception) -> Response:
    """Answer where no page did: for programs in JSON, for people with a page."""
    if request.url.path.startswith("/api/"):
        return await api.trouble(request, error)
    desk: Desk = request.app.state.desk
    person = await run_in_threadpool(person_of, request, desk)
    return await run_in_threadpool(trouble, Visit(request, desk, person), error)

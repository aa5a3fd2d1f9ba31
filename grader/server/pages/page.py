"""What all pages share: who visits, templates with escaping on, and how each visit is handled.

A page is a plain function that takes a `Visit` and returns an answer; it runs in a thread, so it
may ask the database. Who may see it and whether a form is genuine is settled here, before it runs.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from grader.errors import GraderError, SubmissionRefused
from grader.figures import rough_time
from grader.records import Status
from grader.server.accounts import Person
from grader.server.desk import Desk, NotTaken
from grader.server.uploads import DiskFull
from grader.text import beginning, page_line, shown_name
from reports.pages.page import TEMPLATES as SITE_TEMPLATES
from reports.pages.page import strict_templates

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
COOKIE = "grader_session"
CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"
ANYBODY = "anybody"
PERSON = "person"
TEACHER = "instructor"
STATES = {
    "waiting": "waiting",
    "grading": "being graded",
    "done": "graded",
    "refused": "refused",
    "cancelled": "cancelled",
    "superseded": "replaced by a later upload",
    "trouble": "the grader had trouble",
}
TITLES = {
    400: "This was not understood",
    403: "This is not for you",
    404: "Nothing is here",
    405: "This is not how to ask",
    408: "This took too long",
    409: "Not taken",
    413: "Too large",
    415: "Not a form",
    429: "Too often",
    503: "Too busy",
    507: "The disk is full",
}


@dataclass
class Visit:
    """One request to a page, by somebody."""

    request: Request
    desk: Desk
    person: Person | None
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def somebody(self) -> Person:
        assert self.person is not None  # `handled` has seen to that
        return self.person

    def path(self, name: str) -> str:
        """Return a part of the address."""
        return str(self.request.path_params[name])

    def number(self, name: str) -> int:
        text = self.path(name)
        if not (text.isascii() and text.isdigit()) or len(text) > 12:
            raise NotTaken("there is no such page", 404)
        return int(text)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Fill a template."""
        return HTMLResponse(self.render(template, **values), status)

    def render(self, template: str, **values: Any) -> str:
        about = about_page(self.desk, self.person)
        return environment().get_template(template).render(**about, **values)


Page = Callable[[Visit], Response]


def about_page(desk: Desk, person: Person | None) -> dict[str, Any]:
    """Return what every page shows."""
    name = ""
    if person is not None:
        name = "instructor" if person.is_instructor else desk.name_of(person.learner)
    return {
        "course": desk.rules.course.spec.title,
        "person": person,
        "who": name,
        "csrf": "" if person is None else desk.accounts.csrf_of(person),
        "paused": desk.jobs.paused(),
        "problem": desk.rules.problem,
    }


@cache
def environment() -> Environment:
    """Return the templates of the hand-in page; what it shares with the site comes from there."""
    made = strict_templates(TEMPLATES, SITE_TEMPLATES)
    made.filters.update(
        name=shown_name,
        line=page_line,
        block=beginning,
        moment=moment_text,
        ago=rough_time,
        size=size_text,
        path=path_text,
    )
    made.globals.update(states=STATES, verdicts={each.value: word(each) for each in Status})
    return made


def word(status: Status) -> str:
    return status.value.replace("_", " ")


def moment_text(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M UTC}"


def size_text(count: int) -> str:
    if count < 1 << 20:
        return f"{max(1, count >> 10)} KiB"
    return f"{count / (1 << 20):.1f} MiB"


def path_text(text: str) -> str:
    """Return a text as one part of an address."""
    return quote(text, safe="")


def handled(page: Page, who: str) -> Callable[[Request], Awaitable[Response]]:
    """Return a page as the server calls it. who: may see it."""

    async def endpoint(request: Request) -> Response:
        desk: Desk = request.app.state.desk
        person = await run_in_threadpool(person_of, request, desk)
        visit = Visit(request, desk, person)
        try:
            allow(visit, who)
            if request.method == "POST":
                visit.form = await form_of(request)
                if person is not None:
                    require_csrf(visit, visit.form.get(CSRF_FIELD, ""))
            return await run_in_threadpool(page, visit)
        except (GraderError, HTTPException, sqlite3.Error, OSError) as error:
            return await run_in_threadpool(trouble, visit, error)

    return endpoint


async def form_of(request: Request) -> Mapping[str, str]:
    """Return the fields of a small form; the guards have bounded its length."""
    read = await request.form(max_files=0, max_fields=40)
    return {name: value for name, value in read.multi_items() if isinstance(value, str)}


def person_of(request: Request, desk: Desk) -> Person | None:
    """Return who a request comes from, by its cookie."""
    cookie = request.cookies.get(COOKIE)
    return None if not cookie else desk.person_of_cookie(cookie)


def allow(visit: Visit, who: str) -> None:
    """Raise NotTaken if a page is not for whoever visits."""
    if who == ANYBODY:
        return
    if visit.person is None:
        raise NotTaken("sign in first, with the link or code that your instructor gave you", 401)
    if who == TEACHER and not visit.person.is_instructor:
        raise NotTaken("this page is for instructors", 403)


def require_csrf(visit: Visit, given: str) -> None:
    """Raise NotTaken for a form that was not made by a page of this session."""
    said = given or visit.request.headers.get(CSRF_HEADER, "")
    if not visit.desk.accounts.is_csrf(visit.somebody, said):
        raise NotTaken("the form is too old, or came from elsewhere; reload the page", 403)


def status_of(error: Exception) -> int:
    """Return what HTTP calls an error."""
    if isinstance(error, NotTaken):
        return error.status
    if isinstance(error, HTTPException):
        return int(error.status_code)
    if isinstance(error, DiskFull):
        return 507
    if isinstance(error, SubmissionRefused):
        return 400
    return 503


def says(error: Exception) -> str:
    """Return what an error says to people. What the system says of our own files is not shown."""
    if isinstance(error, HTTPException):
        return str(error.detail)
    if isinstance(error, GraderError):
        return str(error)
    return (
        "the server can't read or write its own files just now. Nothing is lost that was handed in "
        "before; tell your instructor, and try again later"
    )


def trouble(visit: Visit, error: Exception) -> Response:
    """Return the page of an error; somebody who is not signed in is sent to the door."""
    status = status_of(error)
    if status == 401:
        if visit.request.method == "GET":
            return RedirectResponse("/join", 303)
        status = 403
    headers = {}
    if isinstance(error, NotTaken) and error.retry_seconds:
        headers["retry-after"] = str(error.retry_seconds)
    title = getattr(error, "title", "") or TITLES.get(status, "Something went wrong")
    answer = visit.page("trouble.html", status, title=title, says=says(error))
    answer.headers.update(headers)
    return answer


def to(address: str) -> Response:
    """Send a visitor to another page of ours after a form."""
    return RedirectResponse(address, 303)


def now_text() -> str:
    return moment_text(time.time())

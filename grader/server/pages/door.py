"""Signing in by a code or link that works once, and signing out."""

from __future__ import annotations

from starlette.responses import Response

from grader.server.pages.page import COOKIE, Visit, to
from grader.server.settings import Settings

DAY = 86_400


def door(visit: Visit) -> Response:
    """The form for a code. A link fills it in: following a link alone uses nothing up, because
    mail programs follow links before people do.
    """
    return visit.page("door.html", code=visit.request.path_params.get("code", "")[:40])


def sign_in(visit: Visit) -> Response:
    """Take a code, and give a session for it."""
    client = visit.request.client
    address = client.host if client is not None else ""
    cookie = visit.desk.sign_in(visit.form.get("code", "")[:80], address)
    answer = to("/")
    set_cookie(answer, cookie, visit.desk.settings)
    return answer


def set_cookie(answer: Response, cookie: str, settings: Settings) -> None:
    answer.set_cookie(
        COOKIE,
        cookie,
        max_age=round(settings.limits.session_days * DAY),
        path="/",
        httponly=True,
        secure=settings.is_https,
        samesite="lax",
    )


def sign_out(visit: Visit) -> Response:
    visit.desk.accounts.end_session(visit.somebody)
    answer = to("/join")
    answer.delete_cookie(COOKIE, path="/")
    return answer


def token(visit: Visit) -> Response:
    """The page about tokens for programs."""
    return visit.page("token.html", token="")


def new_token(visit: Visit) -> Response:
    """Make a token, and show it this once."""
    made = visit.desk.accounts.make_token(visit.somebody)
    return visit.page("token.html", token=made)

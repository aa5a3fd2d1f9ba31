"""Signing in by a code or link that works once, and signing out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from grader.server.accounts import read_secret
from grader.server.desk import NotTaken
from grader.server.pages.page import COOKIE, Visit, to
from grader.server.settings import Settings

if TYPE_CHECKING:
    from grader.server.sign_in import SignIn

DAY = 86_400
FLOW_COOKIE = "grader_sign_in"
FLOW_MINUTES = 10
BACK_PATH = "/sign-in/back"


def door(visit: Visit) -> Response:
    """The form for a code. A link fills it in: following a link alone uses nothing up, because
    mail programs follow links before people do.
    """
    table = visit.desk.rules.course.spec.sign_in
    label = "" if table is None else table.label
    code = visit.request.path_params.get("code", "")[:40]
    return visit.page("door.html", code=code, label=label)


def sign_in(visit: Visit) -> Response:
    """Take a code, and give a session for it."""
    client = visit.request.client
    address = client.host if client is not None else ""
    cookie = visit.desk.sign_in(visit.form.get("code", "")[:80], address)
    answer = to("/")
    set_cookie(answer, cookie, visit.desk.settings)
    return answer


def go_to_provider(visit: Visit) -> Response:
    """Send a visitor to the provider of the course, with what the way back needs in a cookie."""
    address, flow = provider_of(visit).begin()
    answer = to(address)
    answer.set_cookie(
        FLOW_COOKIE,
        flow,
        max_age=FLOW_MINUTES * 60,
        path=BACK_PATH,
        httponly=True,
        secure=visit.desk.settings.is_https,
        # Lax, not strict: the way back begins at the provider.
        samesite="lax",
    )
    return answer


def back_from_provider(visit: Visit) -> Response:
    """Give a session to whom the provider vouches for, if the roster has them."""
    from grader.server.sign_in import learner_of

    service = provider_of(visit)
    cookie = visit.request.cookies.get(FLOW_COOKIE, "")
    identity = service.finish(cookie, visit.request.query_params)
    course = visit.desk.rules.course
    learner = learner_of(identity, course.roster.learners, service.table.match)
    answer = to("/")
    answer.delete_cookie(FLOW_COOKIE, path=BACK_PATH)
    set_cookie(answer, visit.desk.accounts.open_session(learner), visit.desk.settings)
    return answer


def provider_of(visit: Visit) -> SignIn:
    """Return the provider of the course; NotTaken where it has none."""
    table = visit.desk.rules.course.spec.sign_in
    if table is None:
        raise NotTaken("this course has codes and links only", 404)
    try:
        from grader.server.sign_in import SignIn
    except ModuleNotFoundError as error:
        raise NotTaken(
            f"the server lacks the package {error.name}; tell your instructor, who can install it "
            "with `pip install 'dl-grader[serve]'`",
            503,
        ) from None
    settings = visit.desk.settings
    return SignIn(table, settings.address, read_secret(settings.secret))


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

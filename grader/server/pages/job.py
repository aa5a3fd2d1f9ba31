"""One upload: its receipt, its place in the queue, what happens, and how it ended."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from grader.server.checked import checked_of
from grader.server.desk import Desk, NotTaken
from grader.server.jobs import Job
from grader.server.live import Live, board_stream, job_stream, standing_of
from grader.server.pages.page import Visit, person_of, to
from grader.text import terminal_line

STREAM = "text/event-stream"


def job_page(visit: Visit) -> Response:
    """Show everything about one upload."""
    desk = visit.desk
    job = desk.job_for(visit.somebody, visit.number("job"))
    events = desk.jobs.events(job.id)
    log = [terminal_line(each["text"]) for each in events if each["kind"] == "log"]
    steps = [terminal_line(each["text"]) for each in events if each["kind"] == "step"]
    return visit.page(
        "job.html",
        job=job,
        upload=desk.jobs.upload(job),
        title=desk.rules.title(job.task),
        learner=desk.name_of(job.learner),
        standing=standing_of(desk, job),
        checked=checked_of(job.checked),
        log=log,
        step=steps[-1] if steps else "",
        last=events[-1]["id"] if events else 0,
        result_page=result_page(desk, job),
    )


def result_page(desk: Desk, job: Job) -> str:
    """Return the address of a job's result; empty while its page is not there."""
    name = f"results/{job.result}.html"
    if not job.result or not (desk.settings.site / name).is_file():
        return ""
    return f"/{name}"


def cancel(visit: Visit) -> Response:
    number = visit.number("job")
    visit.desk.cancel(visit.somebody, number)
    return to(f"/jobs/{number}")


async def events(request: Request) -> Response:
    """Stream what happens in a job."""
    desk: Desk = request.app.state.desk
    live: Live = request.app.state.live
    person = await run_in_threadpool(person_of, request, desk)
    if person is None:
        return PlainTextResponse("sign in first\n", 403)
    try:
        number = Visit(request, desk, person).number("job")
        job = await run_in_threadpool(desk.job_for, person, number)
    except NotTaken as error:
        return PlainTextResponse(f"{error}\n", error.status)
    if not live.has_room(person.key):
        return PlainTextResponse("too many pages are open\n", 429, {"retry-after": "30"})
    after = request.headers.get("last-event-id") or request.query_params.get("after", "")
    start = int(after) if after.isascii() and after.isdigit() and len(after) < 16 else 0
    return StreamingResponse(job_stream(live, desk, job, person.key, start), media_type=STREAM)


async def board_events(request: Request) -> Response:
    """Stream that the boards have changed."""
    desk: Desk = request.app.state.desk
    live: Live = request.app.state.live
    person = await run_in_threadpool(person_of, request, desk)
    if person is None:
        return PlainTextResponse("sign in first\n", 403)
    if not live.has_room(person.key):
        return PlainTextResponse("too many pages are open\n", 429, {"retry-after": "30"})
    return StreamingResponse(board_stream(live, person.key), media_type=STREAM)

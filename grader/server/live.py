"""What happens, for those who watch: one look at the database serves everybody.

A thousand open pages must not ask the database a thousand times a second. One task of the HTTP
process looks for new events, only while somebody watches, and wakes those whose job has some. The
stream itself sends states, steps and lines of the log; where a job has ended, it ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterator

from starlette.concurrency import run_in_threadpool

from grader.server.desk import Desk
from grader.server.jobs import Job
from grader.text import terminal_line

LOOK_SECONDS = 0.5
HEARTBEAT_SECONDS = 15.0
BOARD = 0  # the number that stands for the boards in the place of a job's


class Live:
    """Those who watch, and the one who looks for them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._watchers: dict[int, set[asyncio.Event]] = {}
        self._people: Counter[str] = Counter()
        self._task: asyncio.Task[None] | None = None
        self._last = 0
        self._version = ""

    def has_room(self, key: str) -> bool:
        """Whether one more page may watch. key: of who watches."""
        limits = self._desk.limits
        if self._people.total() >= limits.all_streams:
            return False
        return self._people[key] < limits.streams_per_person

    @contextlib.contextmanager
    def watching(self, number: int, key: str) -> Iterator[asyncio.Event]:
        """Give what is set when something happens in a job. key: of who watches."""
        news = asyncio.Event()
        self._people[key] += 1
        self._watchers.setdefault(number, set()).add(news)
        if self._task is None:
            self._task = asyncio.create_task(self._look())
        try:
            yield news
        finally:
            self._people[key] -= 1
            self._people += Counter()
            self._watchers[number].discard(news)
            if not self._watchers[number]:
                del self._watchers[number]

    async def _look(self) -> None:
        """Wake those who watch, for as long as anybody does."""
        try:
            self._last = await run_in_threadpool(self._newest)
            while self._watchers:
                await asyncio.sleep(LOOK_SECONDS)
                # A database that is locked or gone for a moment is asked again.
                with contextlib.suppress(sqlite3.Error):
                    self._wake(await run_in_threadpool(self._changed))
        finally:
            self._task = None

    def _newest(self) -> int:
        row = self._desk.database.row("SELECT coalesce(max(id), 0) AS id FROM events")
        return 0 if row is None else int(row["id"])

    def _changed(self) -> set[int]:
        """Return the jobs in which something happened since the last look."""
        rows = self._desk.database.rows("SELECT id, job FROM events WHERE id > ?", self._last)
        changed = {int(row["job"]) for row in rows}
        if rows:
            self._last = max(int(row["id"]) for row in rows)
        version = self._desk.database.fact("site")
        if version != self._version:
            self._version = version
            changed.add(BOARD)
        return changed

    def _wake(self, changed: set[int]) -> None:
        for number in changed:
            for news in self._watchers.get(number, ()):
                news.set()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task


async def job_stream(live: Live, desk: Desk, job: Job, key: str, after: int) -> AsyncIterator[str]:
    """Yield what happens in a job as server-sent events. after: the last event that was seen."""
    with live.watching(job.id, key) as news:
        while True:
            news.clear()
            events = await run_in_threadpool(desk.jobs.events, job.id, after)
            for event in events:
                after = int(event["id"])
                yield sent(event["kind"], terminal_line(event["text"]), after)
            now = await run_in_threadpool(desk.jobs.job, job.id)
            if now is None or not now.is_open:
                yield sent("end", "" if now is None else now.state)
                return
            yield sent("queue", json.dumps(await run_in_threadpool(standing_of, desk, now)))
            yield await heartbeat(news)


async def board_stream(live: Live, key: str) -> AsyncIterator[str]:
    """Yield an event whenever the boards were made anew."""
    yield sent("open", "")
    with live.watching(BOARD, key) as news:
        while True:
            said = await heartbeat(news)
            if news.is_set():
                news.clear()
                yield sent("boards", "")
            else:
                yield said


async def heartbeat(news: asyncio.Event) -> str:
    """Wait for news; what is sent meanwhile keeps a proxy from closing the connection."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(news.wait(), HEARTBEAT_SECONDS)
    return ": here\n\n"


def standing_of(desk: Desk, job: Job) -> dict[str, object]:
    """Return a job's place in the queue, and about when it begins and ends."""
    line = [each.id for each in desk.jobs.line()]
    when = desk.jobs.times().get(job.id)
    now = desk.now()
    return {
        "state": job.state,
        "place": line.index(job.id) + 1 if job.id in line else 0,
        "waiting": len(line),
        "starts_in": None if when is None else max(0, round(when.start - now)),
        "ends_in": None if when is None else max(0, round(when.end - now)),
        "paused": desk.jobs.paused(),
    }


def sent(kind: str, text: str, number: int | None = None) -> str:
    """Return one server-sent event. text: one line."""
    identity = "" if number is None else f"id: {number}\n"
    return f"{identity}event: {kind}\ndata: {text}\n\n"

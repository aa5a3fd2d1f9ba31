"""A hand-in page without an engine: a class of two, a grader that only pretends, a browser."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from grader.errors import GraderError, SubmissionRefused
from grader.records import Result
from grader.server.app import make_app
from grader.server.desk import Desk
from grader.server.grading import Cancelled, Grading
from grader.server.jobs import Jobs
from grader.server.order import Order, Watcher
from grader.server.settings import Limits, Settings
from support.factories import make_result

ADDRESS = "http://127.0.0.1:8000"
ROSTER = """id,login,name,section,email
4711,ada,Ada Lovelace,A,ada@example.org
4712,ben,Ben Roe,A,ben@example.org
4713,cleo,Cleo Doe,B,cleo@example.org
"""
COURSE = """
title = "Deep learning"
timezone = "UTC"
attempts = 3
[late]
bank_days = 1
penalty_percent_per_day = 10
closed_after_days = 4
[[tasks]]
id = "neuron"
deadline = 2026-10-12T12:00:00
[[tasks]]
id = "digits"
"""
DEADLINE = 1_791_806_400.0  # 2026-10-12T12:00:00Z
DAY = 86_400.0


@dataclass
class Clock:
    """The time of a page, which a test moves."""

    moment: float = DEADLINE - 2 * DAY

    def __call__(self) -> float:
        return self.moment


@dataclass
class Pretender:
    """Grades nothing: says what it was told to say."""

    refuses: str = ""
    refuses_unread: str = ""
    is_timed: bool = False  # something is timed on its computer
    troubles: int = 0  # how often its engine is gone
    score: float = 80.0
    meanwhile: Callable[[Watcher], None] = lambda watcher: None
    seen: list[Order] = field(default_factory=list)
    published: int = 0

    def read(self, order: Order) -> dict[str, object]:
        if self.refuses_unread:
            raise SubmissionRefused(self.refuses_unread)
        return {"problem": "", "lines": []}

    @contextmanager
    def untimed(self, seconds: float) -> Iterator[bool]:
        yield not self.is_timed

    def check(self, order: Order, watcher: Watcher) -> dict[str, object]:
        if self.refuses:
            raise SubmissionRefused(self.refuses)
        return {"problem": "", "lines": ["looks fine"]}

    def grade(self, order: Order, watcher: Watcher) -> Result:
        if self.troubles:
            self.troubles -= 1
            raise GraderError("no engine answers")
        self.seen.append(order)
        watcher.step("training")
        watcher.line("epoch 1 \x1b[31mloss 0.5")
        self.meanwhile(watcher)
        if watcher.is_cancelled():
            raise Cancelled
        made = (self.score, 0.0, 0.0)
        return make_result(order.hand_in.author, task=order.hand_in.task_id, points=made)

    def publish(self) -> None:
        self.published += 1

    def close(self) -> None:
        pass


@dataclass
class Place:
    """A hand-in page of a class, and what tests need beside it."""

    desk: Desk
    grader: Pretender
    clock: Clock
    app: Any

    @property
    def settings(self) -> Settings:
        return self.desk.settings

    @property
    def grading(self) -> Grading:
        jobs = Jobs(self.desk.database, self.clock)
        return Grading(self.settings, self.desk.rules, jobs, self.grader)

    def grade_one(self) -> bool:
        """Do what the grading process does with the next job; False if nothing waits."""
        job = self.desk.jobs.claim()
        return job is not None and self.grading.do(job)

    def visitor(self) -> Browser:
        client = TestClient(self.app, base_url=self.settings.address, follow_redirects=False)
        return Browser(client)

    def learner(self, learner_id: str) -> Browser:
        """Return the browser of a learner who has signed in."""
        learner = self.desk.rules.learner(learner_id)
        assert learner is not None
        return self.signed_in(self.desk.accounts.invite([learner])[learner_id])

    def instructor(self) -> Browser:
        return self.signed_in(self.desk.accounts.invite_instructor())

    def signed_in(self, code: str) -> Browser:
        browser = self.visitor()
        answer = browser.client.post("/join", data={"code": code})
        assert answer.status_code == 303, answer.text
        browser.csrf = csrf_in(browser.client.get("/token").text)
        return browser


@dataclass
class Browser:
    """Somebody's browser."""

    client: TestClient
    csrf: str = ""

    def get(self, path: str, **more: Any) -> Response:
        return self.client.get(path, **more)

    def post(self, path: str, **fields: str) -> Response:
        return self.client.post(path, data={"csrf": self.csrf, **fields})

    def hand_in(
        self, content: bytes = b"x = 1\n", name: str = "solution.py", task: str = "neuron"
    ) -> Response:
        files = {"file": (name, content)}
        return self.client.post(f"/upload/{task}", data={"csrf": self.csrf}, files=files)

    def token(self) -> str:
        found = re.search(r"grader-[\w-]{20,}", self.post("/token").text)
        assert found
        return found.group()


def csrf_in(page: str) -> str:
    found = re.search(r'name="csrf" content="([0-9a-f]{64})"', page)
    assert found, page
    return found.group(1)


def free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


def make_place(
    folder: Path, course: str = COURSE, *, address: str = ADDRESS, **limits: Any
) -> Place:
    """Return the page of a class in an empty folder. limits: those that are not as usual."""
    folder.mkdir(exist_ok=True)
    (folder / "roster.csv").write_text(ROSTER)
    (folder / "course.toml").write_text(course)
    clock = Clock()
    bounds = replace(Limits(), **{"free_bytes": 0, "settle_seconds": 0, **limits})
    settings = Settings(folder, folder / "results", address, limits=bounds)
    desk = Desk(settings, clock)
    return Place(desk, Pretender(), clock, make_app(desk))

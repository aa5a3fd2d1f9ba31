"""The queue, as rows of the database: what waits, who is next, and how each job ended.

Both processes change it, each step in one transaction. A job that was being graded when its process
was killed goes back to its place when grading begins again; nothing else ends a job but the line
that says how.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from grader.course.curriculum import find_task
from grader.errors import GraderError
from grader.server.database import Database
from grader.server.fair_order import MOST_TRIES, Running, Waiting, When, in_turn, times
from grader.server.uploads import Upload, upload_of

WAITING = "waiting"
GRADING = "grading"
DONE = "done"
REFUSED = "refused"
CANCELLED = "cancelled"
SUPERSEDED = "superseded"
TROUBLE = "trouble"
OPEN = (WAITING, GRADING)
MEASURED = 20  # durations of a task that its expected one is taken from
FIRST_GUESS = 60.0  # seconds, for a task of which nothing is known
BEYOND_TRAINING = 1.5  # a run takes longer than its training: par, questions
MOST_LOG_LINES = 2000
LINE_CHARACTERS = 400
PAUSED = "paused"  # the fact that says so: why


@dataclass(frozen=True)
class Job:
    """One job, with the upload it is about."""

    id: int
    upload: str
    learner: str
    task: str
    state: str
    queued_at: float
    started_at: float | None
    ended_at: float | None
    urgency: int
    tries: int
    again: bool
    cancel: bool
    why: str
    result: str
    status: str
    score: float | None
    problem: str
    checked: str

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


def job_of(row: sqlite3.Row) -> Job:
    values = {key: row[key] for key in Job.__annotations__}
    values["again"] = bool(values["again"])
    values["cancel"] = bool(values["cancel"])
    return Job(**values)


class Jobs:
    """The queue."""

    def __init__(self, database: Database, now: Callable[[], float] = time.time) -> None:
        self.database = database
        self.now = now

    # Looking.

    def job(self, number: int) -> Job | None:
        found = self.database.row("SELECT * FROM jobs WHERE id = ?", number)
        return None if found is None else job_of(found)

    def upload(self, job: Job) -> Upload:
        found = self.database.row("SELECT * FROM uploads WHERE id = ?", job.upload)
        assert found is not None  # the schema refuses a job without an upload
        return upload_of(found)

    def of_learner(self, learner: str, task: str | None = None) -> list[Job]:
        """Return a learner's jobs, newest first."""
        query = "SELECT * FROM jobs WHERE learner = ?"
        values: list[object] = [learner]
        if task is not None:
            query += " AND task = ?"
            values.append(task)
        return [job_of(row) for row in self.database.rows(f"{query} ORDER BY id DESC", *values)]

    def newest(self, most: int = 500) -> list[Job]:
        rows = self.database.rows("SELECT * FROM jobs ORDER BY id DESC LIMIT ?", most)
        return [job_of(row) for row in rows]

    def running(self) -> list[Running]:
        rows = self.database.rows("SELECT * FROM jobs WHERE state = ?", GRADING)
        return [Running(row["id"], row["learner"], row["task"], row["started_at"]) for row in rows]

    def line(self) -> list[Waiting]:
        """Return what waits, in the order in which it is graded."""
        return in_turn(self._waiting(self.database.connection), self.running())

    def _waiting(self, connection: sqlite3.Connection) -> list[Waiting]:
        rows = connection.execute("SELECT * FROM jobs WHERE state = ?", [WAITING])
        return [
            Waiting(
                row["id"],
                row["learner"],
                row["task"],
                row["queued_at"],
                row["urgency"],
                row["tries"],
            )
            for row in rows
        ]

    def waiting(self) -> list[Job]:
        """Return what waits, whole, in the order in which it is graded."""
        rows = self.database.rows("SELECT * FROM jobs WHERE state = ?", WAITING)
        found = {row["id"]: job_of(row) for row in rows}
        return [found[each.id] for each in self.line() if each.id in found]

    def times(self) -> Mapping[int, When]:
        """Return about when each open job begins and ends; nothing while the queue is paused."""
        if self.paused():
            return {}
        expected: dict[str, float] = {}

        def expects(task: str) -> float:
            if task not in expected:
                expected[task] = self.expected_seconds(task)
            return expected[task]

        return times(self.line(), self.running(), expects, now=self.now())

    def expected_seconds(self, task: str) -> float:
        """Return how long grading a task takes: as it was measured, or by the task's budget."""
        rows = self.database.rows(
            "SELECT ended_at - started_at AS seconds FROM jobs WHERE task = ? AND state = ? "
            "AND started_at IS NOT NULL ORDER BY id DESC LIMIT ?",
            task,
            DONE,
            MEASURED,
        )
        measured = [row["seconds"] for row in rows]
        return statistics.median(measured) if measured else expected_by_budget(task)

    def paused(self) -> str:
        """Return why nothing is graded; empty while the queue goes on."""
        return self.database.fact(PAUSED)

    # What learners do.

    def add(self, upload: Upload, superseded: Sequence[int] = ()) -> int:
        """Put an upload into the queue, in the place of some that wait; return the job's number."""
        with self.database.writing() as rows:
            return self.add_within(rows, upload, superseded)

    def add_within(
        self, rows: sqlite3.Connection, upload: Upload, superseded: Sequence[int] = ()
    ) -> int:
        """Do the same within a transaction of the caller's."""
        now = self.now()
        insert_upload(rows, upload)
        number = insert_job(rows, upload, now)
        for other in superseded:
            end_waiting(rows, other, now, SUPERSEDED)
        return number

    def cancel(self, number: int) -> bool:
        """Take a job out of the queue, or have its grading ended; False if it has ended already."""
        now = self.now()
        with self.database.writing() as rows:
            if end_waiting(rows, number, now, CANCELLED):
                return True
            asked = "UPDATE jobs SET cancel = 1 WHERE id = ? AND state = ?"
            return rows.execute(asked, (number, GRADING)).rowcount > 0

    def refuse_waiting(self, number: int, problem: str) -> None:
        """End a job that waits, because it can't be graded; one that does not wait stays."""
        now = self.now()
        with self.database.writing() as rows:
            if end_waiting(rows, number, now, REFUSED):
                rows.execute("UPDATE jobs SET problem = ? WHERE id = ?", (problem, number))

    # What instructors do.

    def put_first(self, number: int) -> bool:
        """Have a job graded next."""
        with self.database.writing() as rows:
            most = rows.execute(
                "SELECT coalesce(max(urgency), 0) AS most FROM jobs WHERE state = ?", [WAITING]
            ).fetchone()["most"]
            changed = rows.execute(
                "UPDATE jobs SET urgency = ? WHERE id = ? AND state = ?",
                (most + 1, number, WAITING),
            ).rowcount
        return changed > 0

    def regrade(self, job: Job, why: str) -> int:
        """Put an upload into the queue once more; return the new job's number."""
        upload = self.upload(job)
        with self.database.writing() as rows:
            return insert_job(rows, upload, self.now(), again=True, why=why)

    def pause(self, why: str) -> None:
        self.database.set_fact(PAUSED, why or "an instructor paused it")

    def resume(self) -> None:
        self.database.set_fact(PAUSED, "")

    # What the grading process does.

    def put_back_all(self) -> None:
        """Put back what was being graded when the grading process ended."""
        with self.database.writing() as rows:
            # Whoever cancelled was told that it ends.
            rows.execute(
                "UPDATE jobs SET state = ?, ended_at = ? WHERE state = ? AND cancel = 1",
                (CANCELLED, self.now(), GRADING),
            )
            rows.execute(
                "UPDATE jobs SET state = ?, started_at = NULL WHERE state = ?", (WAITING, GRADING)
            )

    def claim(self) -> Job | None:
        """Take the next job; None if nothing waits or the queue is paused."""
        if self.paused():
            return None
        now = self.now()
        with self.database.writing() as rows:
            line = in_turn(self._waiting(rows), self.running())
            if not line:
                return None
            number = line[0].id
            rows.execute(
                "UPDATE jobs SET state = ?, started_at = ?, cancel = 0 WHERE id = ?",
                (GRADING, now, number),
            )
            add_event(rows, number, now, "state", GRADING)
        return self.job(number)

    def put_back(self, number: int, problem: str) -> None:
        """Let a job wait at its place again, because the grader had trouble of its own."""
        with self.database.writing() as rows:
            rows.execute(
                "UPDATE jobs SET state = ?, started_at = NULL, tries = tries + 1, problem = ? "
                "WHERE id = ?",
                (WAITING, problem, number),
            )
            add_event(rows, number, self.now(), "state", WAITING)

    def give_chances(self) -> None:
        """Put what was stuck back to its place: another one was graded, so the engine is there."""
        self.database.write(
            "UPDATE jobs SET tries = ? WHERE state = ? AND tries >= ?",
            MOST_TRIES - 1,
            WAITING,
            MOST_TRIES,
        )

    def end(
        self,
        number: int,
        state: str,
        *,
        result: str = "",
        status: str = "",
        score: float | None = None,
        problem: str = "",
    ) -> None:
        """Say how a job ended."""
        now = self.now()
        with self.database.writing() as rows:
            rows.execute(
                "UPDATE jobs SET state = ?, ended_at = ?, result = ?, status = ?, score = ?, "
                "problem = ? WHERE id = ?",
                (state, now, result, status, score, problem, number),
            )
            add_event(rows, number, now, "state", state)

    def is_cancelled(self, number: int) -> bool:
        found = self.database.row("SELECT cancel FROM jobs WHERE id = ?", number)
        return found is not None and bool(found["cancel"])

    def tell(self, number: int, kind: str, text: str) -> None:
        """Say what happens in a job, to whoever watches it. kind: "step" or "log"."""
        with self.database.writing() as rows:
            add_event(rows, number, self.now(), kind, text[:LINE_CHARACTERS])

    def set_checked(self, number: int, text: str) -> None:
        """Keep what the quick check found, as `checked.py` writes it."""
        with self.database.writing() as rows:
            rows.execute("UPDATE jobs SET checked = ? WHERE id = ?", (text, number))
            add_event(rows, number, self.now(), "checked", "")

    def events(self, number: int, after: int = 0) -> list[sqlite3.Row]:
        """Return what happened in a job, oldest first; the last lines of a long log."""
        rows = self.database.rows(
            "SELECT * FROM events WHERE job = ? AND id > ? ORDER BY id DESC LIMIT ?",
            number,
            after,
            MOST_LOG_LINES,
        )
        return rows[::-1]


def insert_upload(rows: sqlite3.Connection, upload: Upload) -> None:
    rows.execute(
        "INSERT INTO uploads VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            upload.id,
            upload.learner,
            upload.task,
            upload.file,
            json.dumps(upload.members),
            upload.bytes,
            upload.sha256,
            upload.received_at,
        ),
    )


def insert_job(
    rows: sqlite3.Connection, upload: Upload, now: float, *, again: bool = False, why: str = ""
) -> int:
    number = rows.execute(
        "INSERT INTO jobs (upload, learner, task, state, queued_at, again, why) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (upload.id, upload.learner, upload.task, WAITING, now, again, why),
    ).lastrowid
    assert number is not None
    add_event(rows, number, now, "state", WAITING)
    return number


def end_waiting(rows: sqlite3.Connection, number: int, now: float, state: str) -> bool:
    """Take a job out of the queue; False if it does not wait any more."""
    changed = rows.execute(
        "UPDATE jobs SET state = ?, ended_at = ? WHERE id = ? AND state = ?",
        (state, now, number, WAITING),
    ).rowcount
    if changed:
        add_event(rows, number, now, "state", state)
    return changed > 0


def add_event(rows: sqlite3.Connection, job: int, at: float, kind: str, text: str) -> None:
    rows.execute(
        "INSERT INTO events (job, at, kind, text) VALUES (?, ?, ?, ?)", (job, at, kind, text)
    )


def expected_by_budget(task_id: str) -> float:
    """Return how long grading a task may take, in seconds, before one was graded."""
    try:
        budget = find_task(task_id).spec.budget
    except GraderError:
        return FIRST_GUESS
    return 5.0 if budget is None else BEYOND_TRAINING * budget.cpu_seconds

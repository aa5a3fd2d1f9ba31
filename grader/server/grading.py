"""The grading process: takes jobs from the queue, one at a time, and says how each ended.

Who grades is given: the engine room in earnest, something small in tests. Three ways lead out of a
job. A submission that can't be graded is refused and costs no attempt. Trouble of the grader's own
puts the job back to its place: nobody loses it, and while the engine is gone the queue waits with
longer and longer pauses. Everything else is a result.
"""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime
from typing import Protocol

from grader.classroom.course_file import Course
from grader.errors import GraderError, SubmissionRefused
from grader.intake.hand_ins import HandIn
from grader.records import Result, Status
from grader.server.checking import Checker, Checking
from grader.server.fair_order import MOST_TRIES
from grader.server.jobs import CANCELLED, DONE, REFUSED, TROUBLE, Job, Jobs
from grader.server.order import Order, Watched, Watcher
from grader.server.rules import Rules
from grader.server.settings import Settings
from grader.server.uploads import members_of, path_of

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.3
FIRST_PAUSE = 2.0  # seconds, after trouble; twice as long after each further one
LONGEST_PAUSE = 60.0
ENGINE = "engine"  # the fact that says what trouble the engine has


class Cancelled(Exception):
    """Whoever handed it in doesn't want it graded any more."""


class Grader(Checker, Protocol):
    """Who grades, and holds the quick checks."""

    def grade(self, order: Order, watcher: Watcher) -> Result:
        """Grade and store. Cancelled if that was asked for; GraderError for trouble of ours."""

    def publish(self) -> None:
        """Make boards, pages and grades anew."""

    def close(self) -> None:
        """Give everything back."""


class Grading:
    """The grading process's loop."""

    def __init__(self, settings: Settings, rules: Rules, jobs: Jobs, grader: Grader) -> None:
        self._settings = settings
        self._rules = rules
        self._jobs = jobs
        self._grader = grader
        self._checking = Checking(jobs, grader, self.order_of)
        self._pause = FIRST_PAUSE
        self._published: Course | None = None  # the rules that the pages were made by

    def run(self, stop: threading.Event) -> None:
        """Grade until told to stop."""
        self._jobs.put_back_all()
        self._publish()
        with self._checking.beside():
            self._work(stop)

    def _work(self, stop: threading.Event) -> None:
        while not stop.is_set():
            # Whose a result is goes by the roster and the teams, which may have changed.
            if self._rules.course is not self._published:
                self._publish()
            job = self._jobs.claim()
            if job is None:
                stop.wait(LOOK_SECONDS)
            elif not self.do(job):
                stop.wait(self._pause)
                self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def do(self, job: Job) -> bool:
        """Grade one job; False if trouble of our own kept it from being graded."""
        watcher = Watched(self._jobs, job.id)
        order = self.order_of(job)
        try:
            if not job.again:
                self._checking.at_turn(job, order, watcher)
            if watcher.is_cancelled():
                raise Cancelled
            result = self._grader.grade(order, watcher)
        except Cancelled:
            self._jobs.end(job.id, CANCELLED)
        except SubmissionRefused as refused:
            self._jobs.end(job.id, REFUSED, problem=str(refused))
        except GraderError as error:
            return self._put_back(job, str(error))
        except Exception as error:
            log.exception("job %s", job.id)
            return self._put_back(job, f"{type(error).__name__}: {error}")
        else:
            if not self._ended(job, result):
                return False
            self._jobs.give_chances()
        self._pause = FIRST_PAUSE
        self._jobs.database.set_fact(ENGINE, "")
        return True

    def order_of(self, job: Job) -> Order:
        """Return what is to be graded: paths of ours, the learner's name, when it was uploaded."""
        upload = self._jobs.upload(job)
        learner = self._rules.learner(job.learner)
        uploads = self._settings.uploads
        hand_in = HandIn(
            path=path_of(upload, uploads),
            author=job.learner if learner is None else learner.author,
            members=members_of(upload, uploads),
            submitted_at=datetime.fromtimestamp(upload.received_at, UTC),
            platform="hand-in page",
            task_id=job.task,
        )
        return Order(hand_in, job.again)

    def _ended(self, job: Job, result: Result) -> bool:
        """Store how a job ended; False where it is tried again."""
        if result.score is None and job.tries + 1 < MOST_TRIES:
            return self._put_back(job, result.verdict.reason)
        state = DONE if result.score is not None else TROUBLE
        self._jobs.end(
            job.id,
            state,
            result=result.id,
            status=result.verdict.status.value,
            score=None if result.score is None else result.score.total,
            problem=result.verdict.reason if result.verdict.status is Status.GRADER_ERROR else "",
        )
        self._note(job, result)
        self._publish()
        return True

    def _note(self, job: Job, result: Result) -> None:
        """Write the hand-in into the journal of the class."""
        line = {
            "author": result.submission.author,
            "task": result.task.id,
            "sha256": result.submission.sha256,
            "result": result.id,
            "upload": job.upload,
        }
        if job.why:
            line["why"] = job.why
        try:
            self._rules.school.journal.add("hand-in", **line)
        except GraderError as error:
            log.warning("%s", error)

    def _put_back(self, job: Job, problem: str) -> bool:
        """Let a job wait again, and say why the queue does not go on."""
        if self._jobs.is_cancelled(job.id):
            self._jobs.end(job.id, CANCELLED)
            return True
        log.warning("job %s waits again: %s", job.id, problem)
        self._jobs.put_back(job.id, problem)
        self._jobs.database.set_fact(ENGINE, problem)
        return False

    def _publish(self) -> None:
        """Make the pages anew; trouble with them keeps nobody from being graded."""
        self._published = self._rules.course
        try:
            self._grader.publish()
        except Exception:
            log.exception("the pages could not be made")

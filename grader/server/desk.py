"""The desk: everything that a request needs, in one place, and the steps of handing in.

All of it is bytes and rows. Nothing here can reach a submission's content or the engine.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from grader.classroom.course_file import TaskTable
from grader.errors import GraderError
from grader.host.ownership import remove_tree
from grader.records.gradebook import Learner
from grader.server.accounts import (
    CODE_LENGTH,
    GROUP,
    INCOMPLETE,
    TOO_OLD,
    UNKNOWN,
    USED,
    Accounts,
    Person,
)
from grader.server.database import Database
from grader.server.jobs import CANCELLED, GRADING, REFUSED, SUPERSEDED, WAITING, Job, Jobs
from grader.server.rules import Rules, Terms, is_between, terms_of
from grader.server.settings import Settings
from grader.server.uploads import (
    Part,
    Upload,
    has_room,
    keep,
    remove_unfinished,
    stored_uploads,
)

HOUR = 3600.0
MINUTE = 60.0
# For whoever could have the code at all: what is said of it helps nobody to guess another one.
WRONG_CODES = {
    USED: (
        "This code was used already",
        "each code works once. If it was you, go on in the browser that you used then; if not, "
        "tell your instructor, who can end that session and give you a new code",
    ),
    TOO_OLD: ("This code is too old", "ask your instructor for a new one"),
    INCOMPLETE: (
        "This is not a whole code",
        f"a code has {CODE_LENGTH} letters and digits, in groups of {GROUP}; copy all of it, or "
        "the link",
    ),
    UNKNOWN: (
        "There is no such code",
        "it was mistyped, or a newer one was made for you, which makes an older one void. Look at "
        "it again, or ask your instructor for a new one",
    ),
}
NO_ATTEMPT = (REFUSED, CANCELLED, SUPERSEDED)


class NotTaken(GraderError):
    """An upload is not taken, or something may not be done; nothing was changed.

    status: what HTTP calls it. retry_seconds: when to try again, where that helps.
    title: the heading of a page that says so; empty: the usual one of the status.
    """

    def __init__(
        self, message: str, status: int, retry_seconds: int = 0, *, title: str = ""
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retry_seconds = retry_seconds
        self.title = title


@dataclass(frozen=True)
class Receipt:
    """What whoever hands in gets: it is on the disk."""

    upload: Upload
    job: int


class Desk:
    """One hand-in page, as the HTTP process has it."""

    def __init__(self, settings: Settings, now: Callable[[], float] = time.time) -> None:
        """Open the page of a class. Raises UsageError or GraderError if that can't be."""
        self.settings = settings
        self.limits = settings.limits
        self.now = now
        self.rules = Rules(settings.course, settings.limits.settle_seconds)
        self.database = Database(settings.database)
        self.accounts = Accounts(self.database, settings.secret, settings.limits, now)
        self.jobs = Jobs(self.database, now)
        self._lock = threading.Lock()
        self._uploading: Counter[str] = Counter()
        self._wrong_codes: dict[str, deque[float]] = {}

    def open_up(self) -> None:
        """Put in order what a kill left: uploads half there, and uploads without a row."""
        remove_unfinished(self.settings.incoming)
        known = {row["id"] for row in self.database.rows("SELECT id FROM uploads")}
        for upload in stored_uploads(self.settings.uploads):
            if upload.id not in known:
                self.jobs.add(upload)

    # Who asks.

    def person_of_cookie(self, cookie: str) -> Person | None:
        return self._if_in_class(self.accounts.person_of_cookie(cookie))

    def person_of_token(self, token: str) -> Person | None:
        return self._if_in_class(self.accounts.person_of_token(token))

    def _if_in_class(self, person: Person | None) -> Person | None:
        """Return nobody for a learner who has left the roster: the pages are those of the class."""
        if person is None or person.is_instructor or self.rules.learner(person.learner):
            return person
        return None

    # Handing in.

    def learner_of(self, person: Person) -> Learner:
        """Return the learner who asks; NotTaken for an instructor or somebody who has left."""
        found = None if person.is_instructor else self.rules.learner(person.learner)
        if found is None:
            raise NotTaken("only learners on the roster hand in", 403)
        return found

    def table_of(self, task_id: str) -> TaskTable:
        found = self.rules.task(task_id)
        if found is None:
            ids = ", ".join(task.id for task in self.rules.course.spec.tasks)
            raise NotTaken(f"the course has no task {task_id[:60]!r}; it has: {ids}", 404)
        return found

    def terms(self, learner: Learner, table: TaskTable, now: float | None = None) -> Terms:
        """Return what handing in means. now: at which moment; None: at this one."""
        standing = self.database.row(
            "SELECT * FROM standings WHERE learner = ? AND task = ?", learner.id, table.id
        )
        return terms_of(
            self.rules.course,
            table,
            learner,
            now=self.now() if now is None else now,
            attempts=self.attempts(learner, table.id),
            bank_left=None if standing is None else standing["bank_left"],
        )

    def attempts(self, learner: Learner, task_id: str) -> int:
        """Return how many attempts a learner or team has used: the same bytes are one attempt."""
        together = self.rules.together(learner.id, task_id)
        marks = ", ".join("?" for _ in together)
        ended = ", ".join(f"'{state}'" for state in (*NO_ATTEMPT, "trouble"))
        row = self.database.row(
            "SELECT count(DISTINCT uploads.sha256) AS count FROM jobs "
            "JOIN uploads ON uploads.id = jobs.upload "
            f"WHERE jobs.learner IN ({marks}) AND jobs.task = ? AND jobs.state NOT IN ({ended})",
            *together,
            task_id,
        )
        here = 0 if row is None else int(row["count"])
        standing = self.database.row(
            "SELECT attempts FROM standings WHERE learner = ? AND task = ?", learner.id, task_id
        )
        return max(here, 0 if standing is None else int(standing["attempts"]))

    def superseded_by(self, learner: Learner, table: TaskTable, now: float) -> list[Job]:
        """Return what waits for the same task; not what was in time where a new one is late."""
        deadline = self.rules.course.deadline_of(table, learner)
        found = []
        for job in self.jobs.of_learner(learner.id, table.id):
            if job.state != WAITING or job.again:
                continue
            # When it was received counts: the row of an upload may have come after a restart.
            if not is_between((self.jobs.upload(job).received_at, now), deadline):
                found.append(job)
        return found

    def refuse_if_closed(self, person: Person, task_id: str, size: int) -> None:
        """Raise NotTaken if an upload would not be taken, before it is read."""
        learner = self.learner_of(person)
        self._refuse_late_or_spent(learner, task_id, self.now())
        self._refuse_too_many(learner)
        self.settings.folder.mkdir(parents=True, exist_ok=True)
        if not has_room(self.settings.folder, size, self.limits.free_bytes):
            raise NotTaken(
                "the disk of this server is full, so nothing can be stored now. Nothing is lost "
                "that was handed in before; tell your instructor, and try again later",
                507,
                600,
            )

    def _refuse_late_or_spent(self, learner: Learner, task_id: str, now: float) -> list[Job]:
        """Raise NotTaken if a task takes nothing more; return what waits and would be replaced."""
        table = self.table_of(task_id)
        waits = self.superseded_by(learner, table, now)
        terms = self.terms(learner, table, now)
        if terms.closed and not (waits and "attempts" in terms.closed):
            raise NotTaken(f"{self.rules.title(task_id)}: {terms.closed}", 409)
        return waits

    def _refuse_too_many(self, learner: Learner) -> None:
        """Raise NotTaken for a learner who has uploaded too much within the last hour."""
        since = self.now() - HOUR
        row = self.database.row(
            "SELECT count(*) AS count, min(received_at) AS first FROM uploads "
            "WHERE learner = ? AND received_at > ?",
            learner.id,
            since,
        )
        if row is not None and row["count"] >= self.limits.uploads_per_hour:
            wait = max(1, round(row["first"] - since))
            raise NotTaken(
                f"you have uploaded {row['count']} times within an hour, which is the most that is "
                f"taken; upload again in {max(1, wait // 60)} minutes",
                429,
                wait,
            )

    @contextmanager
    def uploading(self, person: Person) -> Iterator[None]:
        """Count an upload while it is read. NotTaken where too many are at once."""
        with self._lock:
            if self._uploading[person.key] >= self.limits.uploads_at_once:
                raise NotTaken("you are uploading already; wait until that has ended", 429, 5)
            if self._uploading.total() >= self.limits.all_uploads_at_once:
                raise NotTaken("too many uploads at once; try again in a few seconds", 503, 5)
            self._uploading[person.key] += 1
        try:
            yield
        finally:
            with self._lock:
                self._uploading[person.key] -= 1
                self._uploading += Counter()

    def take_in(self, person: Person, task_id: str, parts: Sequence[Part]) -> Receipt:
        """Store an upload, put it into the queue, and return the receipt."""
        if not parts:
            raise NotTaken("no file came with the form; choose a file or a folder", 400)
        learner = self.learner_of(person)
        # When it was handed in is when all of it was here.
        now = self.now()
        upload = keep(
            parts,
            learner=learner.id,
            task=task_id,
            incoming=self.settings.incoming,
            uploads=self.settings.uploads,
            now=now,
        )
        if upload.bytes == 0:
            self._drop(upload)
            raise NotTaken("the upload is empty: 0 bytes came. Choose the file again", 400)
        # Looked at again: another upload may have been taken while this one was read. Counted and
        # added in one transaction, so that of two in the same instant one sees the other.
        try:
            with self.database.writing() as rows:
                waits = self._refuse_late_or_spent(learner, task_id, now)
                self._refuse_too_many(learner)
                job = self.jobs.add_within(rows, upload, [each.id for each in waits])
        except BaseException:
            self._drop(upload)
            raise
        return Receipt(upload, job)

    def _drop(self, upload: Upload) -> None:
        remove_tree(self.settings.uploads / upload.id)

    # What may be seen and done.

    def job_for(self, person: Person, number: int) -> Job:
        """Return a job that a person may see; NotTaken as if it were not there for all others."""
        job = self.jobs.job(number)
        if job is None or not self.may_see(person, job.learner, job.task):
            raise NotTaken("there is no such upload, or it is somebody else's", 404)
        return job

    def may_see(self, person: Person, learner: str, task_id: str) -> bool:
        """Whether a person may see what a learner has for a task: their own and the team's."""
        if person.is_instructor:
            return True
        return person.learner in self.rules.together(learner, task_id)

    def owns_result(self, person: Person, result: str) -> bool:
        """Whether a person may see the page of a result."""
        if person.is_instructor:
            return True
        rows = self.database.rows("SELECT learner FROM owners WHERE result = ?", result)
        return any(row["learner"] == person.learner for row in rows)

    def results_of(self, person: Person) -> set[str] | None:
        """Return the ids of the results that a learner may see; None for an instructor: all."""
        if person.is_instructor:
            return None
        rows = self.database.rows("SELECT result FROM owners WHERE learner = ?", person.learner)
        return {row["result"] for row in rows}

    def cancel(self, person: Person, number: int) -> None:
        job = self.job_for(person, number)
        if not self.jobs.cancel(job.id):
            raise NotTaken("it has ended already, so there is nothing to cancel", 409)

    def name_of(self, learner_id: str) -> str:
        """Return a learner's name; the id where the roster has nobody of that id any more."""
        found = self.rules.learner(learner_id)
        return learner_id if found is None else found.author

    # Codes.

    def sign_in(self, code: str, address: str) -> str:
        """Return a new session's cookie for a code. NotTaken for one that is not good.

        A good code is taken whatever others did. Behind a proxy, and on many a campus, a whole
        class has one address: refused by address, everybody would wait for whoever mistypes. The
        bound keeps nobody from guessing, and need not: a thousand tries a second at 300 open codes,
        for the 120 days that they are good, find one with a probability of 4e-12.
        """
        cookie = self.accounts.redeem(code)
        if cookie is not None:
            return cookie
        if self._is_wrong_too_often(address):
            raise NotTaken("too many wrong codes; look at yours again, and wait a minute", 429, 60)
        title, why = WRONG_CODES[self.accounts.what_is_wrong(code)]
        raise NotTaken(why, 403, title=title)

    def _is_wrong_too_often(self, address: str) -> bool:
        """Count a wrong code from an address; whether it had as many already as are answered."""
        since = self.now() - MINUTE
        with self._lock:
            for name, times in list(self._wrong_codes.items()):
                if times[-1] < since:
                    del self._wrong_codes[name]
            tried = self._wrong_codes.setdefault(
                address, deque(maxlen=self.limits.wrong_codes_per_minute)
            )
            is_full = len(tried) == tried.maxlen and tried[0] >= since
            if not is_full:
                tried.append(self.now())
            return is_full

    def is_being_graded(self) -> bool:
        row = self.database.row("SELECT 1 FROM jobs WHERE state = ? LIMIT 1", GRADING)
        return row is not None

"""course.toml and the roster as they are now, and what they say about handing in.

An instructor may edit them while the page runs. What can't be read changes nothing: the last rules
that could be read hold, and the class page says what is wrong.

**A file is taken at its word when it has been still for a second.** Editors and file systems write
a file in pieces, and a first piece can be a valid file: an empty course.toml is a course without
tasks, and half a roster is a class without its other half. Whoever asked at that moment would be
told that the task is gone, or that they are. So what is new is read at once, to say what is wrong
with it, and holds from when nothing has been written for `settle_seconds`. A course that had tasks
and is to have none is more likely a file that was emptied: it never holds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.classroom.class_folder import ClassFolder, open_class
from grader.classroom.course_file import COURSE_FILE, Course, TaskTable
from grader.classroom.roster import ROSTER_FILE
from grader.classroom.rules import late_days_at
from grader.course.curriculum import Task, find_task
from grader.errors import GraderError, UsageError
from grader.records.gradebook import Learner


def course_in(folder: Path) -> Course:
    """Return a class's rules. Raises UsageError for a task that nobody could be graded on here."""
    course = open_class(folder).course
    for table in course.spec.tasks:
        try:
            find_task(table.id)
        except GraderError as error:
            raise UsageError(f"{folder / COURSE_FILE}: {error}") from None
    return course


class Rules:
    """The class as its files have it; they are read again when they change."""

    def __init__(
        self,
        folder: Path,
        settle_seconds: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """settle_seconds: how long a file has to be still. now: a clock that never jumps.

        Raises UsageError if there is no class, or its files can't be read.
        """
        self._folder = folder
        self._settle_seconds = settle_seconds
        self._now = now
        self._lock = threading.Lock()
        self._stamp = self._stamp_now()
        self._since = now() - settle_seconds  # when the files were found as they are
        self._course = course_in(folder)
        self._next: Course | None = None  # what the files say, and does not hold yet
        self.problem = ""  # why the files as they are now can't be read

    def _stamp_now(self) -> tuple[int, ...]:
        stamp: list[int] = []
        for name in (COURSE_FILE, ROSTER_FILE):
            try:
                found = (self._folder / name).stat()
                stamp += [found.st_mtime_ns, found.st_size, found.st_ino]
            except OSError:
                stamp.append(0)
        return tuple(stamp)

    @property
    def course(self) -> Course:
        """Return the newest rules that could be read and were not being written."""
        with self._lock:
            stamp = self._stamp_now()
            if stamp != self._stamp:
                self._stamp = stamp
                self._since = self._now()
                self._next = self._read_again()
            is_still = self._now() - self._since >= self._settle_seconds
            if self._next is not None and is_still:
                self._course = self._next
                self._next = None
            return self._course

    def _read_again(self) -> Course | None:
        """Return what the files say now; None, and say why, where that can't hold."""
        try:
            found = course_in(self._folder)
        except (GraderError, OSError, ValueError, RecursionError) as error:
            self.problem = str(error)
            return None
        if self._course.spec.tasks and not found.spec.tasks:
            self.problem = (
                f"{self._folder / COURSE_FILE} has no task any more: is it empty, or saved by half?"
            )
            return None
        self.problem = ""
        return found

    @property
    def school(self) -> ClassFolder:
        """Return the class with the newest rules that could be read, whatever its files say now."""
        course = self.course
        school = ClassFolder(self._folder)
        # Where its cached properties keep what they have read.
        vars(school).update(course=course, roster=course.roster)
        return school

    def learner(self, learner_id: str) -> Learner | None:
        """Return a learner by the id in the roster; None if nobody has it any more."""
        for each in self.course.roster.learners:
            if each.id == learner_id:
                return each
        return None

    def task(self, task_id: str) -> TaskTable | None:
        """Return a task of the course."""
        for each in self.course.spec.tasks:
            if each.id == task_id:
                return each
        return None

    def title(self, task_id: str) -> str:
        table = self.task(task_id)
        if table is not None and table.title:
            return table.title
        found = installed(task_id)
        return task_id if found is None else found.spec.title

    def together(self, learner_id: str, task_id: str) -> tuple[str, ...]:
        """Return the ids of those who hand in with a learner, the learner's own among them."""
        return self.course.teammates.get((learner_id, task_id), (learner_id,))


def installed(task_id: str) -> Task | None:
    try:
        return find_task(task_id)
    except UsageError:
        return None


@dataclass(frozen=True)
class Terms:
    """What handing in for a task means for a learner at one moment.

    late_days: that it would be late. closed: why nothing is taken; empty while it is.
    """

    task: str
    deadline: datetime | None
    late_days: int
    penalty_percent: float
    bank_left: int
    attempts: int
    most_attempts: int  # 0: as many as one likes
    closed: str

    @property
    def attempts_left(self) -> int | None:
        return None if not self.most_attempts else max(0, self.most_attempts - self.attempts)


def terms_of(
    course: Course,
    table: TaskTable,
    learner: Learner,
    *,
    now: float,
    attempts: int,
    bank_left: int | None = None,
) -> Terms:
    """Return the terms of a task. attempts: that count already. bank_left: None: the whole bank."""
    late = course.late_of(table)
    deadline = course.deadline_of(table, learner)
    bank = late.bank_days if bank_left is None else bank_left
    days = 0 if deadline is None else late_days_at(now, deadline, late, course.zone)
    most = table.attempts or course.spec.attempts
    closed = ""
    if late.closed_after_days is not None and days > late.closed_after_days:
        closed = (
            f"the deadline was {shown(deadline)}, and nothing is taken that is more than "
            f"{late.closed_after_days} days late; ask your instructor for an extension"
        )
    elif most and attempts >= most:
        closed = f"all {most} attempts are used up"
    percent = 0.0
    if days:
        most_paid = bank if late.most_bank_days_per_task is None else late.most_bank_days_per_task
        unpaid = max(0, days - min(bank, most_paid))
        percent = min(100.0, unpaid * late.penalty_percent_per_day)
    return Terms(table.id, deadline, days, percent, bank, attempts, most, closed)


def shown(moment: datetime | None) -> str:
    """Return a moment on the clock of the course."""
    return "none" if moment is None else f"{moment:%a %Y-%m-%d %H:%M %Z}"


def is_between(moments: tuple[float, float], deadline: datetime | None) -> bool:
    """Whether a deadline lies between two moments: the first is in time, the second is not."""
    if deadline is None:
        return False
    first, second = moments
    return first <= deadline.timestamp() < second

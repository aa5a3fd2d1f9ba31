"""Who grades what was handed in: a worker of the batch engine, and the site afterwards.

The worker is the one that `grader batch` has, with its box, its clock and its limits. It lives from
one submission to the next, and is ended when somebody cancels what it grades. A submission that has
a result already, of the same bytes by the same learner, is not graded again: so a kill between a
stored result and the line that says so gives no second one.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from filelock import Timeout

from grader.classroom.class_folder import ClassFolder
from grader.classroom.pseudonyms import pseudonyms_of
from grader.classroom.reckoning import grades_of
from grader.classroom.rules import owners_of
from grader.errors import GraderError, SubmissionRefused
from grader.exams.timing.locks import timing_lock
from grader.grading.batch_outcomes import Key
from grader.grading.settings import Settings as GradingSettings
from grader.grading.worker import STEP, Worker
from grader.host.machine import CPU
from grader.records import Result, Summary
from grader.results import store
from grader.results.packed import unpack
from grader.server.database import Database
from grader.server.grading import Cancelled
from grader.server.order import Order, Watcher
from grader.server.rules import Rules
from grader.text import same_name, terminal_line

ASK_SECONDS = 0.5  # how often it is looked whether somebody cancels
REPEATED_SECONDS = 2.0  # a line of the log that says the same is told again after that

Read = Callable[[Order], Mapping[str, object]]
Check = Callable[[Order, Watcher], Mapping[str, object]]
WriteSite = Callable[[ClassFolder, bool], None]  # takes the class, and whether without names


@dataclass
class EngineRoom:
    """Grades in earnest.

    read_it, check_it: hold the quick check, without a box and in one. write_site: writes the pages.
    All of these come from the doors.
    """

    settings: GradingSettings
    rules: Rules
    database: Database
    read_it: Read
    check_it: Check
    write_site: WriteSite
    _worker: Worker | None = field(default=None, init=False)
    _watcher: Watcher | None = field(default=None, init=False)

    def read(self, order: Order) -> dict[str, object]:
        """Look whether it can be graded, without running anything."""
        return dict(self.read_it(order))

    @contextmanager
    def untimed(self, seconds: float) -> Iterator[bool]:
        """Keep the timed phases of every grader on this computer away, where that can be had."""
        lock = timing_lock(CPU)  # every timed phase has it, also one on a GPU
        try:
            lock.acquire(timeout=seconds)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def check(self, order: Order, watcher: Watcher) -> dict[str, object]:
        """Look whether it can be graded."""
        watcher.step("checking")
        return dict(self.check_it(order, watcher))

    def grade(self, order: Order, watcher: Watcher) -> Result:
        """Grade one submission with the worker, and store the result."""
        worker = self._ready_worker()
        self._watcher = watcher
        try:
            with ended_on_cancel(worker, watcher) as ended:
                return self._graded(worker, order)
        except EOFError:
            how = worker.how_it_ended()
            self._drop_worker()
            if watcher.is_cancelled():
                raise Cancelled from None
            raise GraderError(how) from None
        except GraderError:
            raise
        except Exception:
            # Its answer may still be on its way, and would be taken for the next submission's.
            self._drop_worker()
            raise
        finally:
            self._watcher = None
            if ended.is_set():  # its answer may have come just before
                self._drop_worker()

    def _graded(self, worker: Worker, order: Order) -> Result:
        opened = worker.open(order.hand_in)
        if "failed" in opened:
            raise GraderError(opened["failed"])
        if "unfiled" in opened:
            raise SubmissionRefused(opened["unfiled"])
        key = Key(**opened)
        if not order.again:
            before = self._result_of(key)
            if before is not None:
                return before
        results = self.settings.results
        store.prepare(results, key.task)
        graded = unpack(worker.grade())
        graded.save(results)
        return graded.result

    def _result_of(self, key: Key) -> Result | None:
        """Return a stored result of the same files by the same author, if there is one."""
        results = self.settings.results
        found, _ = store.summaries(results, key.task)
        for summary in reversed(found):
            if summary.total is not None and key_of_summary(summary) == key:
                return store.whole(results, summary)
        return None

    def _ready_worker(self) -> Worker:
        if self._worker is None:
            self._worker = Worker(self.settings, self._tell)
        return self._worker

    def _tell(self, kind: str, text: str) -> None:
        """Pass on what the worker says of a run."""
        if self._watcher is None:
            return
        said = terminal_line(text)
        # No run ends because nobody can be told of it.
        with suppress(sqlite3.Error):
            if kind == STEP:
                self._watcher.step(said)
            elif said:
                self._watcher.line(said)

    def _drop_worker(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def publish(self) -> None:
        """Write the pages, and whose each result is and what it comes to."""
        school = self.rules.school
        summaries, _ = store.summaries(self.settings.results)
        self._write_owners(summaries)
        self._write_standings(school, summaries)
        self.write_site(school, False)
        if self.rules.course.spec.anonymous_boards:
            self.write_site(school, True)
        self.database.set_fact("site", str(time.time_ns()))

    def _write_owners(self, summaries: list[Summary]) -> None:
        course = self.rules.course
        names = {name: learner for learner, name in pseudonyms_of(self.rules.school).items()}
        owners = owners_of(course, names)
        with self.database.writing() as rows:
            rows.execute("DELETE FROM owners")
            for summary in summaries:
                for learner in owners.get(same_name(summary.author), ()):
                    for each in self.rules.together(learner, summary.task):
                        rows.execute(
                            "INSERT OR IGNORE INTO owners VALUES (?, ?)", (summary.id, each)
                        )

    def _write_standings(self, school: ClassFolder, summaries: list[Summary]) -> None:
        book = grades_of(school, summaries)
        with self.database.writing() as rows:
            rows.execute("DELETE FROM standings")
            for row in book.rows:
                for task, grade in row.grades.items():
                    values = (
                        row.learner.id,
                        task,
                        grade.points,
                        grade.attempts,
                        row.bank_left,
                        grade.result,
                        "; ".join(grade.remarks),
                    )
                    rows.execute("INSERT INTO standings VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def close(self) -> None:
        """End the worker; what it is grading is graded again when the page runs again."""
        if self._worker is not None:
            self._worker.interrupt()
        self._drop_worker()


def key_of_summary(summary: Summary) -> Key:
    return Key(
        summary.author,
        summary.task,
        summary.sha256,
        summary.exam_version,
        summary.tier,
        summary.device,
    )


@contextmanager
def ended_on_cancel(worker: Worker, watcher: Watcher) -> Iterator[threading.Event]:
    """End the worker as soon as somebody cancels; it closes its boxes first.

    Gives what is set once it was told to end.
    """
    done = threading.Event()
    ended = threading.Event()

    def look() -> None:
        while not done.wait(ASK_SECONDS):
            # A database that is locked for a moment is asked again.
            with suppress(sqlite3.Error):
                if watcher.is_cancelled():
                    ended.set()
                    return worker.interrupt()

    thread = threading.Thread(target=look, name="cancel", daemon=True)
    thread.start()
    try:
        yield ended
    finally:
        done.set()
        thread.join()

"""What every exam is.

An exam is how one kind of task questions a submission. A kind is a class in a file of its own below
`kinds/`; `holding.load_exam` finds it there by the file's name. It is made for one session, run
once, and returns one `Outcome`, whatever becomes of the submission:

    outcome = load_exam(task.spec.exam)(session).run()

Kinds whose submission trains a model fill in the template of `trained_exam.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from grader.errors import NeverStill, SubmissionFailed
from grader.exams.outcome import Outcome
from grader.exams.session import Session
from grader.exams.standstill import standstill_failure
from grader.host.machine import CPU
from grader.records import Code, Failure, Status


class Exam(ABC):
    """One exam of one submission.

    Beside its class a kind's file declares METRICS, the measurements a task may be scored by. They
    are read when a task is, without importing the file: see `course.known_names`.
    """

    AUDITS: ClassVar[tuple[str, ...]] = ()  # audits that may be asked for

    def __init__(self, session: Session) -> None:
        self.session = session
        self.outcome = Outcome()

    def run(self, *, rehearsing: bool = False) -> Outcome:
        """Hold the exam, or rehearse it, and return what was found.

        A submission that fails is an outcome like any other. GraderError is our own trouble; what
        was found until then stays in `outcome`.
        """
        try:
            with self.session:
                if rehearsing:
                    self.rehearse()
                else:
                    self.examine()
        except SubmissionFailed as failed:
            on_host = self.session.peak_memory if self.session.device == CPU else None
            self.outcome.fail(self.session.for_people(failed.failure), on_host)
        except NeverStill as trouble:
            self.outcome.fail(standstill_failure(self.session, trouble))
        finally:
            self.outcome.log += self.session.log
            self.outcome.notes += self.session.notes
            self.conclude()
            self.outcome.name_cells(self.session.submission)
        return self.outcome

    @abstractmethod
    def examine(self) -> None:
        """Question the submission and write what is found to `outcome`."""

    @abstractmethod
    def rehearse(self) -> None:
        """Do the same in seconds, on stand-in data and without par: the contract, not the skill."""

    def conclude(self) -> None:  # noqa: B027 - most exams have nothing to add
        """Add what is known in the end, whether the submission failed or not."""


def not_valid(code: Code, reason: str) -> SubmissionFailed:
    """Return what to raise where answers break the exam's contract; the reason is for learners."""
    return SubmissionFailed(Failure(Status.INVALID_SUBMISSION, code, reason))

"""Whose move is it? The exceptions of this project, and the one signal that is not our fault.

    GraderError                 ours to report; caught once, in cli.py
    +-- UsageError              the person at the keyboard: a wrong word or path        exit 2
    +-- SubmissionRefused       what was handed in cannot even be opened                exit 2
    +-- TaskError               whoever wrote the task: task.toml or task.py            exit 3
    +-- DataError               a dataset that is missing, broken or out of reach       exit 3
    +-- SandboxError            the box could not be made or watched                    exit 3
    |   +-- NeverStill          a box did not stand still when it had to                exit 3
    +-- PackingError            what was packed cannot be opened again                  exit 3
    +-- Busy                    other programs took the processors                      exit 3
    +-- StoreError              a result could not be written; it carries the result    exit 3
    +-- StoreChanged            a result changed while it was being shown               exit 3

A submission that fails *while it is graded* is a value, a `records.Failure`. Deep inside an exam
that value travels up as `SubmissionFailed`, and the pipeline turns it into a verdict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.records import Code, Failure, Result


class GraderError(Exception):
    """The grader cannot go on. The message says what was found, what was expected, what to do."""

    exit_code = 3


class UsageError(GraderError):
    """The command was given something that does not exist: an unknown task, a missing folder."""

    exit_code = 2


class SubmissionRefused(GraderError):
    """The submission was refused before anything of it ran.

    code: the verdict's code that a batch stores, where that is not "refused".
    """

    exit_code = 2

    def __init__(self, message: str, code: Code | None = None) -> None:
        super().__init__(message)
        self.code = code


class TaskError(GraderError):
    """A task folder is broken. Never the learner's fault."""


class DataError(GraderError):
    """A data set is missing, or is not what its publisher published."""


class SandboxError(GraderError):
    """A box could not be started, watched or cleaned up."""


class PackingError(GraderError):
    """A submission was packed and cannot be opened again. Never the learner's fault."""


class NeverStill(SandboxError):
    """A box could not be frozen in time: the submission's doing if other boxes can.

    is_submissions: whether it was the box of what is graded, and not one of ours.
    """

    def __init__(self, message: str, *, is_submissions: bool) -> None:
        super().__init__(message)
        self.is_submissions = is_submissions


class Busy(GraderError):
    """Other programs took the processors, so nothing can be said of how long something takes.

    The same run helps when they have finished. Nobody's fault, and never a zero.
    """


class StoreError(GraderError):
    """A result was made but could not be written.

    It carries the result, so that it can at least be shown.
    """

    def __init__(self, message: str, result: Result) -> None:
        super().__init__(message)
        self.result = result


class StoreChanged(GraderError):
    """A result is not what it was when it was looked up. Looking again helps."""


class SubmissionFailed(Exception):
    """Carries a `records.Failure` from the box up to the pipeline. Not an error of ours."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure

"""`grader check`: can this be graded? The contract, on small stand-in data; it is no score, and
says so.

Beyond it a training is rehearsed (see grader/exams/checks/rehearsal.py). That advises: whether a check is
passed is the contract's matter alone, and so is the exit code.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from grader.course.curriculum import find_task
from grader.errors import SubmissionFailed
from grader.exams.exam import Progress, Session, load_exam
from grader.intake.submission import open_submission
from grader.records import Advice, Failure, Observation, Submission, Verdict
from grader.sandbox.choose import choose_sandbox
from grader.terminal import print_check
from grader.tutor import hints

SAID_LINES = 5
PLANTED = "symptom"  # the code of a hunt's planted mistake: it was graded to the end


@dataclass(frozen=True)
class Outcome:
    """What a check found."""

    submission: Submission
    observation: Observation
    printed: str
    advice: tuple[Advice, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether nothing of it can be graded; wrong answers alone do not count, nor does what a
        bug hunt planted.
        """
        failure = self.observation.failure
        if failure is None or failure.code == PLANTED:
            return False
        return not any(case.passed for case in self.observation.cases)

    @property
    def ready(self) -> bool:
        """Whether a run would be graded to the end."""
        wrong = [case for case in self.observation.cases if case.status != "pass"]
        return self.observation.failure is None and not wrong

    def as_dict(self) -> dict[str, Any]:
        failure = self.observation.failure
        train = self.observation.measurements.get("train_seconds")
        return {
            "task": self.submission.task_id,
            "ready": self.ready,
            "problem": {"code": failure.code, "reason": failure.reason} if failure else None,
            "cases": [case.model_dump() for case in self.observation.cases],
            "diagnoses": [diagnosis.model_dump() for diagnosis in self.observation.diagnoses],
            "advice": [asdict(each) for each in self.advice],
            "notes": list(self.submission.notes),
            "train_seconds": train.value if train else None,
            "printed": self.printed.splitlines()[-SAID_LINES:],
        }

    def remember(self, path: Path) -> None:
        """Note what was found, for `grader hint`; only a function task can be passed by a check."""
        found = self.observation
        verdict = (
            None
            if found.failure is None
            else Verdict(
                status=found.failure.status, code=found.failure.code, reason=found.failure.reason
            )
        )
        findings = hints.findings_of(
            find_task(self.submission.task_id), found.cases, found.diagnoses, verdict
        )
        hints.remember(
            path, self.submission.task_id, findings, passed=self.ready and bool(found.cases)
        )

    def print(self, console: Console) -> None:
        print_check(console, self.as_dict())
        if self.ready:
            data = "" if self.observation.cases else " on made-up data"
            console.print(f"  This was a check{data}, not a score. Now: grader run", markup=False)


def check_submission(
    path: Path,
    scratch: Path,
    *,
    task_id: str | None,
    sandbox_name: str,
    progress: Progress,
    author: str | None = None,
    advising: bool = True,
) -> Outcome:
    """Open the submission and rehearse its exam; advising: look for what a run would disappoint
    with, too.
    """
    submission, task = open_submission(path, scratch, task_id=task_id, author=author)
    sandbox = choose_sandbox(sandbox_name, task.spec.exam)
    session = Session(
        task, submission, sandbox, progress=progress, with_par=False, advising=advising
    )
    with session:
        try:
            observation = load_exam(task.spec.exam).rehearse(session)
        except SubmissionFailed as failed:
            observation = failed_observation(failed.failure)
    session.name_cells(observation)
    observation.diagnoses = tuple(session.diagnoses)
    return Outcome(submission, observation, session.log, tuple(session.advice))


def failed_observation(failure: Failure) -> Observation:
    return Observation({}, [], {}, failure)

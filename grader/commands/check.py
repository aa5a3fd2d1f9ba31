"""`grader check`: can this be graded? The contract only, on small stand-in data. It is no score, and says so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from grader import hints
from grader.curriculum import find_task
from grader.errors import SubmissionFailed
from grader.exams.exam import Progress, Session, load_exam
from grader.records import Failure, Observation, Submission, Verdict
from grader.sandbox.choose import choose_sandbox
from grader.submission import open_submission
from grader.terminal import print_check

SAID_LINES = 5


@dataclass(frozen=True)
class Outcome:
    """What a check found."""

    submission: Submission
    observation: Observation
    printed: str

    @property
    def failed(self) -> bool:
        """Whether nothing of it can be graded; wrong answers alone do not count."""
        return self.observation.failure is not None and not any(case.passed for case in self.observation.cases)

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
            else Verdict(status=found.failure.status, code=found.failure.code, reason=found.failure.reason)
        )
        findings = hints.findings_of(find_task(self.submission.task_id), found.cases, found.diagnoses, verdict)
        hints.remember(path, self.submission.task_id, findings, passed=self.ready and bool(found.cases))

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
) -> Outcome:
    """Open the submission and rehearse its exam."""
    submission, task = open_submission(path, scratch, task_id=task_id, author=author)
    session = Session(task, submission, choose_sandbox(sandbox_name, task.spec.exam), progress=progress, with_par=False)
    with session:
        try:
            observation = load_exam(task.spec.exam).rehearse(session)
        except SubmissionFailed as failed:
            observation = failed_observation(failed.failure)
    observation.diagnoses = tuple(session.diagnoses)
    return Outcome(submission, observation, session.log)


def failed_observation(failure: Failure) -> Observation:
    return Observation({}, [], {}, failure)

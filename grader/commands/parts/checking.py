"""A check: can this be graded? The contract alone, on small stand-in data, in seconds.

Beyond the contract, a training is rehearsed (see grader/exams/checks/rehearsal.py). That advises
only: whether a check is passed is decided by the contract alone, and so is the exit code.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from grader.course.curriculum import Task, find_task
from grader.exams.holding import load_exam
from grader.exams.outcome import Outcome
from grader.exams.session import Progress, Session
from grader.intake.submission import open_submission
from grader.records import Advice, Code, Failure, Submission, Tier, Verdict
from grader.sandbox.choose import choose_sandbox
from grader.sandbox.image_modules import beyond_images
from grader.sandbox.runner_process import HeadStart
from grader.terminal import print_check
from grader.tutor import hints
from grader.tutor.findings import findings_of

SAID_LINES = 5
PLANTED = Code.SYMPTOM  # the code of a bug hunt's planted mistake: it was graded to the end


@dataclass(frozen=True)
class Checked:
    """What a check found."""

    submission: Submission
    outcome: Outcome

    @property
    def failed(self) -> bool:
        """Whether nothing of it can be graded.

        Wrong answers do not count as that, nor does the mistake that a bug hunt planted.
        """
        failure = self.outcome.failure
        if failure is None or failure.code == PLANTED:
            return False
        return not any(case.passed for case in self.outcome.cases)

    @property
    def ready(self) -> bool:
        """Whether a run would be graded to the end."""
        wrong = [case for case in self.outcome.cases if case.status != "pass"]
        return self.outcome.failure is None and not wrong

    def as_dict(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        failure = self.outcome.failure
        problem = None
        if failure is not None:
            problem = {"code": failure.code, "reason": failure.reason}
        train = self.outcome.measurements.get("train_seconds")
        return {
            "task": self.submission.task_id,
            "ready": self.ready,
            "problem": problem,
            "cases": [case.model_dump() for case in self.outcome.cases],
            "diagnoses": [diagnosis.model_dump() for diagnosis in self.outcome.diagnoses],
            "advice": [asdict(each) for each in self.outcome.advice],
            "notes": list(self.submission.notes),
            "train_seconds": train.value if train else None,
            "printed": self.outcome.log.splitlines()[-SAID_LINES:],
        }

    def remember_for_hints(self, path: Path) -> None:
        """Note what was found, for `grader hint`; only a function task can be passed by a check."""
        found = self.outcome
        task = find_task(self.submission.task_id)
        verdict = verdict_of(found.failure)
        findings = findings_of(task, found.cases, found.diagnoses, verdict, advice=found.advice)
        passed = self.ready and bool(found.cases)
        hints.remember(path, task.id, findings, passed=passed, of_run=passed)

    def print(self, console: Console) -> None:
        print_check(console, self.as_dict())
        if self.ready:
            data = "" if self.outcome.cases else " on made-up data"
            console.print(f"  This was a check{data}, not a score. Next: grader run", markup=False)


def verdict_of(failure: Failure | None) -> Verdict | None:
    if failure is None:
        return None
    return Verdict(status=failure.status, code=failure.code, reason=failure.reason)


def check_submission(
    path: Path,
    scratch: Path,
    *,
    task_id: str | None,
    sandbox_name: str,
    progress: Progress,
    author: str | None = None,
    advising: bool = True,
) -> Checked:
    """Open a submission in the folder `scratch` and rehearse its exam.

    advising: look, beyond the contract, for what a run would disappoint with.
    """
    submission, task = open_submission(path, scratch, task_id=task_id, author=author)
    return check_opened(
        submission, task, sandbox_name=sandbox_name, progress=progress, advising=advising
    )


def check_opened(
    submission: Submission,
    task: Task,
    *,
    sandbox_name: str,
    progress: Progress,
    advising: bool = True,
    early: HeadStart | None = None,
) -> Checked:
    """Rehearse the exam of an opened submission.

    advising: as in `check_submission`. early: what may hold the runner of its first box.
    """
    sandbox = choose_sandbox(sandbox_name, task.spec.exam, early=early)
    session = Session(
        task, submission, sandbox, progress=progress, with_par=False, advising=advising
    )
    outcome = load_exam(task.spec.exam)(session).run(rehearsing=True)
    if advising and sandbox.tier is Tier.PROCESS:
        outcome.advice += packages(submission, trains=task.spec.budget is not None)
    return Checked(submission, outcome)


def packages(submission: Submission, *, trains: bool) -> list[Advice]:
    """Return advice where a submission imports what this computer has and a class's image has not.

    What passes at home passes in class, or the check says that it won't.
    """
    beyond = beyond_images(submission.folder, trains=trains)
    if not beyond:
        return []
    says = (
        f"{', '.join(beyond)}: installed here, but not in the images that classes are graded in; "
        "do without, or ask whoever grades"
    )
    return [Advice("packages", "advice", says)]

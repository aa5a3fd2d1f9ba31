"""Exam `questions`: a notebook with points for each question, by tests or by hand.

The notebook's cells run in one box, the teacher's tests in another; `notebook_questions` says why
nothing in the first can forge what the second finds. Each test is a group of cases with its points.
What a person grades waits as a group "by hand" until `grader assignment mark` gives it points; the
score is computed again then, and nothing is run.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from grader.errors import SubmissionFailed, TaskError
from grader.exams.exam import Exam
from grader.exams.notebook_questions.asking import NotebookBox, TestOutcome, run_tests
from grader.exams.notebook_questions.in_box import examiner
from grader.exams.notebook_questions.work import BY_HAND, Step, Work, read_work
from grader.records import CaseGroup, Failure, Measured
from grader.text import terminal_lines

STATUS = {
    examiner.PASSED: "pass",
    examiner.FAILED: "fail",
    examiner.NOT_ATTEMPTED: "not_attempted",
    examiner.ERROR: "error",
    examiner.NOT_REACHED: "error",
}
METRICS = ("cases",)


class Kind(Exam):
    """One exam of a notebook with questions."""

    def examine(self) -> None:
        """Run every test, public and hidden."""
        self._hold(self._work())

    def rehearse(self) -> None:
        """Run the public tests alone: what a rehearsal says is for whoever wrote the notebook."""
        work = self._work()
        steps = [step.model_copy(update={"source": step.shown}) for step in work.steps]
        self._hold(work.model_copy(update={"steps": steps}))

    def _work(self) -> Work:
        task = self.session.task
        work = read_work(task.folder)
        if set(work.groups) != set(task.spec.scoring.groups):
            raise TaskError(
                f"{task.folder}: questions.json has the groups {sorted(work.groups)}, but "
                f"task.toml gives points to {sorted(task.spec.scoring.groups)}; make them match"
            )
        return work

    def _hold(self, work: Work) -> None:
        self.session.progress.step("running the notebook")
        with tempfile.TemporaryDirectory() as place:
            scratch = Path(place)
            notebook = NotebookBox(self.session, scratch)
            try:
                notebook.load()
            except SubmissionFailed as failed:
                return self._not_run(work, failed.failure)
            self.session.progress.step("running its tests")
            found = run_tests(self.session, work, notebook, scratch) if work.tests else []
            notebook.close()
        self._note(work, found, notebook.failure)

    def _not_run(self, work: Work, failure: Failure) -> None:
        """Note a notebook whose cells did not come to their end: a person still reads its texts."""
        found = [TestOutcome(examiner.NOT_REACHED, 0.0, failure.reason) for _ in work.tests]
        self._note(work, found, failure)

    def _note(self, work: Work, found: list[TestOutcome], failure: Failure | None) -> None:
        groups = [group_of(test, each) for test, each in zip(work.tests, found, strict=True)]
        passed = sum(group.passed for group in groups)
        groups += [waiting(each.question, each.worth) for each in work.by_hand]
        self.outcome.cases = groups
        self.outcome.failure = failure
        self._measure(passed, len(work.tests))

    def _measure(self, passed: int, total: int) -> None:
        share = passed / total if total else 0.0
        self.outcome.measurements["cases"] = Measured(value=share, n=total, unit="share of cases")
        if self.session.peak_memory is not None:
            self.outcome.measurements["peak_memory_bytes"] = self.session.peak_memory


def group_of(test: Step, found: TestOutcome) -> CaseGroup:
    """Return what a test came to, with the points that it earned."""
    return CaseGroup(
        function=test.question,
        group=test.group,
        status=STATUS.get(found.status, "error"),
        cases=1,
        passed=int(found.status == examiner.PASSED),
        message=terminal_lines(found.text),
        worth=test.worth,
        won=round(test.worth * found.share, 6),
    )


def waiting(question: str, worth: float) -> CaseGroup:
    """Return a question that waits for a person."""
    return CaseGroup(
        function=question, group=BY_HAND, status="by_hand", cases=0, passed=0, worth=worth
    )

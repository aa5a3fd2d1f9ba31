"""The whole way on one screen: a submission goes in, a result on disk comes out."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader import __version__
from grader.course import score
from grader.course.curriculum import Task
from grader.course.hidden_parts import HiddenPart
from grader.course.task_file import ScoringTable
from grader.errors import Busy, GraderError, UsageError
from grader.exams.holding import check_audit, load_exam
from grader.exams.outcome import Outcome
from grader.exams.session import Progress, Session, Silent
from grader.host.machine import CPU, describe_machine
from grader.records import (
    Code,
    Details,
    Result,
    Score,
    Status,
    Submission,
    SubmissionRecord,
    TaskRecord,
    Verdict,
    private_part,
    published_version,
)
from grader.results import store
from grader.results.packed import pack
from grader.sandbox.box import Sandbox
from grader.sandbox.gpu import claimed, model_name

log = logging.getLogger(__name__)


def grade(
    submission: Submission,
    task: Task,
    sandbox: Sandbox,
    results: Path,
    *,
    device: str = CPU,
    data_folder: Path | None = None,
    with_par: bool = True,
    with_diagnosis: bool = True,
    audit: str = "",
    hidden: HiddenPart | None = None,
    progress: Progress | None = None,
) -> Result:
    """Examine one submission, score what was seen, store the result and return it.

    device: "cpu", or the UUID of a GPU as `gpu.choose` returns it; SandboxError if it is not there.
    with_diagnosis: have the doctor look for known mistakes; a bug hunt is always diagnosed.
    audit: one to hold besides those that are always held, "retrain"; UsageError if the task's exam
    has no such audit. hidden: a private hidden part, asked in the place of the published one; the
    result stands on a board of its own. GraderError if no result could be stored there, before
    anything runs; StoreError, with the result, if it can't be stored in the end.
    """
    began = time.perf_counter()
    if hidden is not None:
        task = hidden.of_task(task)
    check_device(task, device)
    check_audit(task, audit)
    store.prepare(results, task.id)
    # Asked for now and remembered: a driver that fails later does not take the result with it.
    model_name(device)
    session = Session(
        task,
        submission,
        sandbox,
        device,
        progress or Silent(),
        data_folder,
        with_par=with_par,
        audit=audit,
        hidden=hidden,
        with_diagnosis=with_diagnosis,
    )
    graded = examine(session, began)
    store.save(results, graded.result, log=graded.log, arrays=graded.arrays, details=graded.details)
    log.info("stored %s: %s", graded.result.id, graded.result.verdict.status.value)
    return graded.result


@dataclass(frozen=True)
class Graded:
    """A result that nobody has stored yet, with what is kept beside it (`store.save`)."""

    result: Result
    log: str
    arrays: Mapping[str, Any]
    details: Details | None

    def packed(self, node: str = "") -> bytes:
        """Return it as bytes for whoever stores it (grader/results/packed.py).

        node: the name of the computer that graded it, where it is one of several.
        """
        machine = self.result.machine.model_copy(update={"node": node})
        result = self.result.model_copy(update={"machine": machine})
        return pack(store.contents(result, self.log, self.arrays, self.details))


def examine(session: Session, began: float) -> Graded:
    """Hold the exam and score what was seen. began: by `perf_counter`, when the run began."""
    with claimed(session.device):
        outcome = observe(session)
    return conclude(session, outcome, time.perf_counter() - began)


def check_device(task: Task, device: str) -> None:
    """Raise UsageError if the task is not graded on this kind of device."""
    budget = task.spec.budget
    if device != CPU and (budget is None or budget.gpu_seconds is None):
        raise UsageError(
            f"task {task.id!r} is graded only on a CPU, because its task.toml has no [budget] "
            "gpu_seconds; use --device cpu"
        )


def observe(session: Session) -> Outcome:
    """Hold the exam. A submission that fails is an outcome, and so is whatever is our own fault."""
    log.info("task %s: exam %s begins", session.task.id, session.task.spec.exam)
    outcome = Outcome()
    try:
        exam = load_exam(session.task.spec.exam)(session)
        outcome = exam.outcome  # what was found until our own trouble began is kept
        return exam.run()
    except Busy as error:
        outcome.blame_grader(str(error), Code.BUSY)
    except GraderError as error:
        outcome.blame_grader(str(error))
    except Exception as error:
        outcome.blame_grader(f"{type(error).__name__}: {error}")
        outcome.log += f"\n--- the grader's own traceback ---\n{traceback.format_exc()}"
    log.info("task %s: the grader's own trouble ended the exam", session.task.id)
    return outcome


def conclude(session: Session, outcome: Outcome, seconds: float = 0.0) -> Graded:
    """Score what was seen."""
    points, verdict = judge(session.task, outcome)
    result = Result(
        id=store.new_id(),
        created_at=datetime.now(UTC),
        grader_version=__version__,
        task=record_of_task(session.task),
        submission=record_of_submission(session.submission, outcome),
        tier=session.sandbox.tier,
        device=model_name(session.device),
        image=session.sandbox.image,
        machine=describe_machine(session.device),
        verdict=verdict,
        score=points,
        measurements=outcome.measurements,
        cases=outcome.cases,
        par=outcome.par,
        notes=outcome.notes,
        diagnoses=outcome.diagnoses,
        elapsed_seconds=round(seconds, 3),
    )
    details = with_named_lines(outcome, session.submission)
    return Graded(result, outcome.log, outcome.arrays, details)


def with_named_lines(outcome: Outcome, submission: Submission) -> Details | None:
    """Return what is kept for the page, with the lines of the source that diagnoses name."""
    if not any(each.where for each in outcome.diagnoses):
        return outcome.details
    # Here, because most runs name no line.
    from grader.doctor.named_lines import named_lines

    found = named_lines(submission.folder, submission.file, outcome.diagnoses)
    if not found:
        return outcome.details
    return (outcome.details or Details()).model_copy(update={"named_lines": found})


def record_of_task(task: Task) -> TaskRecord:
    return TaskRecord(
        id=task.id,
        title=task.spec.title,
        exam=task.spec.exam,
        metric=task.spec.scoring.metric,
        better=task.spec.scoring.better,
        exam_version=task.exam_version,
        score_version=task.score_version,
    )


def record_of_submission(submission: Submission, outcome: Outcome) -> SubmissionRecord:
    return SubmissionRecord(
        author=submission.author,
        name=submission.name,
        sha256=submission.sha256,
        source=submission.source,
        file=submission.file,
        notes=list(submission.notes),
        reported=dict(outcome.reported),
        network=submission.network,
        lines=submission.lines,
        submitted_at=submission.submitted_at,
        is_late=submission.is_late,
        attempt=submission.attempt,
    )


def judge(task: Task, outcome: Outcome) -> tuple[Score | None, Verdict]:
    """Score what was seen; the grader's own trouble is never scored."""
    failure = outcome.failure
    if failure is not None and failure.status is Status.GRADER_ERROR:
        return None, Verdict(status=failure.status, reason=failure.reason, code=failure.code)
    scoring = scoring_of(task.spec.scoring, task.exam_version)
    points, verdict = score.score_run(scoring, outcome.measurements, outcome.cases, failure)
    if verdict.status is Status.GRADER_ERROR:
        return None, verdict
    return points, verdict


def scoring_of(scoring: ScoringTable, exam_version: str) -> ScoringTable:
    """Return how a run of this version of the exam is scored.

    What is too good to be learned is known of the published hidden part alone: a private one may be
    easier, and nobody brings its answers along.
    """
    if not private_part(exam_version):
        return scoring
    audit = scoring.audit.model_copy(update={"too_good": None})
    return scoring.model_copy(update={"audit": audit})


def rescore(result: Result, task: Task) -> Result:
    """Return the result with the score that the task's scoring gives today.

    Measurements stay as they are; so does a result of another version of the exam.
    """
    asked = published_version(result.task.exam_version)
    if result.score is None or asked != task.exam_version:
        return result
    # A stored verdict stands as it is: its code may be one that this version does not know.
    failure = None if is_settled_by_scoring(result.verdict) else result.verdict
    scoring = scoring_of(task.spec.scoring, result.task.exam_version)
    points, verdict = score.score_run(scoring, result.measurements, result.cases, failure)
    if points == result.score and says_the_same(verdict, result.verdict):
        verdict = result.verdict  # the reason keeps the words of its day
    record = result.task.model_copy(update={"score_version": task.score_version})
    return result.model_copy(update={"task": record, "score": points, "verdict": verdict})


def says_the_same(verdict: Verdict, other: Verdict) -> bool:
    """Whether two verdicts differ in the words of their reason alone."""
    return (verdict.status, verdict.code) == (other.status, other.code)


def is_settled_by_scoring(verdict: Verdict) -> bool:
    """Whether scoring alone led to this verdict, so that another scoring may lead to another."""
    if verdict.status in (Status.ACCEPTED, Status.BELOW_TARGET):
        return verdict.code in ("", Code.GATE)
    return verdict.status is Status.FLAGGED and verdict.code in score.FLAGS

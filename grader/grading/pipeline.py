"""The whole way on one screen: a submission goes in, a result on disk comes out."""

from __future__ import annotations

import time
import traceback
from datetime import UTC, datetime
from pathlib import Path

from grader import __version__
from grader.course import score
from grader.course.curriculum import Task
from grader.errors import GraderError, SubmissionFailed, UsageError
from grader.exams.details import with_reported
from grader.exams.exam import Progress, Session, Silent, check_audit, load_exam
from grader.host.machine import CPU, describe_machine
from grader.records import (
    Failure,
    Observation,
    Result,
    Score,
    Status,
    Submission,
    SubmissionRecord,
    TaskRecord,
    Verdict,
)
from grader.results import store
from grader.sandbox.box import Sandbox
from grader.sandbox.gpu import claimed, model_name


def grade(
    submission: Submission,
    task: Task,
    sandbox: Sandbox,
    results: Path,
    *,
    device: str = "cpu",
    data_folder: Path | None = None,
    with_par: bool = True,
    audit: str = "",
    progress: Progress | None = None,
) -> Result:
    """Examine one submission, score what was seen, store the result and return it.

    device: "cpu", or the UUID of a GPU as `gpu.choose` returns it. SandboxError if it is not there.
    audit: one to hold besides those that are always held, "retrain"; UsageError if the task's exam
    has no such audit. GraderError if no result could be stored there, before anything runs;
    StoreError, with the result, if it can't be stored in the end.
    """
    began = time.perf_counter()
    check_device(task, device)
    check_audit(task, audit)
    store.prepare(results, task.id)
    model_name(
        device
    )  # kept from now on: a driver that fails later does not take the result with it
    with claimed(device):
        observation, log = observe(
            submission, task, sandbox, device, data_folder, with_par, progress or Silent(), audit
        )
    seconds = time.perf_counter() - began
    return conclude(
        submission, task, sandbox, results, observation, device=device, log=log, seconds=seconds
    )


def check_device(task: Task, device: str) -> None:
    """Raise UsageError if the task is not graded on this kind of device: on GPUs, where it names no
    budget for them.
    """
    budget = task.spec.budget
    if device != CPU and (budget is None or budget.gpu_seconds is None):
        raise UsageError(
            f"task {task.id!r} is graded on a CPU only: its task.toml has no [budget] gpu_seconds; use --device cpu"
        )


def conclude(
    submission: Submission,
    task: Task,
    sandbox: Sandbox,
    results: Path,
    observation: Observation,
    *,
    device: str = "cpu",
    log: str = "",
    seconds: float = 0.0,
) -> Result:
    """Score what was seen, store the result and return it."""
    points, verdict = judge(task, observation)
    result = Result(
        id=store.new_id(),
        created_at=datetime.now(UTC),
        grader_version=__version__,
        task=TaskRecord(
            id=task.id,
            title=task.spec.title,
            exam=task.spec.exam,
            metric=task.spec.scoring.metric,
            better=task.spec.scoring.better,
            exam_version=task.exam_version,
            score_version=task.score_version,
        ),
        submission=SubmissionRecord(
            author=submission.author,
            name=submission.name,
            sha256=submission.sha256,
            source=submission.source,
            file=submission.file,
            notes=list(submission.notes),
            reported=observation.reported or {},
            network=submission.network,
            lines=submission.lines,
        ),
        tier=sandbox.tier,
        device=model_name(device),
        image=sandbox.image,
        machine=describe_machine(device),
        verdict=verdict,
        score=points,
        measurements=observation.measurements,
        cases=observation.cases,
        par=observation.par or {},
        notes=list(observation.notes),
        diagnoses=list(observation.diagnoses),
        elapsed_seconds=round(seconds, 3),
    )
    store.save(results, result, log=log, arrays=observation.arrays, details=observation.details)
    return result


def observe(
    submission: Submission,
    task: Task,
    sandbox: Sandbox,
    device: str,
    data_folder: Path | None,
    with_par: bool,
    progress: Progress,
    audit: str = "",
) -> tuple[Observation, str]:
    """Run the exam. A submission that fails is an observation; whatever is our fault is one as
    well, named so.
    """
    session = Session(task, submission, sandbox, device, progress, data_folder, with_par, audit)
    try:
        with session:
            observation = load_exam(task.spec.exam).examine(session)
    except SubmissionFailed as failed:
        on_host = (
            {}
            if session.peak_memory is None or device != CPU
            else {"peak_memory_bytes": session.peak_memory}
        )
        observation = Observation(on_host, [], {}, failed.failure)
    except GraderError as error:
        observation = our_trouble(str(error))
    except Exception as error:
        observation = our_trouble(f"{type(error).__name__}: {error}")
        session.log += f"\n--- the grader's own traceback ---\n{traceback.format_exc()}"
    session.name_cells(observation)
    observation.notes = (*observation.notes, *session.notes)
    observation.diagnoses = tuple(session.diagnoses)
    observation.details = with_reported(
        observation.details, session
    )  # also where a training ended in NaN
    return observation, session.log


def our_trouble(reason: str) -> Observation:
    return Observation({}, [], {}, Failure(Status.GRADER_ERROR, "grader", reason))


def judge(task: Task, observation: Observation) -> tuple[Score | None, Verdict]:
    """Score what was seen; the grader's own trouble is never scored."""
    if observation.failure is not None and observation.failure.status is Status.GRADER_ERROR:
        failure = observation.failure
        return None, Verdict(status=failure.status, reason=failure.reason, code=failure.code)
    points, verdict = score.score_run(
        task.spec.scoring, observation.measurements, observation.cases, observation.failure
    )
    return (None if verdict.status is Status.GRADER_ERROR else points), verdict


def rescore(result: Result, task: Task) -> Result:
    """Return the result with the score that the task's scoring gives today; measurements stay as
    they are.
    """
    if result.score is None or result.task.exam_version != task.exam_version:
        return result
    failed = Failure(result.verdict.status, result.verdict.code, result.verdict.reason)
    settled = result.verdict.status in (
        Status.ACCEPTED,
        Status.BELOW_TARGET,
    ) and result.verdict.code in ("", "gate")
    settled = settled or (
        result.verdict.status is Status.FLAGGED and result.verdict.code in score.AUDITS.values()
    )
    points, verdict = score.score_run(
        task.spec.scoring, result.measurements, result.cases, None if settled else failed
    )
    changed = {"task": result.task.model_copy(update={"score_version": task.score_version})}
    return result.model_copy(update={**changed, "score": points, "verdict": verdict})

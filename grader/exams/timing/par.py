"""Par: the task's reference on the same machine, graded in full once and kept.

Speed and memory are ratios to par. Its accuracy, training time and memory are measured once for a
task, machine, image, device and set of versions; its box joins every timed phase, because seconds
of another day say nothing about this one.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from filelock import FileLock
from pydantic import TypeAdapter, ValidationError

from grader.course.versions import digest
from grader.errors import SubmissionFailed, TaskError
from grader.exams.outcome import Outcome
from grader.exams.session import Session
from grader.host.cache import cache_folder, cache_trouble
from grader.host.machine import describe_machine
from grader.intake.submission import hash_folder
from grader.records import Failure, Measured, Submission
from grader.sandbox import counters

log = logging.getLogger(__name__)
FIGURES = TypeAdapter(dict[str, Measured])
PINNED = ("torch", "numpy", "torchvision")  # versions that decide par's speed and memory
KEPT = (
    "accuracy",
    "train_seconds",
    "peak_memory_bytes",
    "latency_seconds",
    "throughput_per_second",
    "perturbed_gap",
)
SLOWER = 1.5  # times as long as alone: from here on it is said
NULL = Path(__file__).resolve().parent / "null"

Examine = Callable[[Session], Outcome]  # holds an exam of par's own kind


@dataclass(frozen=True)
class Par:
    """The reference a task's speed and memory are measured against."""

    submission: Submission
    figures: dict[str, Measured]


def par_submission(session: Session) -> Submission:
    """Return the par of the session's task as a submission."""
    spec = session.task.spec
    folder = session.task.reference_folder / spec.par
    if not (folder / "solution.py").is_file():
        raise TaskError(f"task {spec.id!r} names par {spec.par!r}, but {folder} has no solution.py")
    return Submission(
        folder, "solution.py", spec.id, "par", spec.par, hash_folder(folder), "folder"
    )


def null_submission() -> Submission:
    """Return the submission that answers zeros."""
    return Submission(NULL, "solution.py", "", "grader", "null", hash_folder(NULL), "folder")


def find_par(session: Session, examine: Examine) -> Par:
    """Return par with its figures, grading it first where this machine has none kept.

    TaskError where the reference is missing or fails.
    """
    submission = par_submission(session)
    path = cache_folder() / "par" / f"{session.task.id}-{par_key(session, submission)}.json"
    lock = FileLock(path.with_suffix(".lock"))
    with cache_trouble(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        held = lock.acquire()
    with held:
        kept = read_figures(path)
        if kept is not None:
            log.info("par %s of %s: figures found in %s", submission.name, session.task.id, path)
        else:
            log.info("par %s of %s: no figures kept, grading it", submission.name, session.task.id)
            kept = grade_par(session, submission, examine)
            with cache_trouble(path.parent):
                partial = path.with_suffix(".partial")
                partial.write_bytes(FIGURES.dump_json(kept, indent=2))
                partial.replace(path)
    return Par(submission, kept)


def par_key(session: Session, submission: Submission) -> str:
    """Return a key that changes with whatever changes par's figures."""
    machine = describe_machine(session.device)
    versions = [version_of(name) for name in PINNED]
    parts = [
        session.task.exam_version,
        submission.sha256,
        machine.id,
        session.device,
        session.sandbox.tier,
    ]
    boxes = [session.sandbox.image, session.sandbox.place, counters.group_source()]
    return digest([*parts, *boxes, versions, sys.version_info[:2]])


def version_of(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def read_figures(path: Path) -> dict[str, Measured] | None:
    try:
        return FIGURES.validate_json(path.read_bytes())
    except (OSError, ValidationError, json.JSONDecodeError):
        return None


def grade_par(session: Session, submission: Submission, examine: Examine) -> dict[str, Measured]:
    """Grade par in full, alone; its failure is the task's trouble.

    It runs twice as far as importing goes: the first box reads the framework's files into the page
    cache, so that they are not charged to par alone.
    """
    session.progress.step(f"grading par ({submission.name}) once for this machine")
    with session_for_par(session, submission) as alone:
        try:
            warm_up(alone)
        except SubmissionFailed as failed:
            raise par_failed(session, submission, failed.failure) from None
        outcome = examine(alone)
    if outcome.failure is not None:
        raise par_failed(session, submission, outcome.failure)
    return {name: figure for name, figure in outcome.measurements.items() if name in KEPT}


def par_failed(session: Session, submission: Submission, failure: Failure) -> TaskError:
    """Return what to raise where par fails: never the fault of whoever is graded beside it."""
    name = submission.name
    return TaskError(f"par {name!r} of task {session.task.id!r} failed: {failure.reason}")


def slower_than_alone(par: Par, seconds: float | None) -> str:
    """Say that par took much longer a call beside the submission than alone, or return "".

    On a GPU a frozen submission may have left kernels running, too short to be seen by
    `GpuMonitor.left_running`.
    """
    alone = par.figures.get("latency_seconds")
    if alone is None or seconds is None or seconds < SLOWER * alone.value:
        return ""
    return (
        f"par took {seconds / alone.value:.1f} times as long per call as when it was graded alone"
    )


def warm_up(session: Session) -> None:
    """Start par once and let it go."""
    limit = session.task.spec.limits.load_seconds
    box = session.open()
    box.hello(seed=session.seed, num_classes=session.task.spec.classes, deadline_seconds=limit)
    box.load(session.submission.box_folder, session.submission.file, "model", limit)
    session.finish(box)


@contextmanager
def session_for_par(session: Session, submission: Submission) -> Iterator[Session]:
    """Give a session of its own for par, with the same sandbox and data, and no par beside it."""
    with Session(
        session.task,
        submission,
        session.sandbox,
        session.device,
        session.progress,
        session.data_folder,
        with_par=False,
        with_diagnosis=False,
    ) as alone:
        yield alone

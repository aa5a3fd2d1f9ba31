"""Results made by hand: everything has a plausible value, tests say only what they are about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from grader.course.curriculum import Task
from grader.course.task_file import ScoringTable, TaskSpec
from grader.records import (
    CaseGroup,
    MachineRecord,
    Measured,
    Result,
    Score,
    Status,
    SubmissionRecord,
    TaskRecord,
    Tier,
    Verdict,
)

NUMBERS = count(1)
START = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
MACHINE = MachineRecord(
    id="m1",
    cpu="Example CPU 3.0 GHz",
    cores=2,
    memory_bytes=8 * 2**30,
    system="Linux 6.1",
    python="3.11.7",
)


def ratio(value: float, width: float = 0.02) -> Measured:
    """A ratio to par with its interval."""
    return Measured(
        value=value,
        low=value - width,
        high=value + width,
        n=20,
        unit="ratio",
        spread="95% interval",
    )


def accuracy(value: float, width: float = 0.003, n: int = 10_000) -> Measured:
    """An accuracy with its interval."""
    return Measured(
        value=value, low=value - width, high=value + width, n=n, unit="share", spread="95% interval"
    )


def make_result(
    author: str = "Ada",
    name: str = "wide net",
    *,
    task: str = "mnist",
    title: str = "",
    exam: str = "classification",
    exam_version: str = "exam-1",
    score_version: str = "score-1",
    status: Status = Status.ACCEPTED,
    reason: str = "",
    points: tuple[float, float, float] | None = (68.0, 12.0, 8.0),
    most: tuple[float, float, float] = (70.0, 20.0, 10.0),
    measurements: dict[str, Measured] | None = None,
    tier: Tier = Tier.CONTAINER,
    device: str = "cpu",
    minutes: float | None = None,
    **changes: Any,
) -> Result:
    """Return a result; each one is made a minute after the one before unless `minutes` says
    when.
    """
    number = next(NUMBERS)
    if measurements is None:
        measurements = {
            "accuracy": accuracy(0.97),
            "train_seconds": Measured(value=20.0, unit="seconds"),
        }
    score = None
    if points is not None:
        parts = dict(zip(("accuracy", "speed", "memory"), points, strict=True))
        limits = dict(zip(("max_accuracy", "max_speed", "max_memory"), most, strict=True))
        score = Score(total=sum(points), **parts, **limits)
    values: dict[str, Any] = {
        "id": f"r{number:05d}",
        "created_at": START + timedelta(minutes=number if minutes is None else minutes),
        "grader_version": "0.1.0",
        "task": TaskRecord(
            id=task,
            title=title or task.capitalize(),
            exam=exam,
            metric="accuracy",
            exam_version=exam_version,
            score_version=score_version,
        ),
        "submission": SubmissionRecord(
            author=author, name=name, sha256=f"{number:064x}", source="folder", file="solution.py"
        ),
        "tier": tier,
        "device": device,
        "machine": MACHINE,
        "verdict": Verdict(status=status, reason=reason),
        "score": score,
        "measurements": measurements,
        "elapsed_seconds": 42.0,
    }
    return Result(**(values | changes))


def make_function_result(author: str, passed: int, cases: int = 10, **changes: Any) -> Result:
    """Return a result of a function task: one group of cases, a score without an interval."""
    group = CaseGroup(
        function="softmax",
        group="large inputs",
        status="pass" if passed == cases else "fail",
        cases=cases,
        passed=passed,
    )
    values: dict[str, Any] = {
        "task": "softmax",
        "exam": "functions",
        "points": (100.0 * passed / cases, 0.0, 0.0),
        "most": (100.0, 0.0, 0.0),
        "measurements": {"cases": Measured(value=passed / cases, n=cases, unit="share of cases")},
        "cases": [group],
    }
    return make_result(author, **(values | changes))


def make_task(task_id: str = "mnist", *, exam_version: str = "exam-1", **spec: Any) -> Task:
    """Return a task of a curriculum that exists nowhere on disk."""
    values: dict[str, Any] = {
        "id": task_id,
        "title": task_id.capitalize(),
        "about": "Tell ten digits apart.",
        "stage": "networks",
        "order": 1,
        "exam": "classification",
        "scoring": ScoringTable(curve=[(0.5, 0), (1.0, 1)], gate=0.9),
    }
    return Task(TaskSpec(**(values | spec)), Path(task_id), exam_version, "score-1")

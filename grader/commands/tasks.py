"""`grader tasks`: the course as a path, stage by stage: what is done, tried or open, and what comes
next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from grader.commands.output import console, print_json, warn
from grader.course.curriculum import Task, all_tasks
from grader.records import Result, Status
from grader.results import store
from grader.terminal import columns

ROADMAP = "docs/learn/roadmap.md"


@dataclass(frozen=True)
class Step:
    """A task on the path."""

    task: Task
    state: str  # "done"; "tried": graded, not accepted yet; "open": all it needs is done; "later"
    missing: tuple[str, ...]  # the tasks to be done first that are not
    best: float | None  # the most points any of its results has


def list_tasks(results: Path, *, as_json: bool) -> None:
    """Print every task in the order of the course, with what `results` says about it."""
    found, broken = store.load_results(results)
    steps = path_of(all_tasks(), found)
    following = next_of(steps)
    if as_json:
        return print_json([as_dict(step, following) for step in steps])
    warn(broken)
    out = console()
    rows: list[tuple[str, ...]] = []
    for stage, group in groupby(steps, lambda step: step.task.spec.stage):
        members = list(group)
        rows.append(("", stage, f"{count_done(members)} of {len(members)} done", "", ""))
        rows += [shown(step) for step in members]
    columns(out, ("", "task", "title", "needs first", "best"), rows)
    out.print(
        f"\n{count_done(steps)} of {len(steps)} done. What each one is for: {ROADMAP}", markup=False
    )
    if following is not None:
        doing = "go on with" if following.state == "tried" else "next"
        out.print(f"{doing}: grader start {following.task.id}", markup=False)
        others = [
            step.task.id
            for step in steps
            if step.state in ("tried", "open") and step is not following
        ]
        if others:
            out.print(f"also open: {', '.join(others)}", markup=False)


def path_of(tasks: Sequence[Task], results: Sequence[Result]) -> list[Step]:
    """Return each task with its state; results of the grader's own trouble say nothing about it."""
    graded = [result for result in results if result.score is not None]
    done = {result.task.id for result in graded if result.verdict.status is Status.ACCEPTED}
    steps = []
    for task in tasks:
        points = [
            result.score.total
            for result in graded
            if result.task.id == task.id and result.score is not None
        ]
        missing = tuple(need for need in task.spec.needs if need not in done)
        state = "done" if task.id in done else "tried" if points else "later" if missing else "open"
        steps.append(Step(task, state, missing, max(points, default=None)))
    return steps


def next_of(steps: Sequence[Step]) -> Step | None:
    """Return what to do next: the first task that is not done and has all it needs; None after the
    last.
    """
    return next(
        (step for step in steps if step.state in ("tried", "open") and not step.missing), None
    )


def count_done(steps: Sequence[Step]) -> int:
    return sum(step.state == "done" for step in steps)


def shown(step: Step) -> tuple[str, ...]:
    best = "" if step.best is None else f"{step.best:g}"
    return (step.state, f"  {step.task.id}", step.task.spec.title, ", ".join(step.missing), best)


def as_dict(step: Step, following: Step | None) -> dict[str, object]:
    spec = step.task.spec
    return {
        "id": spec.id,
        "title": spec.title,
        "stage": spec.stage,
        "needs": spec.needs,
        "exam": spec.exam,
        "state": step.state,
        "next": step is following,
        "best_score": step.best,
        "accepted": step.state == "done",
    }

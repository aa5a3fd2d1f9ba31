"""`grader tasks`: List the tasks of the course: what is done, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from rich.text import Text

from grader.commands.options import DEFAULT_RESULTS, JsonOption, ResultsOption
from grader.commands.parts.console import console, print_json, say, warn
from grader.course.curriculum import Task, all_tasks, broken_tasks
from grader.records import Result, Status
from grader.results import store
from grader.terminal import Column, print_table

HELP_PLACE = ("Learn", 1)
ABOUT_COURSE = "`grader start TASK` makes a folder with its lesson."
COLUMNS = (
    Column("task"),
    Column("title", folds=True, drop=1),
    Column("", folds=True),
    Column("best", is_number=True),
)


@dataclass(frozen=True)
class Step:
    """A task on the path."""

    task: Task
    state: str  # "done"; "tried": graded, not accepted yet; "open": all it needs is done; "later"
    missing: tuple[str, ...]  # the tasks to be done first that are not
    best: float | None  # the most points any of its results has

    @property
    def is_to_do(self) -> bool:
        return self.state in ("tried", "open")


def tasks(as_json: JsonOption = False, results: ResultsOption = DEFAULT_RESULTS) -> None:
    """List the tasks of the course, what each needs first, and what is done."""
    list_tasks(results, as_json=as_json)


def list_tasks(results: Path, *, as_json: bool) -> None:
    """Print every task in the order of the course, with what `results` says about it."""
    found, broken = store.load_results(results)
    steps = path_of(all_tasks(), found)
    following = next_of(steps)
    if as_json:
        warn(broken_tasks())
        return print_json([as_dict(step, following) for step in steps])
    warn([*broken_tasks(), *broken])
    rows: list[tuple[str | Text, ...]] = []
    for stage, group in groupby(steps, lambda step: step.task.spec.stage):
        members = list(group)
        done = f"{count_done(members)} of {len(members)} done"
        rows.append((Text(stage, "bold"), "", Text(done, "dim"), ""))
        rows += [shown(step) for step in members]
    print_table(console(), COLUMNS, rows)
    say(f"\n{count_done(steps)} of {len(steps)} done. {ABOUT_COURSE}")
    if following is not None:
        say_what_follows(steps, following)


def say_what_follows(steps: Sequence[Step], following: Step) -> None:
    """Say which task is next, and which others could be done as well."""
    doing = "continue with" if following.state == "tried" else "next"
    say(f"{doing}: grader start {following.task.id}")
    others = [step.task.id for step in steps if step.is_to_do and step is not following]
    if others:
        say(f"also open: {', '.join(others)}")


def path_of(tasks: Sequence[Task], results: Iterable[Result]) -> list[Step]:
    """Return each task with its state; results of the grader's own trouble say nothing about it."""
    done = set()
    points: dict[str, list[float]] = {}
    for result in results:
        if result.score is None:
            continue
        points.setdefault(result.task.id, []).append(result.score.total)
        if result.verdict.status is Status.ACCEPTED:
            done.add(result.task.id)
    return [step_of(task, done, points.get(task.id, [])) for task in tasks]


def step_of(task: Task, done: set[str], points: Sequence[float]) -> Step:
    """Return where a task stands. done: accepted tasks. points: of this task's results."""
    missing = tuple(need for need in task.spec.needs if need not in done)
    if task.id in done:
        state = "done"
    elif points:
        state = "tried"
    elif missing:
        state = "later"
    else:
        state = "open"
    return Step(task, state, missing, max(points, default=None))


def next_of(steps: Sequence[Step]) -> Step | None:
    """Return the first task that is not done and has all it needs; None after the last."""
    for step in steps:
        if step.is_to_do and not step.missing:
            return step
    return None


def count_done(steps: Sequence[Step]) -> int:
    return sum(step.state == "done" for step in steps)


def shown(step: Step) -> tuple[str, ...]:
    """Return the row of a task, by column."""
    best = "" if step.best is None else f"{step.best:g}"
    return (f"  {step.task.id}", step.task.spec.title, state_in_words(step), best)


def state_in_words(step: Step) -> str:
    """Return where a task stands; for a later one, what it needs first."""
    if step.state == "later":
        return f"after {', '.join(step.missing)}"
    return step.state


def as_dict(step: Step, following: Step | None) -> dict[str, object]:
    """Return what `--json` prints of a task."""
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

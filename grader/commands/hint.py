"""`grader hint`: Give one more hint on what the last check or run found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from grader import measures
from grader.commands.options import (
    DEFAULT_RESULTS,
    HERE,
    AuthorOption,
    JsonOption,
    PathArgument,
    ResultsOption,
    TaskOption,
)
from grader.commands.parts.console import console, print_json
from grader.course.curriculum import Task
from grader.intake.submission import must_be_there, read_settings, which_task
from grader.measures import find
from grader.records import Measured, Result
from grader.results import store
from grader.terminal.figures import show_value
from grader.tutor import hints
from grader.tutor.further_points import MORE_POINTS, further_points

HELP_PLACE = ("Learn", 5)


def hint(
    path: PathArgument = HERE,
    task: TaskOption = None,
    results: ResultsOption = DEFAULT_RESULTS,
    author: AuthorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give one more hint on what the last check or run found; after passing, worked solutions."""
    must_be_there(path)
    found = which_task(path, read_settings(path) if path.is_dir() else {}, task)
    memory = hints.recall(path, found.id)
    # A run can pass and still look like a mistake that the doctor knows: then both are said.
    following = hints.next_hint(path, found.id)
    after = after_passing(found, results, author) if memory.passed else None
    if as_json:
        said = following.model_dump() if following is not None else None
        return print_json({"task": found.id, "hint": said, "passed": after})
    out = console()
    if memory.checks == 0:
        out.print(f"nothing is known about {path} yet. First: grader check {path}", markup=False)
    elif after is None and following is None:
        out.print("the last check found nothing wrong. Next: grader run", markup=False)
    if after is not None:
        print_after(out, found, after)
    if following is not None:
        print_stage(out, following)


def print_stage(out: Console, stage: hints.Hint) -> None:
    """Print one stage of a hint, and how many are left."""
    out.print(Text(stage.about, "bold"))
    for line in stage.text.splitlines():
        out.print(Text(f"  {line}"))
    if stage.reading:
        out.print(Text(f"  further reading: {stage.reading}"))
    left = stage.of - stage.stage
    then = "this was the last hint on it"
    if left:
        then = f"{left} more to come, one with each check"
        if not stage.is_new:
            then = f"the same as before; {then}"
    cost = f"{stage.given} so far on this task; they cost nothing"
    out.print(Text(f"  hint {stage.stage} of {stage.of}; {then}. {cost}", "dim"))


def after_passing(task: Task, results: Path, author: str | None) -> dict[str, Any]:
    """Return worked solutions, and what a few points more would need of the author's best result.

    As `--json` prints it under "passed". points: of the best result; None where there is none.
    """
    best = best_result(task, results, author)
    return {
        "references": [str(folder) for folder in task.references],
        "points": best.score.total if best is not None and best.score is not None else None,
        "needs": [] if best is None else needs_of(task, best),
    }


def best_result(task: Task, results: Path, author: str | None) -> Result | None:
    """Return the result with the most points, of one author or of all."""
    found = store.load_results(results, task.id)[0]
    graded = [result for result in found if result.score is not None]
    if author is not None:
        graded = [result for result in graded if result.submission.author == author]
    return max(graded, key=points_of, default=None)


def points_of(result: Result) -> float:
    return result.score.total if result.score is not None else 0.0


def needs_of(task: Task, best: Result) -> list[dict[str, Any]]:
    """Return what each measurement would have to be for a few points more."""
    return [
        {
            "measurement": name,
            "now": now,
            "needed": needed,
            "unit": best.measurements[name].unit,
        }
        for name, now, needed in further_points(task.spec.scoring, best.measurements)
    ]


def print_after(out: Console, task: Task, after: dict[str, Any]) -> None:
    """Print what there is to learn after passing."""
    out.print(Text("it passes", "bold"))
    out.print("  worked solutions, with their figures in the first lines:", markup=False)
    for folder in after["references"]:
        out.print(Text(f"    {folder}"))
    for need in after["needs"]:
        now = shown_need(need["now"], need["unit"])
        needed = shown_need(need["needed"], need["unit"])
        label = measures.find(need["measurement"], need["unit"]).in_sentence
        out.print(Text(f"  {MORE_POINTS:g} points more: {label} {needed} (now {now})"))
    if after["points"] is None:
        out.print("  to see how many points it earns: grader run", markup=False)


def shown_need(value: float, unit: str) -> str:
    """Return a figure with its unit in words."""
    return show_value(Measured(value=value, unit=unit), find("", unit))

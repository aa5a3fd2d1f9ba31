"""`grader hint`: one stage more on what is wrong; after passing, worked solutions and what more
points would need.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from grader.commands.output import console, print_json
from grader.course.curriculum import Task
from grader.intake.submission import must_be_there, read_settings, which_task
from grader.records import Measured
from grader.results import store
from grader.terminal import LABELS, show_measured
from grader.tutor import hints


def show_hint(
    path: Path, task_id: str | None, results: Path, author: str | None, *, as_json: bool
) -> None:
    """Print the next hint for a submission that was checked or run before."""
    must_be_there(path)
    task = which_task(path, read_settings(path) if path.is_dir() else {}, task_id)
    memory = hints.recall(path, task.id)
    hint = None if memory.passed else hints.next_hint(path, task.id)
    after = after_passing(task, results, author) if memory.passed else None
    if as_json:
        return print_json(
            {"task": task.id, "hint": hint.model_dump() if hint else None, "passed": after}
        )
    out = console()
    if memory.checks == 0:
        out.print(f"nothing is known of {path} yet; first: grader check {path}", markup=False)
    elif after is not None:
        print_after(out, task, after)
    elif hint is None:
        out.print("the last check found nothing wrong; now: grader run", markup=False)
    else:
        print_stage(out, hint)


def print_stage(out: Console, hint: hints.Hint) -> None:
    out.print(Text(hint.about, "bold"))
    for line in hint.text.splitlines():
        out.print(Text(f"  {line}"))
    if hint.reading:
        out.print(Text(f"  to read: {hint.reading}"))
    left = hint.of - hint.stage
    then = (
        "that was the last one on this"
        if not left
        else f"{left} more, each opens with your next check"
    )
    if not hint.is_new and left:
        then = f"as before; {then}"
    cost = f"{hint.given} so far on this task; they cost nothing"
    out.print(Text(f"  hint {hint.stage} of {hint.of}; {then}. {cost}", "dim"))


def after_passing(task: Task, results: Path, author: str | None) -> dict[str, Any]:
    """Return the references to learn from, and what a few points more would need of the author's
    best result.
    """
    graded = [
        result
        for result in store.load_results(results, task.id)[0]
        if result.score is not None and (author is None or result.submission.author == author)
    ]
    best = max(graded, key=lambda result: result.score.total if result.score else 0.0, default=None)
    needs = hints.further_points(task.spec.scoring, best.measurements) if best is not None else []
    return {
        "references": [str(folder) for folder in task.references],
        "points": best.score.total if best is not None and best.score is not None else None,
        "needs": [
            {
                "measurement": name,
                "now": now,
                "needed": needed,
                "unit": best.measurements[name].unit if best else "",
            }
            for name, now, needed in needs
        ],
    }


def print_after(out: Console, task: Task, after: dict[str, Any]) -> None:
    out.print(Text("it passes", "bold"))
    out.print("  worked solutions, with their figures in the first lines:", markup=False)
    for folder in after["references"]:
        out.print(Text(f"    {folder}"))
    for need in after["needs"]:
        now, needed = (
            show_measured(Measured(value=need[key], unit=need["unit"])) for key in ("now", "needed")
        )
        label = LABELS.get(need["measurement"], need["measurement"])
        out.print(Text(f"  {hints.MORE_POINTS:g} points more: {label} {needed} (now {now})"))
    if after["points"] is None:
        out.print("  how many points it brings: grader run", markup=False)

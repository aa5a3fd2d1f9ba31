"""`grader rescore`: Score stored results by today's rules; nothing is run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from grader.classroom.class_folder import ClassFolder, find_class
from grader.classroom.course_file import COURSE_FILE
from grader.classroom.reckoning import reckon
from grader.commands.options import (
    DEFAULT_RESULTS,
    ClassOption,
    JsonOption,
    ResultsOption,
    VerboseOption,
)
from grader.commands.parts.console import print_json, say, warn
from grader.commands.parts.gradebook_table import grades_as_dict, print_gradebook
from grader.course.curriculum import Task, find_task
from grader.errors import UsageError
from grader.grading.pipeline import rescore as rescored
from grader.records import Result, published_version
from grader.results import store
from grader.results.merging import note_replaced

HELP_PLACE = ("Grade", 5)


@dataclass
class Rescored:
    """What became of the stored results."""

    changed: list[dict[str, Any]] = field(default_factory=list)
    kept: int = 0  # their score is what it was
    skipped: list[str] = field(default_factory=list)  # a line for each that was left alone


def rescore(
    results: ResultsOption = DEFAULT_RESULTS,
    task: Annotated[
        str | None, typer.Option("--task", "-t", help="Task id (default: all tasks).")
    ] = None,
    class_folder: ClassOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Score stored results again by today's rules of their tasks, without running anything.

    In a class, say what the rules of its course.toml come to.
    """
    school = find_class(class_folder)
    found = rescore_all(results, task)
    book = None if school is None else reckon(school, results).gradebook
    if school is not None:
        note_rules(school)
    if as_json:
        grades = {} if book is None else {"grades": grades_as_dict(book, task)}
        return print_json(
            {
                "changed": found.changed,
                "kept": found.kept,
                "skipped": found.skipped,
                **grades,
            }
        )
    if book is not None:
        print_gradebook(book, task)
    for line in found.changed:
        say(f"{line['id']}  {line['task']}  {line['before']} -> {line['after']}")
    say(f"{len(found.changed)} changed, {found.kept} unchanged, {len(found.skipped)} left alone")
    warn(f"left alone: {line}" for line in found.skipped)


def note_rules(school: ClassFolder) -> None:
    """Write into the journal that other rules hold now, if they changed since the last time."""
    content = (school.path / COURSE_FILE).read_bytes()
    mark = hashlib.sha256(content).hexdigest()[:16]
    marks = [line.get("sha256") for line in school.journal.lines() if line.get("what") == "rules"]
    if marks[-1:] != [mark]:
        school.journal.add("rules", sha256=mark)


def rescore_all(root: Path, task_id: str | None) -> Rescored:
    """Rescore every stored result that today's tasks can score."""
    if task_id is not None:
        find_task(task_id)
    results, unreadable = store.load_results(root, task_id)
    found = Rescored(skipped=unreadable)
    for result in results:
        rescore_one(root, result, found)
    changed = {line["id"] for line in found.changed}
    note_replaced(root, (result for result in results if result.id in changed))
    return found


def rescore_one(root: Path, result: Result, found: Rescored) -> None:
    """Rescore one result, store it if its score changes, and note what became of it."""
    try:
        task = find_task(result.task.id)
    except UsageError:
        found.skipped.append(f"{result.id}: its task {result.task.id!r} no longer exists")
        return
    why_not = reason_to_skip(result, task)
    if why_not:
        found.skipped.append(f"{result.id}: {why_not}")
        return
    fresh = rescored(result, task)
    if fresh == result:
        found.kept += 1
        return
    store.replace(root, fresh)
    assert result.score is not None and fresh.score is not None
    found.changed.append(
        {
            "id": result.id,
            "task": result.task.id,
            "before": result.score.total,
            "after": fresh.score.total,
        }
    )


def reason_to_skip(result: Result, task: Task) -> str:
    """Say why a result cannot be scored by its task as it is today; empty if it can."""
    if result.score is None:
        return "the grader's own trouble is never scored"
    if published_version(result.task.exam_version) != task.exam_version:
        return f"{result.task.id} asked different questions then; run it again"
    return ""

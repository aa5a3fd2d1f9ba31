"""`grader board`: Show the leaderboards in the terminal."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from grader.classroom.class_folder import ClassFolder, find_class
from grader.classroom.reckoning import by_the_rules, grades_of
from grader.commands.options import (
    DEFAULT_RESULTS,
    ClassOption,
    JsonOption,
    LatestOption,
    ResultsOption,
)
from grader.commands.parts.console import console, print_json, warn
from grader.course.curriculum import all_tasks, find_task
from grader.errors import StoreChanged
from grader.records import Result, Status, Summary
from grader.results import store
from grader.results.boards import Choice, Entry, Group, grouped, make_boards, ranked
from grader.results.runs import Run
from grader.terminal import print_board

ELSEWHERE = (
    "`grader run FOLDER` makes one. Runs started in another folder stored theirs there: go there, "
    "or name that folder of results with --results"
)
HELP_PLACE = ("Look", 1)
# Entries of a board where all tasks are shown; the board of one task alone is shown whole.
MOST_OF_EACH = 3
MOST_TROUBLES = 1


def board(
    task: Annotated[str | None, typer.Argument(help="Task id (default: all tasks).")] = None,
    results: ResultsOption = DEFAULT_RESULTS,
    latest: LatestOption = False,
    as_json: JsonOption = False,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write the entries to this file as well.")
    ] = None,
    class_folder: ClassOption = None,
) -> None:
    """Show the leaderboards in the terminal; in a class, by the rules of its course.toml."""
    school = find_class(class_folder)
    show_boards(task, results, latest=latest, as_json=as_json, table=csv, school=school)


def show_boards(
    task_id: str | None,
    results: Path,
    *,
    latest: bool,
    as_json: bool,
    table: Path | None,
    school: ClassFolder | None = None,
) -> None:
    """Show the boards of one task or of all; `table` gets the entries as CSV too."""
    if as_json or table is not None:
        write_boards(task_id, results, latest=latest, as_json=as_json, table=table, school=school)
    if not as_json:
        with store.uncollected():
            print_boards(task_id, results, latest=latest, school=school)


def runs_on_boards(results: Path, known: list[Summary], school: ClassFolder | None) -> list[Run]:
    """Return the runs that boards show: all, or in a class those that its rules count."""
    runs = [Run(each, partial(store.whole, results)) for each in known]
    if school is None:
        return runs
    # Late days are paid over the whole course, so the rules need every task's results.
    every, _ = store.summaries(results)
    return by_the_rules(grades_of(school, every), runs)


def print_boards(
    task_id: str | None, results: Path, *, latest: bool, school: ClassFolder | None = None
) -> None:
    """Print one task's board whole, or the beginning of every board."""
    summaries, broken = store.summaries(results, task_id)
    out = console()
    warn(broken)
    if not summaries:
        out.print(no_results(task_id, results), markup=False)
        return
    most = MOST_OF_EACH if task_id is None else len(summaries)
    runs = runs_on_boards(results, summaries, school)
    by_path = {run.summary.path: run for run in runs}
    shown = [run.summary for run in runs]
    for found in grouped(shown, latest=latest, current=current_versions()):
        first = found.chosen
        if len(first) > most:
            first = beginning(first, most)
        entries = entries_of(by_path, first)
        if not entries:
            continue
        print_board(out, title_of(found, entries), [(each.rank, each.result) for each in entries])
        print_rest(out, found, len(found.chosen) - len(entries))


def no_results(task_id: str | None, results: Path) -> str:
    """Say that there is nothing to show, where it was looked for, and what to do.

    UsageError for a task that is not there.
    """
    above = results_above(results)
    if above is not None and task_id is None:
        return (
            f"no results in {results.resolve()} yet, but there are some in {above}: "
            f"--results {above} shows them"
        )
    if task_id is None:
        return f"no results in {results.resolve()} yet; {ELSEWHERE}"
    find_task(task_id)  # UsageError with the nearest id, where it is the name of no task
    return (
        f"no results of {task_id!r} in {results.resolve()} yet; {ELSEWHERE}. `grader tasks` lists "
        "the tasks"
    )


def results_above(results: Path) -> Path | None:
    """Return the nearest folder of that name in a folder further up; None where there is none.

    Whoever works inside of a course has its results further up.
    """
    if results.is_absolute():
        return None
    for parent in Path.cwd().parents:
        folder = parent / results
        if folder.is_dir() and store.summaries(folder)[0]:
            return folder
    return None


def current_versions() -> dict[str, str]:
    """Return each task's exam version of today, in the order of the course."""
    return {task.id: task.exam_version for task in all_tasks()}


def entries_of(runs: Mapping[str, Run], first: list[Choice]) -> list[Entry]:
    """Read the chosen results and rank them; those that have disappeared are left out."""
    read: list[tuple[Result, int]] = []
    for choice in first:
        with contextlib.suppress(StoreChanged):
            read.append((runs[choice.summary.path].result, choice.attempts))
    return ranked(read)


def title_of(found: Group, entries: list[Entry]) -> str:
    """Return a board's heading; the newest entry knows what the task is called now."""
    old = "" if found.is_current else ", an earlier version of the task"
    if found.key.private_part:
        old += f", private hidden part {found.key.private_part}"
    title = entries[-1].result.task.title
    return f"{title}, {found.key.tier} tier, {found.key.device}{old}"


def print_rest(out: Console, found: Group, left: int) -> None:
    """Say how many entries were not shown, and leave a line free."""
    if left:
        out.print(
            f"and {left} more; `grader board {found.key.task_id}` shows them all", markup=False
        )
    out.print()


def beginning(chosen: list[Choice], most: int) -> list[Choice]:
    """Return a board's first entries, with at most one that is the grader's own trouble.

    Such trouble leads every board; it must not crowd out those who were graded.
    """
    troubles = [choice for choice in chosen if choice.summary.status == Status.GRADER_ERROR]
    graded = [choice for choice in chosen if choice.summary.status != Status.GRADER_ERROR]
    return [*troubles[:MOST_TROUBLES], *graded[:most]]


def write_boards(
    task_id: str | None,
    results: Path,
    *,
    latest: bool,
    as_json: bool,
    table: Path | None,
    school: ClassFolder | None,
) -> None:
    """Give whole boards to programs: as JSON on standard output, as CSV in a file."""
    known, broken = store.summaries(results, task_id)
    runs = runs_on_boards(results, known, school)
    boards = make_boards(runs, latest=latest, current=current_versions())
    if table is not None:
        # Only here: pandas takes a second to import.
        from reports.table import write_csv

        write_csv(boards, table)
    if not as_json:
        return
    warn(broken)
    print_json(
        [
            {
                "task": each.key.task_id,
                "exam_version": each.key.exam_version,
                "tier": each.key.tier,
                "device": each.key.device,
                "entries": [as_dict(entry) for entry in each.entries],
            }
            for each in boards
        ]
    )


def as_dict(entry: Entry) -> dict[str, object]:
    """Return an entry as `--json` prints it: its rank before the whole result."""
    return {"rank": entry.rank, **entry.result.model_dump(mode="json")}

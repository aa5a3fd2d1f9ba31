"""`grader board`: the leaderboards in the terminal, as JSON, or as a table for spreadsheets."""

from __future__ import annotations

from pathlib import Path

from grader.commands.output import console, print_json, warn
from grader.course.curriculum import all_tasks
from grader.records import Status
from grader.results import store
from grader.results.boards import Choice, grouped, make_boards, ranked
from grader.terminal import print_board

MOST_OF_EACH, MOST_TROUBLES = (
    3,
    1,
)  # entries of a board where all tasks are shown; one task alone is shown whole


def show_boards(
    task_id: str | None, results: Path, *, latest: bool, as_json: bool, table: Path | None
) -> None:
    """Show the boards of one task or of all; `table` gets the entries as CSV too."""
    if as_json or table is not None:
        write_boards(task_id, results, latest=latest, as_json=as_json, table=table)
        if as_json:
            return
    with store.uncollected():
        print_boards(task_id, results, latest=latest)


def print_boards(task_id: str | None, results: Path, *, latest: bool) -> None:
    """Print one task's board whole, or the beginning of every board."""
    summaries, broken = store.summaries(results, task_id)
    out = console()
    warn(broken)
    if not summaries:
        said = f"in {results} yet; `grader run FOLDER` makes one"
        if task_id is not None:
            said = f"of {task_id!r} {said}, `grader tasks` lists the tasks"
        out.print(f"no results {said}", markup=False)
    current = {each.id: each.exam_version for each in all_tasks()} if summaries else {}
    most = MOST_OF_EACH if task_id is None else len(summaries)
    for board in grouped(summaries, latest=latest, current=current):
        key, chosen = board.key, board.chosen
        first = chosen if most >= len(chosen) else beginning(chosen, most)
        attempts = {choice.summary.id: choice.attempts for choice in first}
        read = store.load_some(results, [choice.summary for choice in first])
        entries = ranked([(result, attempts.get(result.id, 0)) for result in read])
        if not entries:
            continue
        old = "" if board.is_current else ", an earlier version of the task"
        title = f"{entries[-1].result.task.title}   {key.tier} tier, {key.device}{old}"
        print_board(out, title, [(entry.rank, entry.result) for entry in entries])
        if left := len(chosen) - len(entries):
            out.print(f"and {left} more: `grader board {key.task_id}` shows all", markup=False)
        out.print()


def beginning(chosen: list[Choice], most: int) -> list[Choice]:
    """Return a board's first entries; the grader's own trouble, which leads every board, does not
    crowd them out.
    """
    troubles = [choice for choice in chosen if choice.summary.status == Status.GRADER_ERROR]
    graded = [choice for choice in chosen if choice.summary.status != Status.GRADER_ERROR]
    return [*troubles[:MOST_TROUBLES], *graded[:most]]


def write_boards(
    task_id: str | None, results: Path, *, latest: bool, as_json: bool, table: Path | None
) -> None:
    """Give whole boards to programs: as JSON on standard output, as CSV in a file."""
    found, broken = store.load_results(results, task_id)
    boards = make_boards(
        found, latest=latest, current={each.id: each.exam_version for each in all_tasks()}
    )
    if table is not None:
        from reports.table import write_csv

        write_csv(boards, table)
    if as_json:
        warn(broken)
        print_json([
            {"task": each.key.task_id, "exam_version": each.key.exam_version, "tier": each.key.tier,
             "device": each.key.device,
             "entries": [{"rank": entry.rank, **entry.result.model_dump(mode="json")} for entry in each.entries]}
            for each in boards
        ])  # fmt: skip

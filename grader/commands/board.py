"""`grader board`: the leaderboards in the terminal, as JSON, or as a table for spreadsheets."""

from __future__ import annotations

from pathlib import Path

from grader import store
from grader.commands.around import console, print_json, warn
from grader.curriculum import all_tasks
from grader.terminal import print_board
from reports.leaderboard import make_boards


def show_boards(task_id: str | None, results: Path, *, latest: bool, as_json: bool, table: Path | None) -> None:
    """Print the boards of one task or of all; `table` gets the entries as CSV too."""
    found, broken = store.load_results(results, task_id)
    boards = make_boards(found, latest=latest, current={each.id: each.exam_version for each in all_tasks()})
    if as_json:
        return print_json([
            {"task": each.key.task_id, "exam_version": each.key.exam_version, "tier": each.key.tier,
             "device": each.key.device,
             "entries": [{"rank": entry.rank, **entry.result.model_dump(mode="json")} for entry in each.entries]}
            for each in boards
        ])  # fmt: skip
    if table is not None:
        from reports.table import write_csv

        write_csv(boards, table)
    out = console()
    warn(broken)
    if not boards:
        out.print(f"no results in {results} yet; `grader run FOLDER` makes one", markup=False)
    for each in boards:
        old = "" if each.is_current else ", an earlier version of the task"
        title = f"{each.newest.task.title}   {each.key.tier} tier, {each.key.device}{old}"
        print_board(out, title, [(entry.rank, entry.result) for entry in each.entries])
        out.print()

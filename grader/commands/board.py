"""`grader board`: the leaderboards in the terminal, as JSON, or as a table for spreadsheets."""

from __future__ import annotations

from pathlib import Path

from grader import store
from grader.commands.around import console, print_json, warn
from grader.curriculum import all_tasks
from grader.records import Status, Summary, Tier
from grader.terminal import print_board
from reports.leaderboard import Choice, Entry, choose, make_boards, ranked

MOST_OF_EACH, MOST_TROUBLES = 3, 1  # entries of a board where all tasks are shown; one task alone is shown whole
BoardName = tuple[str, str, str, str]  # task, exam version, tier, device


def show_boards(task_id: str | None, results: Path, *, latest: bool, as_json: bool, table: Path | None) -> None:
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
    for name, entries, left in boards_of(results, summaries, current, most, latest=latest):
        old = "" if current.get(name[0]) == name[1] else ", an earlier version of the task"
        title = f"{entries[-1].result.task.title}   {name[2]} tier, {name[3]}{old}"
        print_board(out, title, [(entry.rank, entry.result) for entry in entries])
        if left:
            out.print(f"and {left} more: `grader board {name[0]}` shows all", markup=False)
        out.print()


def boards_of(
    results: Path, summaries: list[Summary], current: dict[str, str], most: int, *, latest: bool
) -> list[tuple[BoardName, list[Entry], int]]:
    """Return each board's first entries, and how many follow. Only what is shown is read from the store."""
    places = {task_id: place for place, task_id in enumerate(current)}
    tiers = [tier.value for tier in Tier]
    groups: dict[BoardName, list[Summary]] = {}
    for each in summaries:
        groups.setdefault((each.task, each.exam_version, each.tier, each.device), []).append(each)
    boards = []
    for key, group in groups.items():
        chosen = choose(group, latest=latest)
        newest = max(choice.summary.created for choice in chosen)
        is_current = current.get(key[0]) == key[1]
        order = (places.get(key[0], len(places)), key[0], not is_current, -newest if not is_current else 0.0)
        boards.append(((*order, tiers.index(key[2]), key[3]), key, chosen))
    shown = []
    for _, key, chosen in sorted(boards, key=lambda board: board[0]):
        first = chosen if most >= len(chosen) else beginning(chosen, most)
        read = store.load_some(results, [choice.summary for choice in first])
        attempts = {choice.summary.id: choice.attempts for choice in first}
        entries = ranked([(result, attempts.get(result.id, 0)) for result in read])
        if entries:
            shown.append((key, entries, len(chosen) - len(entries)))
    return shown


def beginning(chosen: list[Choice], most: int) -> list[Choice]:
    """Return a board's first entries; the grader's own trouble, which leads every board, does not crowd them out."""
    troubles = [choice for choice in chosen if choice.summary.status == Status.GRADER_ERROR]
    graded = [choice for choice in chosen if choice.summary.status != Status.GRADER_ERROR]
    return [*troubles[:MOST_TROUBLES], *graded[:most]]


def write_boards(task_id: str | None, results: Path, *, latest: bool, as_json: bool, table: Path | None) -> None:
    """Give whole boards to programs: as JSON on standard output, as CSV in a file."""
    found, broken = store.load_results(results, task_id)
    boards = make_boards(found, latest=latest, current={each.id: each.exam_version for each in all_tasks()})
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

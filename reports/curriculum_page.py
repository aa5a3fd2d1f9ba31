"""The course on one page: its tasks by stage with what each needs first, and how far every author has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from grader.curriculum import Task
from grader.records import Result, Status
from reports import display
from reports.leaderboard import TIERS, Board, Entry
from reports.page import fingerprint, render


@dataclass(frozen=True)
class TaskCard:
    """One task of the course."""

    task: Task
    needs: list[tuple[str, str]]  # id, title
    accepted: int  # authors with an accepted entry
    tried: int
    has_board: bool


@dataclass(frozen=True)
class Cell:
    """One author's entry on one task."""

    text: str
    verdict: Status
    link: str


@dataclass(frozen=True)
class Progress:
    """How far the authors of one tier and device have come. Tiers are never mixed."""

    tier: str
    device: str
    tasks: list[tuple[str, str]]  # id, title
    authors: list[tuple[str, list[Cell | None], int]]  # shown name, a cell a task, tasks accepted


def curriculum_page(tasks: Sequence[Task], boards: Sequence[Board], pages: Mapping[str, str]) -> str:
    """Return the HTML page; `pages` is what `page.page_names` returned for the results on the boards."""
    current = [board for board in boards if board.is_current]
    return render(
        "curriculum.html",
        stages=[(stage, list(cards)) for stage, cards in groupby(_cards(tasks, current), lambda c: c.task.spec.stage)],
        progress=progress(tasks, current, pages),
    )


def _cards(tasks: Sequence[Task], boards: Sequence[Board]) -> list[TaskCard]:
    titles = {task.id: task.spec.title for task in tasks}
    cards = []
    for task in tasks:
        entries = [entry for board in boards if board.key.task_id == task.id for entry in board.entries]
        accepted = {_author(entry) for entry in entries if entry.result.verdict.status is Status.ACCEPTED}
        tried = {_author(entry) for entry in entries if entry.result.verdict.status is not Status.GRADER_ERROR}
        needs = [(need, titles.get(need, need)) for need in task.spec.needs]
        cards.append(TaskCard(task, needs, len(accepted), len(tried), bool(entries)))
    return cards


def progress(tasks: Sequence[Task], boards: Sequence[Board], pages: Mapping[str, str]) -> list[Progress]:
    """Return one table a tier and device, the authors with most accepted tasks first."""
    kinds = sorted({(TIERS.index(board.key.tier), board.key.device) for board in boards})
    tables = []
    for tier, device in kinds:
        chosen = [board for board in boards if (TIERS.index(board.key.tier), board.key.device) == (tier, device)]
        present = {board.key.task_id for board in chosen}
        columns = [(task.id, task.spec.title) for task in tasks if task.id in present]
        names: dict[str, str] = {}
        cells: dict[str, dict[str, Cell]] = {}
        for board in chosen:
            for entry in board.entries:
                names.setdefault(_author(entry), display.shown_name(entry.result.submission.author, 40))
                cells.setdefault(_author(entry), {})[board.key.task_id] = _cell(entry.result, pages)
        lines = [
            (names[author], [theirs.get(task_id) for task_id, _ in columns], _accepted(theirs))
            for author, theirs in cells.items()
        ]
        lines.sort(key=lambda line: (-line[2], line[0].casefold()))
        tables.append(Progress(TIERS[tier].value, device, columns, lines))
    return tables


def _author(entry: Entry) -> str:
    return display.same_name(entry.result.submission.author)


def _cell(result: Result, pages: Mapping[str, str]) -> Cell:
    text = display.points(result.score.total) if result.score else display.DASH
    return Cell(text, result.verdict.status, f"results/{pages[fingerprint(result)]}")


def _accepted(cells: Mapping[str, Cell]) -> int:
    return sum(cell.verdict is Status.ACCEPTED for cell in cells.values())

"""The same work in several frameworks: what each needed and reached, side by side on one board."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.course.curriculum import Task
from grader.records import Result, Status
from grader.results.boards import Board, number
from grader.results.runs import Run
from reports import display
from reports.pages.page import FRAMEWORKS, render

FIGURES = {  # and whether more is better
    "train_seconds": False,
    "latency_seconds": False,
    "throughput_per_second": True,
    "speed_ratio": True,
    "peak_memory_bytes": False,
    "memory_ratio": True,
}


@dataclass(frozen=True)
class Line:
    """One framework's entry."""

    framework: str
    author: str
    name: str
    page: str
    status: Status
    metric: str
    interval: str  # of the metric
    figures: list[tuple[str, bool]]  # and whether it is the best of its column
    lines: int


@dataclass(frozen=True)
class Comparison:
    """One network, or the best of one board, in two frameworks or more."""

    task: str
    network: str  # what its authors call it; empty: the best entries, whatever they are
    tier: str
    device: str
    metric: str
    headings: list[str]
    lines: list[Line]
    machines: int


def framework_page(tasks: Sequence[Task], boards: Sequence[Board], pages: Mapping[str, str]) -> str:
    """Return the HTML page; `pages` is what `page.page_names` returned for the results on the
    boards.
    """
    titles = {task.id: task.spec.title for task in tasks}
    found = [
        each for board in boards if board.is_current for each in comparisons(board, titles, pages)
    ]
    found.sort(key=lambda each: not each.network)
    return render("frameworks.html", here=FRAMEWORKS[0], comparisons=found)


def comparisons(
    board: Board, titles: Mapping[str, str], pages: Mapping[str, str]
) -> list[Comparison]:
    """Return a table for every network that two frameworks have on this board; of none, one of the
    best entries.
    """
    groups: dict[str, dict[str, Run]] = defaultdict(dict)
    everything: dict[str, Run] = {}
    for run in board.graded:
        summary = run.summary
        framework = display.framework_name(summary.framework)
        if not framework or summary.status not in (Status.ACCEPTED, Status.BELOW_TARGET):
            continue
        for group in (groups[display.same_name(summary.network)], everything):
            if framework not in group or number(summary.total) > number(
                group[framework].summary.total
            ):
                group[framework] = run
    groups.pop("", None)
    named = [group for _, group in sorted(groups.items()) if len(group) > 1]
    chosen = [(next(iter(group.values())).summary.network, group) for group in named]
    if not chosen and len(everything) > 1:
        chosen = [("", everything)]
    return [
        comparison(
            board,
            network,
            {framework: run.result for framework, run in group.items()},
            titles,
            pages,
        )
        for network, group in chosen
    ]


def comparison(
    board: Board,
    network: str,
    group: Mapping[str, Result],
    titles: Mapping[str, str],
    pages: Mapping[str, str],
) -> Comparison:
    """Return one table, the frameworks by name."""
    results = [group[framework] for framework in sorted(group)]
    keys = [key for key in FIGURES if any(key in result.measurements for result in results)]
    best = {key: best_of(results, key) for key in keys}
    lines = [
        Line(
            framework=framework,
            author=display.shown_name(group[framework].submission.author, 40),
            name=display.shown_name(group[framework].submission.name, missing="(untitled)"),
            page=f"results/{pages[group[framework].mark]}",
            status=group[framework].verdict.status,
            metric=figure(group[framework], group[framework].metric_key),
            interval=interval(group[framework]),
            figures=[
                (figure(group[framework], key), group[framework] is best[key]) for key in keys
            ],
            lines=group[framework].submission.lines,
        )
        for framework in sorted(group)
    ]
    newest = board.newest
    return Comparison(
        task=titles.get(board.key.task_id, newest.task.title),
        network=display.shown_name(network, missing=""),
        tier=board.key.tier.value,
        device=board.key.device,
        metric=display.measure_name(newest.metric_key),
        headings=[display.measure_name(key) for key in keys],
        lines=lines,
        machines=len({result.machine.id for result in results}),
    )


def best_of(results: Sequence[Result], key: str) -> Result | None:
    """Return the result that leads in a figure, and alone; None where none does."""
    sign = 1 if FIGURES[key] else -1
    values = [
        (sign * result.measurements[key].value, result)
        for result in results
        if key in result.measurements
    ]
    most = max(value for value, _ in values)
    leaders = [result for value, result in values if value == most]
    return leaders[0] if len(leaders) == 1 < len(values) else None


def interval(result: Result) -> str:
    """Return the interval of the metric that the task is graded by, where it has one."""
    measured = result.measurements.get(result.metric_key)
    return (
        display.range_text(result.metric_key, measured)
        if measured and display.has_interval(measured)
        else ""
    )


def figure(result: Result, key: str) -> str:
    measured = result.measurements.get(key)
    return display.value_text(key, measured) if measured is not None else display.DASH

"""The same work in several frameworks: what each needed and reached, side by side on one board."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.measures import MEASURES
from grader.records import Result, Status
from grader.results.boards import Board, number
from grader.results.runs import Run
from grader.text import same_name, shown_name
from reports.contents import Contents
from reports.numbers import figure_text, interval_text, measure_name
from reports.pages.page import FRAMEWORKS, render
from reports.words import framework_name

AUTHOR_CHARACTERS = 40
FIGURES = (
    "train_seconds",
    "latency_seconds",
    "throughput_per_second",
    "speed_ratio",
    "peak_memory_bytes",
    "memory_ratio",
)


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


def framework_page(contents: Contents) -> str:
    """Return the HTML page."""
    found: list[Comparison] = []
    for board in contents.current_boards:
        found += comparisons(board, contents)
    found.sort(key=lambda each: not each.network)
    return render("frameworks.html", here=FRAMEWORKS, comparisons=found)


def comparisons(board: Board, contents: Contents) -> list[Comparison]:
    """Return a table for every network that two frameworks have on this board.

    If there is none, a table of the best entry of each framework.
    """
    networks: dict[str, dict[str, Run]] = defaultdict(dict)
    everything: dict[str, Run] = {}
    for run in board.graded:
        framework = framework_name(run.summary.framework)
        if framework and run.summary.status in (Status.ACCEPTED, Status.BELOW_TARGET):
            keep_better(networks[same_name(run.summary.network)], framework, run)
            keep_better(everything, framework, run)
    networks.pop("", None)
    found = []
    for _, best in sorted(networks.items()):
        if len(best) > 1:
            network = next(iter(best.values())).summary.network
            found.append(comparison(board, network, best, contents))
    if not found and len(everything) > 1:
        found.append(comparison(board, "", everything, contents))
    return found


def keep_better(best: dict[str, Run], framework: str, run: Run) -> None:
    """Remember a run as the best of its framework if no earlier one has as high a score."""
    earlier = best.get(framework)
    if earlier is None or number(run.summary.total) > number(earlier.summary.total):
        best[framework] = run


def comparison(
    board: Board, network: str, runs: Mapping[str, Run], contents: Contents
) -> Comparison:
    """Return one table, the frameworks sorted by name."""
    results = {framework: runs[framework].result for framework in sorted(runs)}
    measured = {key for result in results.values() for key in result.measurements}
    keys = [key for key in FIGURES if key in measured]
    best = {key: best_of(list(results.values()), key) for key in keys}
    lines = []
    for framework, result in results.items():
        figures = [(figure_text(result, key), result is best[key]) for key in keys]
        lines.append(line_of(framework, result, figures, contents))
    return Comparison(
        task=contents.title_of(board),
        network=shown_name(network, missing=""),
        tier=board.key.tier.value,
        device=board.key.device,
        metric=measure_name(board.newest.metric_key),
        headings=[measure_name(key) for key in keys],
        lines=lines,
        machines=len({result.machine.id for result in results.values()}),
    )


def line_of(
    framework: str, result: Result, figures: list[tuple[str, bool]], contents: Contents
) -> Line:
    metric = result.metric
    return Line(
        framework=framework,
        author=shown_name(result.submission.author, AUTHOR_CHARACTERS),
        name=shown_name(result.submission.name, missing="(untitled)"),
        page=contents.address_of(result),
        status=result.verdict.status,
        metric=figure_text(result, result.metric_key),
        interval=interval_text(result.metric_key, metric) if metric is not None else "",
        figures=figures,
        lines=result.submission.lines,
    )


def best_of(results: Sequence[Result], key: str) -> Result | None:
    """Return the only result that leads in a figure; None if several do, or only one has it."""
    sign = 1 if MEASURES[key].better == "higher" else -1
    having = [result for result in results if key in result.measurements]
    most = max(sign * result.measurements[key].value for result in having)
    leaders = [each for each in having if sign * each.measurements[key].value == most]
    return leaders[0] if len(leaders) == 1 < len(having) else None

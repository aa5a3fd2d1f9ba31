"""The leaderboard pages, written from a folder of results."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from grader.commands.parts.console import warn
from grader.course import score
from grader.course.curriculum import find_task
from grader.errors import GraderError, StoreChanged
from grader.records import Result
from grader.results import store
from grader.results.runs import Run
from reports.site import Kept, build


def write_site(results: Path, site: Path, latest: bool) -> Path:
    """Write the pages for all results and return the first one."""
    kept = Kept(
        partial(store.read_log, results),
        partial(store.read_details, results),
        partial(store.stamp, results),
        task_hint,
    )
    with store.uncollected():
        try:
            page, broken = write_from_summaries(results, site, latest, kept)
        except StoreChanged:
            # Somebody grades, rescores or removes results meanwhile. Summaries can be outdated when
            # their results are read; now everything is read at once.
            found, broken = store.load_results(results)
            page = build(found, site, latest=latest, kept=kept, left_out=broken)
    warn(broken)
    return page


def write_from_summaries(
    results: Path, site: Path, latest: bool, kept: Kept
) -> tuple[Path, list[str]]:
    """Write the pages, reading whole only those results that a page has to be drawn from.

    Returns the first page, and a line for each result that cannot be read.
    """
    fresh: dict[str, Result] = {}
    known, broken = store.summaries(results, fresh=fresh)
    whole = partial(store.whole, results)
    runs = [Run(each, fresh.get(each.path) or whole) for each in known]
    return build(runs, site, latest=latest, kept=kept, left_out=broken), broken


def task_hint(result: Result) -> str:
    """Return the hint that a result's task has for its outcome; empty where the task is gone."""
    try:
        task = find_task(result.task.id)
    except GraderError:
        return ""
    return score.hint_for(task.spec.hints, result.verdict, result.score)

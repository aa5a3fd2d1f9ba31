"""The leaderboard pages, written from a folder of results, and by the rules of a class if any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from grader.classroom.class_folder import ClassFolder
from grader.classroom.pseudonyms import make_pseudonyms
from grader.classroom.reckoning import by_the_rules, grades_of
from grader.classroom.view import view_of
from grader.classroom.without_names import (
    authors_of,
    nameless,
    nameless_summary,
    view_without_names,
)
from grader.commands.parts.console import warn
from grader.course import score
from grader.course.curriculum import Task, find_task
from grader.errors import GraderError, StoreChanged, UsageError
from grader.records import Details, Result, Summary
from grader.records.gradebook import ClassView, Gradebook
from grader.results import store
from grader.results.runs import Run
from grader.tutor.questions import Question, load_questions
from reports.kept import Kept
from reports.site import build


def write_site(
    results: Path,
    site: Path,
    latest: bool,
    school: ClassFolder | None = None,
    *,
    is_anonymous: bool = False,
    has_readers_of_their_own: bool = False,
) -> Path:
    """Write the pages for all results and return the first one.

    is_anonymous: with pseudonyms, and without logs, details and whatever else a learner chose.
    has_readers_of_their_own: a result's page is shown to its own learner alone, so it may show
    lines of the source, whatever the class decided.
    """
    shows_source = school is None or school.course.spec.show_source or has_readers_of_their_own
    kept = Kept(
        partial(store.read_log, results),
        partial(store.read_details if shows_source else details_without_source, results),
        partial(stamp_of, results, shows_source),
        TaskHints(),
        questions_of,
    )
    shown = Shown(results, site, latest, school, is_anonymous, kept)
    with store.uncollected():
        try:
            page, broken = write_from_summaries(shown)
        except StoreChanged:
            # Somebody grades, rescores or removes results meanwhile. Summaries can be outdated when
            # their results are read; now everything is read at once.
            found, broken = store.load_results(results)
            runs = [Run(each.summary(f"{each.task.id}/{each.id}"), each) for each in found]
            page = write(shown, runs, broken)
    warn(broken)
    return page


def stamp_of(results: Path, shows_source: bool, summary: Summary) -> str:
    """Return what changes when a file beside a result does, or what its page may show of it."""
    return f"{store.stamp(results, summary)} {shows_source}"


def details_without_source(results: Path, result: Result) -> Details | str | None:
    """Return what was kept for the page of a result, without the lines of its source."""
    found = store.read_details(results, result)
    if not isinstance(found, Details):
        return found
    return found.model_copy(update={"named_lines": []})


@dataclass(frozen=True)
class Shown:
    """What is to be written, and where."""

    results: Path
    site: Path
    latest: bool
    school: ClassFolder | None
    is_anonymous: bool
    kept: Kept


def write_from_summaries(shown: Shown) -> tuple[Path, list[str]]:
    """Write the pages, reading whole only those results that a page has to be drawn from.

    Returns the first page, and a line for each result that cannot be read.
    """
    fresh: dict[str, Result] = {}
    known, broken = store.summaries(shown.results, fresh=fresh)
    whole = partial(store.whole, shown.results)
    runs = [Run(each, fresh.get(each.path) or whole) for each in known]
    return write(shown, runs, broken), broken


def write(shown: Shown, runs: list[Run], broken: list[str]) -> Path:
    """Write the pages of some runs, by the rules of the class if there is one."""
    kept = shown.kept
    on_boards = None
    view = None
    if shown.school is not None:
        book = grades_of(shown.school, [run.summary for run in runs])
        on_boards = by_the_rules(book, runs)
        view = view_of(shown.school, book)
        if shown.is_anonymous:
            names = make_pseudonyms(shown.school)
            runs, on_boards, view = hidden(runs, on_boards, book, view, names)
            kept = Kept(hint=TaskHints(), questions=questions_of)
    try:
        return build(
            runs,
            shown.site,
            latest=shown.latest,
            kept=kept,
            left_out=broken,
            on_boards=on_boards,
            school=view,
        )
    except OSError as error:
        raise UsageError(
            f"cannot write the pages to {shown.site}: {error.strerror or error}; choose another "
            "place with --site"
        ) from None


def hidden(
    runs: list[Run],
    on_boards: list[Run],
    book: Gradebook,
    view: ClassView,
    names: Mapping[str, str],
) -> tuple[list[Run], list[Run], ClassView]:
    """Return everything a site shows under pseudonyms. names: by learner's id."""
    authors = authors_of(book, names)
    return (
        [nameless_run(run, authors) for run in runs],
        [nameless_run(run, authors) for run in on_boards],
        view_without_names(view, names, authors),
    )


def nameless_run(run: Run, authors: Mapping[str, str]) -> Run:
    """Return a run under a pseudonym."""
    return Run(nameless_summary(run.summary, authors), partial(nameless_result, run, authors))


def nameless_result(run: Run, authors: Mapping[str, str], _: Summary) -> Result:
    """Return a run's result under a pseudonym: a function that other processes can be sent."""
    return nameless(run.result, authors)


def questions_of(task: Task) -> list[Question]:
    """Return the questions that go with a task's lesson; none where they cannot be read."""
    try:
        return load_questions(task)
    except GraderError:
        return []


def task_hint(result: Result) -> str:
    """Return the hint that a result's task has for its outcome; empty where the task is gone."""
    return TaskHints()(result)


class TaskHints:
    """The hints of tasks for outcomes; each task is looked up once."""

    def __init__(self) -> None:
        self._hints: dict[str, Mapping[str, str]] = {}

    def __call__(self, result: Result) -> str:
        """Return the hint for a result; empty where its task is gone."""
        task_id = result.task.id
        if task_id not in self._hints:
            self._hints[task_id] = hints_of(task_id)
        return score.hint_for(self._hints[task_id], result.verdict, result.score)


def hints_of(task_id: str) -> Mapping[str, str]:
    """Return what a task's `[hints]` say; nothing where the task is gone."""
    try:
        return find_task(task_id).spec.hints
    except GraderError:
        return {}

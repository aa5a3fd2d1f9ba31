"""From a class's folder and a folder of results to the gradebook of this moment.

What boards, pages, exports and feedback all begin with, so that none of them can come to another
number than the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from grader.classroom.class_folder import ClassFolder
from grader.classroom.journal import set_aside
from grader.classroom.pseudonyms import pseudonyms_of
from grader.classroom.rules import gradebook_of
from grader.course.curriculum import Task, all_tasks
from grader.records import Result, Status, Summary
from grader.records.gradebook import Grade, Gradebook
from grader.results import store
from grader.results.runs import Run
from grader.text import same_name


@dataclass(frozen=True)
class Reckoned:
    """A gradebook, and what it was made from."""

    gradebook: Gradebook
    summaries: list[Summary]
    left_out: list[str]  # a line about everything that could not be read


def reckon(school: ClassFolder, results: Path, aside: Collection[str] = ()) -> Reckoned:
    """Return the grades that today's rules give for the stored results; see `grades_of`."""
    with store.uncollected():
        summaries, broken = store.summaries(results)
    return Reckoned(grades_of(school, summaries, aside), summaries, broken)


def grades_of(
    school: ClassFolder, summaries: Iterable[Summary], aside: Collection[str] = ()
) -> Gradebook:
    """Return the grades that today's rules give for some results.

    aside: ids of results that don't count, beside those of which the journal says so.
    """
    tasks = {task.id: task for task in all_tasks()}
    return gradebook_of(
        school.course,
        summaries,
        datetime.now(UTC),
        versions={task_id: task.exam_version for task_id, task in tasks.items()},
        titles=titles_of(tasks.values()),
        set_aside=set_aside(school.journal.lines()).union(aside),
        pseudonyms={name: learner for learner, name in pseudonyms_of(school).items()},
    )


def titles_of(tasks: Iterable[Task]) -> dict[str, str]:
    return {task.id: task.spec.title for task in tasks}


def results_that_count(results: Path, reckoned: Reckoned) -> dict[str, Result]:
    """Return the results that stand behind grades, by the path of their folder.

    Those that have disappeared meanwhile are left out.
    """
    wanted = set()
    for row in reckoned.gradebook.rows:
        wanted |= {grade.path for grade in row.grades.values() if grade.path}
    chosen = [summary for summary in reckoned.summaries if summary.path in wanted]
    found = store.load_some(results, chosen)
    return {f"{result.task.id}/{result.id}": result for result in found}


def by_the_rules(book: Gradebook, runs: Iterable[Run]) -> list[Run]:
    """Return the runs that boards show in a class, with the points that the rules leave of them.

    Of a learner's runs for a task of the course the one that counts stays, and the grader's own
    trouble, which is nobody's attempt. Other tasks and authors, such as references, stay as they
    are.
    """
    counted = grades_by_path(book)
    tasks = {task.id for task in book.tasks}
    strangers = {same_name(author) for author in book.unknown}
    shown = []
    for run in runs:
        summary = run.summary
        grade = counted.get(summary.path)
        if grade is not None:
            shown.append(with_points(run, grade))
        elif (
            summary.task not in tasks
            or same_name(summary.author) in strangers
            or summary.status == Status.GRADER_ERROR
        ):
            shown.append(run)
    return shown


def grades_by_path(book: Gradebook) -> dict[str, Grade]:
    """Return the grade that each result which counts came to; of a team's, its best one."""
    found: dict[str, Grade] = {}
    for row in book.rows:
        for grade in row.grades.values():
            other = found.get(grade.path)
            if grade.path and (other is None or (grade.points or 0) > (other.points or 0)):
                found[grade.path] = grade
    return found


def with_points(run: Run, grade: Grade) -> Run:
    """Return a run whose total is what the rules leave of it; its parts stay as they were."""
    if grade.points == run.summary.total:
        return run

    def whole(_: Summary) -> Result:
        result = run.result
        if result.score is None:
            return result
        score = result.score.model_copy(update={"total": grade.points})
        return result.model_copy(update={"score": score})

    return Run(run.summary._replace(total=grade.points), whole)

"""`grader assignment`: Notebooks with questions: make them, and give points by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from grader.classroom.assignments.build import Built
from grader.classroom.assignments.build import build as built
from grader.classroom.assignments.task_folder import task_files, task_id
from grader.classroom.class_folder import find_class, write_whole
from grader.classroom.marking import Mark, marked, read_sheet, sheet_of, store_marked
from grader.commands.options import DEFAULT_RESULTS, ClassOption, JsonOption, ResultsOption
from grader.commands.parts.console import console, print_json, say, warn
from grader.commands.parts.working_folder import working_folder
from grader.course.curriculum import Task, find_task, find_task_folder
from grader.errors import GraderError, UsageError
from grader.exams.notebook_questions.work import Work
from grader.grading.pipeline import rescore
from grader.grading.verifying import rehearse
from grader.records import Result
from grader.results import store
from grader.terminal import columns
from reports.pages.rubric import rubric_page

HELP_PLACE = ("Class", 5)

app = typer.Typer(
    name="assignment",
    help="Make a student notebook from one with solutions, and give points by hand.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.callback()
def assignment() -> None:
    """Make a student notebook from one with solutions, and give points by hand."""


@app.command("build")
def build(
    source: Annotated[Path, typer.Argument(help="A notebook in nbgrader's or otter's format.")],
    to: Annotated[Path, typer.Option("--to", help="Folder to write to.")] = Path("assignment"),
    try_it: Annotated[
        bool, typer.Option("--try/--no-try", help="Grade the source's own solutions by its tests.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Write student/ (what learners get), private/ (questions, tests, a page for rubrics), and the
    task that grades it.
    """
    found = built(source)
    files = task_files(source.stem, found.work, found.student, found.reference)
    write_whole(to / "student" / source.name, found.student)
    write_whole(to / "private" / "questions.json", found.questions_content())
    manual = [question for question in found.questions if question.is_manual]
    if manual:
        page = rubric_page(source.stem, manual)
        write_whole(to / "private" / "rubric.html", page.encode("utf-8", "replace"))
    task_folder = to / "tasks" / task_id(source.stem)
    for name, content in files.items():
        write_whole(task_folder / name, content)
    lost = tried(source.stem, found) if try_it and found.work.tests else []
    if as_json:
        return print_json(as_dict(found) | {"not_reached": lost})
    rows = []
    for question in found.questions:
        how = "by hand" if question.is_manual else "by tests"
        rows.append((question.id, f"{question.points:g}", how))
    columns(console(), ("question", "points", "graded"), rows)
    say(f"{len(found.questions)} questions, {found.points:g} points, read as {found.format}")
    warn(lost)
    say(f"Give away {to / 'student' / source.name}; keep the rest of {to} to yourself.", wrap=False)
    say(f"Graders find it with: export GRADER_TASKS={(to / 'tasks').resolve()}", wrap=False)


def tried(stem: str, found: Built) -> list[str]:
    """Return what trying the tests showed; trouble of our own, such as a busy machine, is told."""
    try:
        return points_lost(stem, found)
    except UsageError:
        raise
    except GraderError as error:
        return [f"the tests were not tried: {error}"]


def points_lost(stem: str, found: Built) -> list[str]:
    """Return a line for each test that the source's own solution does not pass.

    All tests count as public here, so that the reason is told.
    """
    steps = [step.model_copy(update={"shown": step.source}) for step in found.work.steps]
    work = found.work.model_copy(update={"steps": steps})
    with working_folder() as scratch:
        folder = scratch / "tasks" / task_id(stem)
        for name, content in task_files(stem, work, found.student, found.reference).items():
            write_whole(folder / name, content)
        task = find_task_folder(folder)
        outcome = rehearse(task.references[0], task, scratch / "reference")
        write_whole(folder / "imposter" / f"{stem}.ipynb", imposter(work, found.reference))
        empty = rehearse(folder / "imposter", task, scratch / "imposter")
    if outcome.failure is not None:
        return [f"the source's own solution cannot be graded: {outcome.failure.reason}"]
    lines = []
    for group in outcome.cases:
        if group.status not in ("pass", "by_hand"):
            why = " ".join(group.message.split())
            lines.append(
                f"{group.called}, {group.group}: the source's own solution gets {group.count}: "
                f"{why}. Mend the test, or grade the question by hand"
            )
    for group in empty.cases:
        if group.status == "pass":
            lines.append(
                f"{group.called}, {group.group}: passes as well where every answer is an empty "
                "array, of which all elements are right; let it compare the shape first"
            )
    return lines


# An array without numbers is equal to whatever it can be broadcast with, and all of its elements
# are right. So in front of the right answer's own shape stands a side of length zero: an answer of
# shape (0, 3) can be compared with one of (3,), where one of (0,) is refused.
IMPOSTER = """\
import numpy as np

def _hollow(right):
    def answer(*given, **named):
        if _inside:
            return right(*given, **named)
        shape = ()
        _inside.append(True)
        try:
            shape = np.shape(right(*given, **named) if callable(right) else right)
        except Exception:
            pass
        _inside.clear()
        return np.zeros((0, *shape))
    return answer if callable(right) else answer()

_inside = []
globals().update({{name: _hollow(globals().get(name)) for name in {names}}})
"""


def imposter(work: Work, reference: bytes) -> bytes:
    """Return a notebook that answers everything with an empty array.

    reference: the notebook with its solutions, which says what shape the right answers have.
    """
    names = list(dict.fromkeys(name for step in work.steps for name in step.names))
    notebook = json.loads(reference)
    cell = {"cell_type": "code", "id": "imposter", "source": IMPOSTER.format(names=names)}
    notebook["cells"].append(cell | {"metadata": {}, "execution_count": None, "outputs": []})
    return json.dumps(notebook).encode()


@app.command("sheet")
def sheet(
    task: Annotated[str, typer.Argument(help="Task id of the assignment.")],
    to: Annotated[Path, typer.Option("--to", help="File to write.")] = Path("marks.csv"),
    results: ResultsOption = DEFAULT_RESULTS,
) -> None:
    """Write a table for the points that a person gives: a row for each learner and question."""
    found = results_of(find_task(task), results)
    write_whole(to, sheet_of(found))
    say(
        f"Fill in the column `points` of {to}, then: grader assignment mark {task} {to}", wrap=False
    )


@app.command("mark")
def mark(
    task: Annotated[str, typer.Argument(help="Task id of the assignment.")],
    marks: Annotated[Path, typer.Argument(help="The table that `sheet` wrote, with points.")],
    results: ResultsOption = DEFAULT_RESULTS,
    class_folder: ClassOption = None,
) -> None:
    """Put the points of a table into the stored results; scores are computed anew."""
    chosen = find_task(task)
    school = find_class(class_folder)
    given, empty = read_sheet(marks)
    found = marked(results_of(chosen, results), given, chosen, rescore)
    store_marked(results, found)
    if school is not None:
        lines = [mark_line(each, task) for each in found.marks]
        school.journal.add_all(lines)
    say(f"{len(found.marks)} marks, {len(found.results)} results changed, {empty} rows without")


def mark_line(given: Mark, task: str) -> dict[str, Any]:
    """Return what the journal says of a mark."""
    return {
        "what": "mark",
        "task": task,
        "author": given.learner,
        "result": given.result,
        "question": given.question,
        "points": given.points,
        "why": given.comment,
    }


def results_of(task: Task, root: Path) -> list[Result]:
    """Return the results of an assignment as it is today. Raises UsageError for another task."""
    if task.spec.exam != "questions":
        raise UsageError(
            f"{task.id} is no notebook with questions; `grader assignment build` makes one"
        )
    found, _ = store.load_results(root, task.id)
    return [each for each in found if each.task.exam_version == task.exam_version]


def as_dict(found: Built) -> dict[str, object]:
    questions = [{"id": each.id, "points": each.points} for each in found.questions]
    return {"format": found.format, "points": found.points, "questions": questions}

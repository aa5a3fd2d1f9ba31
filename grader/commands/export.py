"""`grader export`: Write grades, or a task, as another system takes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from grader.classroom.class_folder import ClassFolder, need_class, write_whole
from grader.classroom.export_order import Listed, Order, all_exports
from grader.classroom.pseudonyms import make_pseudonyms
from grader.classroom.reckoning import Reckoned, reckon, results_that_count
from grader.classroom.roster import WHAT
from grader.classroom.tables import read_table
from grader.classroom.without_names import anonymous
from grader.commands.options import DEFAULT_RESULTS, ClassOption, ResultsOption, VerboseOption
from grader.commands.parts.console import console, say, warn
from grader.course.curriculum import find_task
from grader.errors import UsageError
from grader.records.gradebook import PlannedTask
from grader.results import store
from grader.spelling import no_such
from grader.terminal import columns

HELP_PLACE = ("Class", 2)

KindArgument = Annotated[
    str | None, typer.Argument(help="What to write (default: list what there is).")
]
TaskArgument = Annotated[
    str | None, typer.Argument(help="Task id; for grades, only this task (default: the course).")
]
IntoOption = Annotated[
    Path | None,
    typer.Option(
        "--into", help="A gradebook that the platform exported: its ids and columns stay."
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="NAME=VALUE, such as python=3.12; the export says what it takes."),
]


def export(
    kind: KindArgument = None,
    task: TaskArgument = None,
    to: Annotated[Path, typer.Option("--to", help="Folder to write to.")] = Path("export"),
    into: IntoOption = None,
    results: ResultsOption = DEFAULT_RESULTS,
    class_folder: ClassOption = None,
    is_anonymous: Annotated[
        bool, typer.Option("--anonymous", help="Pseudonyms in the place of names and ids.")
    ] = False,
    settings: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Write grades, or a task, as another system takes them."""
    found = all_exports()
    if kind is None:
        return columns(console(), ("export", "what"), [(e.name, e.about) for e in found.values()])
    if kind not in found:
        raise UsageError(no_such("export", kind, found, "`grader export` lists them"))
    chosen = found[kind]
    options = options_of(settings or [])
    if chosen.needs == "task":
        if task is None:
            raise UsageError(f"`grader export {kind}` is for one task; say which: {kind} TASK")
        order = Order(task=find_task(task), options=options)
    elif chosen.needs == "stored":
        order = order_for_results(kind, task, into, results, is_anonymous=is_anonymous)
    else:
        order = order_for_grades(
            chosen, task, into, results, class_folder, is_anonymous=is_anonymous
        )
    files = chosen.module.files_of(order)
    for name, content in files.items():
        write_whole(to / name, content)
    say_files(to, files)


def options_of(settings: list[str]) -> dict[str, str]:
    """Return NAME=VALUE pairs by name."""
    found = {}
    for each in settings:
        name, equals, value = each.partition("=")
        if not equals:
            raise UsageError(f"--set {each!r}: expected NAME=VALUE")
        found[name] = value
    return found


def order_for_results(
    kind: str, task: str | None, into: Path | None, results: Path, *, is_anonymous: bool
) -> Order:
    """Return every stored result, of one task or of all, by the path of its folder."""
    if into is not None or is_anonymous:
        raise UsageError(
            f"`grader export {kind}` writes every result as it is stored; --into and --anonymous "
            "are for grades"
        )
    if task is not None:
        find_task(task)
    found, broken = store.load_results(results, task)
    warn(broken)
    if not found:
        raise UsageError(f"no results in {results} yet; `grader run FOLDER` makes one")
    return Order(results={f"{each.task.id}/{each.id}": each for each in found})


def order_for_grades(
    chosen: Listed,
    task: str | None,
    into: Path | None,
    results: Path,
    class_folder: Path | None,
    *,
    is_anonymous: bool,
) -> Order:
    """Return the grades of a class as an export needs them."""
    school = need_class(class_folder, "grades need")
    reckoned = reckon(school, results)
    warn(reckoned.left_out)
    warn_of_unknown(reckoned)
    order = Order(
        gradebook=reckoned.gradebook,
        results=results_that_count(results, reckoned) if chosen.needs == "results" else {},
        chosen=chosen_tasks(school, reckoned, task),
        template=None if into is None else read_table(into, WHAT),
        template_name="" if into is None else str(into),
    )
    if not is_anonymous:
        return order
    if into is not None:
        raise UsageError("--anonymous and --into exclude each other: the platform's file has names")
    return anonymous(order, make_pseudonyms(school))


def chosen_tasks(
    school: ClassFolder, reckoned: Reckoned, task: str | None
) -> tuple[PlannedTask, ...]:
    """Return the tasks of the course, or the one that was asked for."""
    plan = reckoned.gradebook.tasks
    if not plan:
        raise UsageError(f"{school.path / 'course.toml'} has no [[tasks]]; add those of the course")
    if task is None:
        return plan
    found = tuple(each for each in plan if each.id == task)
    if not found:
        ids = [each.id for each in plan]
        raise UsageError(no_such("task of the course", task, ids, "course.toml lists them"))
    return found


def warn_of_unknown(reckoned: Reckoned) -> None:
    """Say whose results no learner on the roster gets."""
    unknown = reckoned.gradebook.unknown
    if unknown:
        shown = ", ".join(map(repr, unknown[:8]))
        warn([f"results by {len(unknown)} who are not on the roster are left out: {shown}"])


def say_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Say what was written: each file, or how many."""
    if len(files) > 8:
        say(f"wrote {len(files)} files to {folder}", wrap=False)
        return
    for name in files:
        say(f"wrote {folder / name}", wrap=False)

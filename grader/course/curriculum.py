"""Find, check and order the tasks.

A task is a folder. It is found in the course that comes with the grader and in every folder named
in GRADER_TASKS, so that adding one needs no edit elsewhere. Whatever is wrong with a task is said
when it is read, not when the first learner is graded.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from grader.course.dataset_file import DATASET_FILE, read_dataset_file
from grader.course.known_names import (
    GRADER,
    corruption_names,
    dataset_names,
    exam_names,
    metric_names,
)
from grader.course.own_place import own_names
from grader.course.task_file import STAGES, TaskSpec
from grader.course.told_about import tasks_about
from grader.course.versions import CODE_FILE, exam_version, score_version
from grader.errors import DataError, TaskError, UsageError
from grader.records import problems_in
from grader.spelling import no_such
from grader.text import cut

TASK_FILE = "task.toml"
MOST_NAME_BYTES = 255  # of a folder; a longer name is none to the system
SHOWN = 80  # characters of a name that is none
GUIDE = "docs/teach/writing-a-task.md"


@dataclass(frozen=True)
class Task:
    """One task of the course."""

    spec: TaskSpec  # its whole task.toml
    folder: Path
    exam_version: str  # 12 hexadecimal digits: what is asked; boards never mix these
    score_version: str  # 12 hexadecimal digits: how it is scored

    @property
    def id(self) -> str:
        return self.spec.id

    @property
    def starter(self) -> Path:
        return self.folder / "starter"

    @property
    def reference_folder(self) -> Path:
        """Return the folder of the task's references: its own, or the course's reference/."""
        own = self.folder / "reference"
        return own if own.is_dir() else course_folder("reference") / self.id

    @property
    def references(self) -> list[Path]:
        """Return the task's reference solutions, in name order."""
        visible = (
            path for path in self.reference_folder.glob("*") if path.name[0] not in ("_", ".")
        )
        return sorted(path for path in visible if path.is_dir())


def course_folder(name: str) -> Path:
    """Return the folder `tasks` or `reference`: installed beside this file, or the checkout's."""
    installed = GRADER / "course" / name
    return installed if installed.is_dir() else GRADER.parent / name


def task_parents() -> list[Path]:
    """Return the folders that hold task folders: the course, then those in GRADER_TASKS."""
    named = os.environ.get("GRADER_TASKS", "").split(os.pathsep)
    extra = [Path(part) for part in named if part]
    for folder in extra:
        if not folder.is_dir():
            raise UsageError(
                f"GRADER_TASKS names {folder}, which is not a folder; "
                "set it to folders that hold task folders"
            )
    return [course_folder("tasks"), *extra]


def task_folders() -> Iterator[Path]:
    """Yield every task folder, the course's first."""
    for parent in task_parents():
        for path in sorted(parent.glob(f"*/{TASK_FILE}")):
            yield path.parent


@cache
def load_task(folder: Path) -> Task:
    """Read and check one task folder; TaskError says what is wrong with which key."""
    path = folder / TASK_FILE
    spec = read_spec(path)
    if spec.id != folder.name:
        raise TaskError(
            f"{path} says id = {spec.id!r}, but its folder is called {folder.name!r}; rename one "
            "of them"
        )
    if spec.exam == "functions" and not (folder / CODE_FILE).is_file():
        raise TaskError(
            f"{folder} has exam = 'functions' but no {CODE_FILE} with the cases and the right "
            "answers"
        )
    task = Task(spec, folder, exam_version(spec, folder), score_version(spec))
    problems = list(unknown_names(task))
    if problems:
        raise wrong(path, problems)
    return task


def read_spec(path: Path) -> TaskSpec:
    """Read a task.toml and check everything that it can be wrong about by itself."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise TaskError(f"{path.parent} has no {TASK_FILE}; see {GUIDE}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TaskError(f"{path} is not valid TOML: {error}") from None
    try:
        return TaskSpec.model_validate(raw)
    except ValidationError as error:
        raise wrong(path, problems_in(error)) from None


def wrong(path: Path, problems: Iterable[str]) -> TaskError:
    """Return one error about everything that is wrong with a task.toml."""
    return TaskError(f"{path}: {'; '.join(problems)}. {GUIDE} explains every key.")


def unknown_names(task: Task) -> Iterator[str]:
    """Yield a problem for each name in a task.toml that stands for nothing."""
    spec = task.spec
    if spec.exam not in exam_names():
        yield f"exam: {no_such('exam', spec.exam, exam_names())}"
        return  # nothing is known of the metrics of such an exam
    metrics = metric_names(spec.exam)
    # A task that names no metric gets the default, which means nothing to exams that score cases.
    names_metric = "metric" in spec.scoring.model_fields_set
    if names_metric and metrics and spec.scoring.metric not in metrics:
        kind = f"metric of exam {spec.exam!r}"
        yield f"scoring.metric: {no_such(kind, spec.scoring.metric, metrics)}"
    yield from dataset_problems(task)
    for name in spec.probes.corruptions:
        if name not in corruption_names():
            yield f"probes.corruptions: {no_such('corruption', name, corruption_names())}"
    references = [path.name for path in task.references]
    if spec.par and spec.par not in references:
        where = f"reference in {task.reference_folder}"
        yield f"par: {no_such(where, spec.par, references)}"


def dataset_problems(task: Task) -> Iterator[str]:
    """Yield what is wrong with the data set that a task names, or with the one in its folder."""
    name = task.spec.dataset
    if (task.folder / DATASET_FILE).is_file():
        own = read_dataset_file(task.folder / DATASET_FILE)
        if own.name in dataset_names():
            yield f"dataset: {own.name!r} is a data set of the course; call yours otherwise"
        if own.name != name:
            yield f"dataset: it is {name!r}, but {DATASET_FILE} beside it is called {own.name!r}"
    known = [*dataset_names(), *own_names(task.folder)]
    if name and name not in known:
        yield f"dataset: {no_such('data set', name, known)}"


def all_tasks() -> list[Task]:
    """Return every task that can be graded, in the order of the course.

    One that is broken is left out, so that it stops no other; `broken_tasks` says what is wrong
    with it, and so does `find_task`. UsageError if GRADER_TASKS names something that is not a
    folder.

    >>> import grader
    >>> [task.id for task in grader.all_tasks()][:3]
    ['matrices', 'derivatives', 'hunt-slopes']
    """
    return survey()[0]


def broken_tasks() -> list[str]:
    """Return what is wrong with tasks, a line for each trouble; empty if nothing is."""
    return survey()[1]


def survey() -> tuple[list[Task], list[str]]:
    """Return the tasks that can be graded, and what is wrong with the others."""
    tasks: dict[str, Task] = {}
    problems = []
    for folder in task_folders():
        try:
            task = load_task(folder)
        except (TaskError, DataError) as error:
            problems.append(str(error))
            continue
        if task.id in tasks:
            problems.append(
                f"two tasks are called {task.id!r}: {tasks[task.id].folder} and {task.folder}; "
                "the first one is used, so rename one of them"
            )
        else:
            tasks[task.id] = task
    for task in tasks.values():
        for need in task.spec.needs:
            if need not in tasks:
                problems.append(
                    f"task {task.id!r} needs {need!r}, but {no_such('task', need, tasks)}"
                )
    return sorted(tasks.values(), key=place_in_course), problems


def place_in_course(task: Task) -> tuple[int, str, float, str]:
    """Sort key: the course's stages in their order, then stages of somebody's own by name."""
    stage = task.spec.stage
    number = STAGES.index(stage) if stage in STAGES else len(STAGES)
    return number, stage, task.spec.order, task.id


def find_task_folder(folder: Path) -> Task:
    """Return the task in a folder, wherever it lies.

    UsageError if there is none; TaskError or DataError if it is broken.
    """
    if not (folder / TASK_FILE).is_file():
        raise UsageError(
            f"{folder} has no {TASK_FILE}, so it is no task; `grader task new NAME` makes one"
        )
    return load_task(folder.resolve())


def find_task(task_id: str) -> Task:
    """Return one task by its id.

    UsageError if there is none, with the nearest ids and the tasks that speak of it; TaskError if
    its folder is broken.

    >>> import grader
    >>> task = grader.find_task("digits")
    >>> task.spec.title, task.spec.exam, task.spec.scoring.metric
    ('Handwritten digits, 8 by 8', 'classification', 'accuracy')
    """
    is_one_name = 0 < len(os.fsencode(task_id)) <= MOST_NAME_BYTES and "/" not in task_id
    for parent in task_parents():
        folder = parent / task_id
        if is_one_name and (folder / TASK_FILE).is_file():
            return load_task(folder)
    known = [folder.name for folder in task_folders()]
    if task_id.lower() != task_id and task_id.lower() in known:
        return find_task(task_id.lower())
    listing = "`grader tasks` lists all of them"
    about = tasks_about(task_id, task_folders())
    if about:
        listing = f"Tasks that speak of it: {', '.join(about)}. {listing}"
    raise UsageError(no_such("task", cut(task_id, SHOWN), known, listing))

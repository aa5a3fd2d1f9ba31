"""Find, validate and order the tasks. All numbers of a task live in its task.toml; this says what
may stand there.

A task is a folder. It is found in the course that comes with the grader and in every folder named
in GRADER_TASKS, so that adding one needs no edit elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from grader.errors import TaskError, UsageError

GRADER = Path(__file__).resolve().parent.parent
TASK_FILE = "task.toml"
STAGES = (
    "foundations",
    "networks",
    "convolution",
    "recurrence",
    "attention",
    "generation",
    "responsible",
)
CORRUPTIONS = (
    "noise",
    "blur",
    "contrast",
    "brightness",
    "shift",
    "occlusion",
)  # see grader/exams/checks/corruptions.py
ADDED_LATER = (
    "data",
    "probes",
    "hunt",
)  # tables that do not count in a version while they ask for nothing
Positive = Annotated[float, Field(gt=0)]


class Table(BaseModel):
    """A table of task.toml: unknown keys are an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LimitsTable(Table):
    """What a submission to this task may use."""

    memory_mib: Annotated[int, Field(ge=64)] = 2048
    cores: Annotated[int, Field(ge=1)] = 1
    processes: Annotated[int, Field(ge=8)] = 128
    submission_mib: Positive = 5
    weights_mib: Annotated[float, Field(ge=0)] = 0  # 0: trained weights are not allowed
    load_seconds: Positive = 60
    call_seconds: Positive = 10


class BudgetTable(Table):
    """Seconds a submission may train, per device."""

    cpu_seconds: Positive
    gpu_seconds: Positive | None = None


class DataTable(Table):
    """What part of the data set a submission is given."""

    per_class: Annotated[int, Field(ge=0)] = (
        0  # training examples of each class, drawn in each run; 0: all
    )


class ProbesTable(Table):
    """What else a classifier is measured by."""

    corruptions: list[Literal[CORRUPTIONS]] = Field(default_factory=list)  # type: ignore[valid-type]

    @model_validator(mode="after")
    def each_once(self) -> ProbesTable:
        if len(set(self.corruptions)) < len(self.corruptions):
            raise ValueError(f"corruptions names one twice: {', '.join(self.corruptions)}")
        return self


class HuntTable(Table):
    """What a classifier's answers must not show: the mistake in a bug hunt's starter; see
    grader/doctor/hunt.py.
    """

    absent: list[str] = Field(
        default_factory=list
    )  # codes of the doctor's catalogue; the first has the hints
    at_most: dict[str, float] = Field(
        default_factory=dict
    )  # what the doctor measures -> the most it may be


class PointsTable(Table):
    """How many of the 100 points each part can bring."""

    accuracy: Annotated[float, Field(ge=0)] = 100
    speed: Annotated[float, Field(ge=0)] = 0
    memory: Annotated[float, Field(ge=0)] = 0

    @model_validator(mode="after")
    def sum_to_hundred(self) -> PointsTable:
        if abs(self.accuracy + self.speed + self.memory - 100) > 1e-9:
            raise ValueError(
                f"accuracy, speed and memory sum to {self.accuracy + self.speed + self.memory}, not 100"
            )
        return self


class AuditTable(Table):
    """How much accuracy may be lost in the questions after the timed phase, before a person should
    look.
    """

    max_gap: Annotated[float, Field(ge=0)] = (
        0.003  # on changed copies, beyond twice the errors on the originals
    )
    max_drop: Annotated[float, Field(ge=0)] = (
        0.05  # when asked again, in other batches, or trained again
    )


class ScoringTable(Table):
    """From the metric to points. Changing this rescores; it never asks for a new run."""

    metric: str = "accuracy"
    better: Literal["higher", "lower"] = "higher"  # which metrics are better
    curve: list[tuple[float, float]]  # (metric, share of the accuracy points), metrics ascending
    gate: float  # worse than it, the verdict is below_target and speed and memory bring nothing
    points: PointsTable = PointsTable()
    audit: AuditTable = AuditTable()
    groups: dict[str, float] = Field(default_factory=dict)  # functions: "function/group" -> weight

    @model_validator(mode="after")
    def curve_is_monotonous(self) -> ScoringTable:
        xs, ys = [x for x, _ in self.curve], [y for _, y in self.curve]
        rising = ys if self.better == "higher" else ys[::-1]
        if (
            len(xs) < 2
            or xs != sorted(set(xs))
            or rising != sorted(ys)
            or min(ys) < 0
            or rising[-1] != 1
        ):
            way = (
                "ascending, the last share 1"
                if self.better == "higher"
                else "descending, the first share 1"
            )
            raise ValueError(
                f"curve needs two or more points [metric, share], metrics ascending, shares {way}"
            )
        return self

    def reaches_gate(self, value: float) -> bool:
        """Whether a metric is as good as the gate or better."""
        return value >= self.gate - 1e-12 if self.better == "higher" else value <= self.gate + 1e-12


class TaskSpec(Table):
    """A whole task.toml."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: str
    about: str  # one sentence for lists
    stage: Literal[STAGES]  # type: ignore[valid-type]
    order: float  # place within the curriculum
    needs: list[str] = Field(default_factory=list)
    exam: str
    dataset: str = ""
    par: str = ""  # the reference that speed and memory are measured against
    classes: int = 0
    batch: int = 256  # inputs in one request of the throughput phase
    context: int = 0  # language: how many characters a model is shown at once
    limits: LimitsTable = LimitsTable()
    budget: BudgetTable | None = None
    data: DataTable = DataTable()
    probes: ProbesTable = ProbesTable()
    hunt: HuntTable = HuntTable()
    tolerance: dict[str, tuple[float, float]] = Field(
        default_factory=dict
    )  # dtype -> relative, absolute
    scoring: ScoringTable
    hints: dict[str, str] = Field(
        default_factory=dict
    )  # verdict, "score<80" or a function's name -> a sentence

    @model_validator(mode="after")
    def only_classifiers_are_probed(self) -> TaskSpec:
        asked = [name for name in ADDED_LATER if getattr(self, name) != type(getattr(self, name))()]
        if asked and self.exam != "classification":
            raise ValueError(
                f"[{asked[0]}] is for exam = 'classification'; this task has exam = {self.exam!r}"
            )
        return self


@dataclass(frozen=True)
class Task:
    """One task of the curriculum."""

    spec: TaskSpec
    folder: Path
    exam_version: str
    score_version: str

    @property
    def id(self) -> str:
        return self.spec.id

    @property
    def starter(self) -> Path:
        return self.folder / "starter"

    @property
    def reference_folder(self) -> Path:
        """Return where the task's references are: in the task's own folder, or in the course's
        reference/.
        """
        own = self.folder / "reference"
        return own if own.is_dir() else course_folder("reference") / self.id

    @property
    def references(self) -> list[Path]:
        """Return the task's reference solutions, in name order."""
        found = self.reference_folder.glob("*")
        return sorted(
            path for path in found if path.is_dir() and not path.name.startswith(("_", "."))
        )


def course_folder(name: str) -> Path:
    """Return the folder `tasks` or `reference`: installed beside this file, or the checkout's."""
    installed = GRADER / "course" / name
    return installed if installed.is_dir() else GRADER.parent / name


def task_folders() -> list[Path]:
    """Return the folders that hold task folders: the course, then those in GRADER_TASKS."""
    extra = [Path(part) for part in os.environ.get("GRADER_TASKS", "").split(os.pathsep) if part]
    for folder in extra:
        if not folder.is_dir():
            raise UsageError(
                f"GRADER_TASKS names {folder}, which is not a folder; give folders that hold task folders"
            )
    return [course_folder("tasks"), *extra]


@cache
def load_task(folder: Path) -> Task:
    """Read and validate one task folder; TaskError says what is wrong with which key."""
    path = folder / TASK_FILE
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise TaskError(f"{folder} has no {TASK_FILE}; see docs/teach/writing-a-task.md") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TaskError(f"{path} is not valid TOML: {error}") from None
    try:
        spec = TaskSpec.model_validate(raw)
    except ValidationError as error:
        problems = [
            f"{'.'.join(map(str, item['loc'])) or 'the file'}: {item['msg']}"
            for item in error.errors()
        ]
        raise TaskError(
            f"{path}: {'; '.join(problems)}. docs/teach/writing-a-task.md lists every key."
        ) from None
    if spec.id != folder.name:
        raise TaskError(
            f"{path} says id = {spec.id!r}, but its folder is called {folder.name!r}; make them equal"
        )
    if spec.exam == "functions" and not (folder / "task.py").is_file():
        raise TaskError(
            f"{folder} has exam = 'functions' but no task.py with the cases and the right answers"
        )
    return Task(
        spec, folder, exam_version(spec, folder), digest(spec.scoring.model_dump(mode="json"))
    )


def exam_version(spec: TaskSpec, folder: Path) -> str:
    """Hash what decides what is asked and measured; not the lesson, the starter, the hints or the
    scoring.
    """
    asked = spec.model_dump(
        mode="json", exclude={"title", "about", "stage", "order", "needs", "scoring", "hints"}
    )
    for name in ADDED_LATER:
        table: Table = getattr(spec, name)
        if table == type(table)():
            del asked[name]
    code = folder / "task.py"
    return digest([asked, code.read_text("utf-8") if code.is_file() else ""])


def digest(value: Any) -> str:
    """Return 12 hexadecimal digits that change when the value does."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]


def all_tasks() -> list[Task]:
    """Return every task in the order of the curriculum."""
    tasks: dict[str, Task] = {}
    for parent in task_folders():
        for path in sorted(parent.glob(f"*/{TASK_FILE}")):
            task = load_task(path.parent)
            if task.id in tasks:
                raise TaskError(
                    f"two tasks are called {task.id!r}: {tasks[task.id].folder} and {task.folder}"
                )
            tasks[task.id] = task
    for task in tasks.values():
        for need in task.spec.needs:
            if need not in tasks:
                raise TaskError(
                    f"task {task.id!r} needs {need!r}, which does not exist; there is {', '.join(tasks)}"
                )
    return sorted(
        tasks.values(), key=lambda task: (STAGES.index(task.spec.stage), task.spec.order, task.id)
    )


def find_task(task_id: str) -> Task:
    """Return one task by id; UsageError names the nearest ones."""
    for parent in task_folders():
        folder = parent / task_id
        if task_id and "/" not in task_id and (folder / TASK_FILE).is_file():
            return load_task(folder)
    known = [
        path.parent.name
        for parent in task_folders()
        for path in sorted(parent.glob(f"*/{TASK_FILE}"))
    ]
    import difflib

    near = difflib.get_close_matches(task_id, known, n=2)
    meant = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
    raise UsageError(
        f"there is no task {task_id!r}; `grader tasks` lists them: {', '.join(known)}.{meant}"
    )

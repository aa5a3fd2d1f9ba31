"""The values that travel through the grader and come to rest in result.json.

What is stored is a pydantic model; docs/results-format.md says what each field means, and a test holds
the two together. Units are in the names or in `Measured.unit`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Status(StrEnum):
    """How a graded run ended. The order is the order of display: our own trouble first."""

    GRADER_ERROR = "grader_error"
    ACCEPTED = "accepted"
    BELOW_TARGET = "below_target"
    TIME_LIMIT_EXCEEDED = "time_limit_exceeded"
    MEMORY_LIMIT_EXCEEDED = "memory_limit_exceeded"
    RUNTIME_ERROR = "runtime_error"
    INVALID_SUBMISSION = "invalid_submission"
    FLAGGED = "flagged"


class Tier(StrEnum):
    """How strong the isolation was, strongest first."""

    GVISOR = "gvisor"
    CONTAINER = "container"
    PROCESS = "process"


@dataclass(frozen=True)
class Failure:
    """Why a submission could not be graded to the end: a value, never an exception of ours."""

    status: Status
    code: str  # short and stable, for programs: "protocol", "not_finite", "deadline" ...
    reason: str  # for people: found, expected, what to do


@dataclass(frozen=True)
class Submission:
    """What a learner handed in, opened, checked and copied to a folder of our own."""

    folder: Path  # regular files only, the grader's private copy
    file: str  # the file to import or run, relative to the folder
    task_id: str
    author: str
    name: str
    sha256: str  # of all files, names and contents
    source: str  # "folder", "notebook", "script" or "zip"
    notes: tuple[str, ...] = ()  # what was skipped or assumed, for the learner
    made: str = ""  # a script the grader made of a notebook: run, but not handed in


class Record(BaseModel):
    """Base of everything stored: unknown fields are an error, and nothing changes after it is made."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Measured(Record):
    """One observed figure. `low` and `high` bound it at 95 %, or are the quartiles where `spread` says so."""

    value: float
    low: float | None = None
    high: float | None = None
    n: int = 1  # how many observations stand behind it
    unit: str
    spread: Literal["95% interval", "quartiles", ""] = ""
    source: str = ""  # how it was observed, where that is not the same everywhere
    noisy: bool = False  # the quartiles are further apart than 10 % of the median


class CaseGroup(Record):
    """One group of cases of a function task."""

    function: str
    group: str
    status: Literal["pass", "fail", "not_attempted", "error"]
    cases: int
    passed: int
    message: str = ""  # the first failure: input, expected, received
    hint: str = ""  # the mistake this looks like, where one was recognised


class Score(Record):
    """Points, computed from measurements and the task's scoring alone."""

    total: float
    accuracy: float
    speed: float
    memory: float
    max_accuracy: float
    max_speed: float
    max_memory: float


class Verdict(Record):
    """What became of the run."""

    status: Status
    reason: str = ""
    code: str = ""


class SubmissionRecord(Record):
    """What was handed in, as far as a board needs it."""

    author: str
    name: str
    sha256: str
    source: str
    file: str
    notes: list[str] = Field(default_factory=list)
    reported: dict[str, Any] = Field(default_factory=dict)  # said by the runner; shown, never scored


class TaskRecord(Record):
    """Which task, in which version."""

    id: str
    title: str
    exam: str
    metric: str
    better: Literal["higher", "lower"] = "higher"  # which metrics are better
    exam_version: str  # data, budget, limits, what is asked: boards never mix these
    score_version: str  # curve, gate, points: changes by rescoring


class MachineRecord(Record):
    """The computer a figure was measured on."""

    id: str  # hash of what below decides speed
    cpu: str
    cores: int
    memory_bytes: int
    system: str
    python: str
    gpu: str = ""
    load_average: float | None = None


class Result(Record):
    """One graded run, for ever readable."""

    schema_version: Literal[1] = 1
    id: str
    created_at: datetime
    grader_version: str
    task: TaskRecord
    submission: SubmissionRecord
    tier: Tier
    device: str = "cpu"
    image: str = ""
    machine: MachineRecord
    verdict: Verdict
    score: Score | None  # None: the grader's own trouble, never a zero
    measurements: dict[str, Measured] = Field(default_factory=dict)
    cases: list[CaseGroup] = Field(default_factory=list)
    par: dict[str, Measured] = Field(default_factory=dict)  # the same figures of the task's reference
    notes: list[str] = Field(default_factory=list)
    elapsed_seconds: float = 0.0


@dataclass
class Observation:
    """What an exam saw. Everything a score rests on is in here."""

    measurements: dict[str, Measured]
    cases: list[CaseGroup]
    arrays: dict[str, Any]  # raw answers, kept so that a metric can be computed again
    failure: Failure | None = None
    par: dict[str, Measured] | None = None
    reported: dict[str, Any] | None = None
    notes: tuple[str, ...] = ()

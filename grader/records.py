"""The values that travel through the grader and come to rest in result.json.

What is stored is a pydantic model; docs/measure/results-format.md says what each field means, and a test
holds the two together. Units are in the names or in `Measured.unit`.
"""

from __future__ import annotations

import hashlib
import html
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, field_validator


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
    network: str = (
        ""  # what its author calls the architecture, to find the same one in another framework
    )
    lines: int = 0  # of the file, neither blank nor comments


class Record(BaseModel):
    """Base of everything stored: unknown fields are an error, and nothing changes after it is
    made.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


class Measured(Record):
    """One observed figure. `low` and `high` bound it at 95 %, or are the quartiles where `spread`
    says so.
    """

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
    status: Literal["pass", "fail", "not_attempted", "error", "skipped"]
    cases: int
    passed: int
    message: str = ""  # the smallest failure: input, expected, received
    hint: str = ""  # the mistake this looks like, where one was recognised


Severity = Literal["essential", "actionable", "informative", "celebratory"]


class Diagnosis(Record):
    """One likely mistake. Nothing in it touches a score."""

    code: str  # the entry of the catalogue
    text_id: str  # of the title; signs and hints have their own below it, for translations
    title: str
    severity: Severity
    likelihood: Literal["likely", "possible"] = (
        "likely"  # possible: a second candidate beside a likely one
    )
    because: list[str] = Field(default_factory=list)  # the signs, with this run's own numbers
    where: str = ""  # "solution.py:41", where the source shows a place
    params: dict[str, float] = Field(
        default_factory=dict
    )  # the numbers that the texts show, by name


@dataclass(frozen=True)
class Advice:
    """What a rehearsal says of one thing it looked at. Not stored: a rehearsal is no result."""

    about: str  # "loss at chance"
    status: Literal["pass", "advice", "skip"]
    # what was found; where it is advice, what was expected and what to do; where it is skipped, why
    says: str


class Score(Record):
    """Points, computed from measurements and the task's scoring alone."""

    total: float
    accuracy: float
    speed: float
    memory: float
    max_accuracy: float
    max_speed: float
    max_memory: float
    capped: str = ""  # why the points for the metric are fewer than the measured figure would bring


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
    reported: dict[str, Any] = Field(
        default_factory=dict
    )  # said by the runner; shown, never scored
    network: str = ""  # what its author calls the architecture; shown, never scored
    lines: int = 0  # of the file, neither blank nor comments


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
    par: dict[str, Measured] = Field(
        default_factory=dict
    )  # the same figures of the task's reference
    notes: list[str] = Field(default_factory=list)
    diagnoses: list[Diagnosis] = Field(
        default_factory=list
    )  # mistakes it looks like; they touch no score
    elapsed_seconds: float = 0.0

    def _repr_html_(self) -> str:
        """What a notebook shows of a result."""
        return as_html(self)

    @property
    def moment(self) -> datetime:
        """When it was made, comparable with any other: no zone means UTC."""
        made = self.created_at
        if made.tzinfo is UTC:
            return made
        return made.replace(tzinfo=UTC) if made.tzinfo is None else made.astimezone(UTC)

    @field_validator("created_at")
    @classmethod
    def in_utc(cls, made: datetime) -> datetime:
        """Keep times in Python's own UTC: thousands of them are compared for a board, and that is
        quick.
        """
        return made.astimezone(UTC) if made.tzinfo is not None else made

    def summary(self, path: str) -> Summary:
        """Return what decides where this result stands; `path` says where it is."""
        metric = self.measurements.get(self.metric_key)
        sign = 1 if self.task.better == "higher" else -1
        named = self.submission.reported.get("framework")
        return Summary(
            path=path,
            stamp="",
            mark=self.mark,
            task=self.task.id,
            id=self.id,
            exam_version=self.task.exam_version,
            tier=self.tier.value,
            device=self.device,
            author=self.submission.author,
            status=self.verdict.status.value,
            total=None if self.score is None else self.score.total,
            value=None if metric is None else sign * metric.value,
            created=self.moment.timestamp(),
            seconds=self.elapsed_seconds,
            framework=named if isinstance(named, str) else "",
            network=self.submission.network,
        )

    @property
    def mark(self) -> str:
        """24 hexadecimal digits that two different runs do not share, and that change when one is
        scored anew.
        """
        submission, score, verdict = self.submission, self.score, self.verdict
        texts = (
            self.task.id, self.id, self.task.exam_version, self.task.score_version, submission.author,
            submission.name, submission.sha256, str(self.created_at), verdict.status.value, verdict.code,
            verdict.reason, "" if score is None else repr(score.total),
        )  # fmt: skip
        return hashlib.sha256(repr(texts).encode("utf-8", "surrogatepass")).hexdigest()[:24]

    @property
    def metric_key(self) -> str:
        """The name of the measurement that the task is graded by; a function task's is the share of
        its cases.
        """
        metric = self.task.metric
        return (
            "cases" if metric not in self.measurements and "cases" in self.measurements else metric
        )


class Summary(NamedTuple):
    """What decides where a result stands. `value` is the metric, its sign turned where lower is
    better.
    """

    path: str  # "task/result id", as its folders are named
    stamp: str  # changes when its result.json does; empty for one that was not looked up in a store
    mark: str  # see `Result.mark`
    task: str
    id: str
    exam_version: str
    tier: str
    device: str
    author: str
    status: str
    total: float | None
    value: float | None
    created: float  # seconds since 1970
    seconds: float  # that grading took
    framework: str  # as the runner reported it
    network: str


class Mistake(Record):
    """One hidden input that was answered wrong, with confidence."""

    truth: int  # index into `Details.classes`
    answer: int
    confidence: float  # share of the answer in the normalised scores
    picture: str = ""  # PNG, base64
    text: str = ""  # of a text, its beginning


class Bin(Record):
    """Answers of about the same confidence, for the calibration curve."""

    confidence: float  # their mean
    accuracy: float
    n: int


class PhaseMemory(Record):
    """The peak of the box's memory as it stood at the end of one phase."""

    phase: str
    bytes: float


Number = float | Literal["nan", "inf", "-inf"]  # JSON has no number for the others


class Answer(Record):
    """A small array that a function returned for the failing case that is told, beside the right
    one.
    """

    function: str
    group: str
    name: str = ""  # of the value, where the function returns several
    target_shape: list[int]
    yours_shape: list[int]
    target: list[list[Number]]  # rows of numbers: one row for an array of one axis
    yours: list[list[Number]]
    wrong: list[tuple[int, int]] = Field(
        default_factory=list
    )  # row and column of each wrong element; none: of all


class Sample(Record):
    """A text that was written on from a prompt."""

    prompt: str
    written: str
    copied: list[tuple[int, int]] = Field(default_factory=list)  # places in `written`: start, end


class LossCurve(Record):
    """The losses of a training as the submission told them: nobody checked them. Evidence, never a
    score.
    """

    losses: list[Number]  # at most 1,000, evenly spread, the first and the last among them
    places: list[int]  # which of all losses these are, from 1
    noted: int  # how many there were
    source: Literal[
        "gradients", "epochs", "logged"
    ]  # found where gradients were asked for, of fit, from data.log
    steps: int | None = None  # of optimizers, where they were seen
    measured: float | None = (
        None  # by the grader: cross-entropy of the model's answers to training examples
    )


class Details(Record):
    """What a page shows of one run beside its figures. Nothing in it is scored; of a private set it
    shows no input.
    """

    schema_version: Literal[1] = 1
    classes: list[str] = Field(default_factory=list)
    confusion: list[list[int]] = Field(
        default_factory=list
    )  # a row a true class, a column an answer
    calibration: list[Bin] = Field(default_factory=list)
    mistakes: list[Mistake] = Field(default_factory=list)  # the most confident ones
    latency_curve: list[float] = Field(
        default_factory=list
    )  # 101 percentiles of one-input calls, seconds
    par_latency_curve: list[float] = Field(default_factory=list)
    memory: list[PhaseMemory] = Field(default_factory=list)
    made: str = ""  # PNG, base64: a grid of made pictures
    real: str = ""  # the same of training pictures
    samples: list[Sample] = Field(default_factory=list)
    answers: list[Answer] = Field(
        default_factory=list
    )  # of functions: wrong ones beside the right ones
    reported: LossCurve | None = None


def as_html(result: Result) -> str:
    """Return a result as a small table for a notebook. Every text in it is escaped, and isolated in
    its direction.
    """

    def shown(text: str, characters: int = 60) -> str:
        kept = "".join(
            each if each.isprintable() else " " for each in unicodedata.normalize("NFKC", text)
        )
        kept = kept if len(kept) <= characters else kept[: characters - 1] + "…"
        return f"<bdi>{html.escape(kept)}</bdi>"

    verdict, score = result.verdict, result.score
    head = f"{verdict.status.value.replace('_', ' ')}"
    points = f", {score.total:.1f} of 100 points" if score is not None else ""
    rows = [("task", shown(result.task.title)), ("author", shown(result.submission.author))]
    rows += [("reason", shown(verdict.reason, 400))] if verdict.reason else []
    if score is not None:
        parts = (
            ("accuracy", score.max_accuracy),
            ("speed", score.max_speed),
            ("memory", score.max_memory),
        )
        rows += [
            (f"{name} points", f"{getattr(score, name):.1f} of {most:.0f}")
            for name, most in parts
            if most
        ]
    rows += [
        (shown(name), shown(f"{figure.value:.4g} {figure.unit}"))
        for name, figure in result.measurements.items()
    ]
    cells = "".join(
        f"<tr><th style='text-align:left'>{name}</th><td>{value}</td></tr>" for name, value in rows
    )
    return f"<table><caption><b>{html.escape(head)}</b>{points}</caption>{cells}</table>"


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
    details: Details | None = None
    diagnoses: tuple[Diagnosis, ...] = ()

"""One graded run, and the few values of it that decide where it stands."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal, NamedTuple

from pydantic import Field, field_validator

from grader.records.findings import CaseGroup, Diagnosis, Measured
from grader.records.notebook_view import result_view
from grader.records.record import Record
from grader.records.submission import SubmissionRecord
from grader.records.verdict import Score, Verdict

# The note of a result whose training was stopped when its budget was over.
STOPPED_NOTE = (
    "the training was stopped at the end of its budget; the model was graded as it stood then"
)


class Tier(StrEnum):
    """How strong the isolation was, strongest first."""

    GVISOR = "gvisor"
    CONTAINER = "container"
    PROCESS = "process"


# Between an exam version and the fingerprint of a private hidden part: other inputs are asked then,
# in the same way.
PRIVATE = "+"


def private_version(version: str, fingerprint: str) -> str:
    """Return the version of an exam that asks a private hidden part."""
    return f"{version}{PRIVATE}{fingerprint}"


def published_version(version: str) -> str:
    """Return the version of the same exam with the published hidden part."""
    return version.partition(PRIVATE)[0]


def private_part(version: str) -> str:
    """Return the fingerprint of the private hidden part that an exam asks; empty without one."""
    return version.partition(PRIVATE)[2]


class TaskRecord(Record):
    """Which task, in which version."""

    id: str
    title: str
    exam: str
    metric: str
    better: Literal["higher", "lower"] = "higher"  # which values of the metric are better
    exam_version: str  # data, budget, limits, what is asked: boards never mix these
    score_version: str  # curve, gate, points: changes by rescoring


class MachineRecord(Record):
    """The computer a figure was measured on."""

    id: str  # hash of those fields below that decide speed
    cpu: str
    cores: int
    memory_bytes: int
    system: str
    python: str
    gpu: str = ""
    load_average: float | None = None
    node: str = ""  # its name, where an engine spread a batch over several computers


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
    measurements: dict[str, Measured] = Field(default_factory=dict)  # by the ids in measures.py
    cases: list[CaseGroup] = Field(default_factory=list)
    par: dict[str, Measured] = Field(default_factory=dict)  # the same figures of the reference
    notes: list[str] = Field(default_factory=list)
    diagnoses: list[Diagnosis] = Field(default_factory=list)  # they touch no score
    elapsed_seconds: float = 0.0

    def _repr_html_(self) -> str:
        """What a notebook shows of a result."""
        return result_view(self)

    @field_validator("created_at")
    @classmethod
    def in_utc(cls, made: datetime) -> datetime:
        """Keep times in Python's own UTC: a board compares thousands of them, and so it is fast."""
        return made.astimezone(UTC) if made.tzinfo is not None else made

    @property
    def moment(self) -> datetime:
        """When it was made, comparable with any other: no zone means UTC."""
        made = self.created_at
        if made.tzinfo is UTC:
            return made
        if made.tzinfo is None:
            return made.replace(tzinfo=UTC)
        return made.astimezone(UTC)

    @property
    def was_stopped(self) -> bool:
        """Whether the training was stopped at the end of its budget."""
        return STOPPED_NOTE in self.notes

    @property
    def metric_key(self) -> str:
        """The id of the measurement that the task is graded by.

        Function tasks are graded by the share of their cases, whatever the metric is called.
        """
        metric = self.task.metric
        if metric not in self.measurements and "cases" in self.measurements:
            return "cases"
        return metric

    @property
    def metric(self) -> Measured | None:
        """The measurement that the task is graded by; None where it was not measured."""
        return self.measurements.get(self.metric_key)

    @property
    def mark(self) -> str:
        """24 hexadecimal digits that no two runs share and that change when one is rescored."""
        texts = (
            self.task.id,
            self.id,
            self.task.exam_version,
            self.task.score_version,
            self.submission.author,
            self.submission.name,
            self.submission.sha256,
            str(self.created_at),
            self.verdict.status.value,
            self.verdict.code,
            self.verdict.reason,
            "" if self.score is None else repr(self.score.total),
        )
        return hashlib.sha256(repr(texts).encode("utf-8", "surrogatepass")).hexdigest()[:24]

    def summary(self, path: str) -> Summary:
        """Return what decides where this result stands; `path` says where it is kept."""
        sign = 1 if self.task.better == "higher" else -1
        framework = self.submission.reported.get("framework")
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
            value=None if self.metric is None else sign * self.metric.value,
            created=self.moment.timestamp(),
            seconds=self.elapsed_seconds,
            framework=framework if isinstance(framework, str) else "",
            network=self.submission.network,
            sha256=self.submission.sha256,
            submitted=self.handed_in,
            is_late=float(self.submission.is_late),
        )

    @property
    def handed_in(self) -> float | None:
        """When it was handed in, in seconds since 1970; None where nobody knows."""
        moment = self.submission.submitted_at
        return None if moment is None else moment.timestamp()


class Summary(NamedTuple):
    """What decides where a result stands: a row of the index beside the store."""

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
    value: float | None  # of the metric; negative where lower is better, so that more is better
    created: float  # seconds since 1970
    seconds: float  # that grading took
    framework: str  # as the runner reported it
    network: str
    sha256: str  # of what was handed in: the same bytes are the same entry
    submitted: float | None = None  # when it was handed in, seconds since 1970
    is_late: float = 0.0  # 1 where the platform it was handed in on says so

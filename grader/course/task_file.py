"""What may stand in a task.toml: every table, every key, its range and its default.

All numbers of a task are there and nowhere else. docs/teach/writing-a-task.md explains each key to
those who write tasks.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from grader.records import Record

STAGES = (
    "foundations",
    "networks",
    "convolution",
    "recurrence",
    "attention",
    "generation",
    "responsible",
)
# Tables that came after the first results were stored. They do not count in a task's version while
# they ask for nothing: a key that is new to the grader must not start a new board for every task.
ADDED_LATER = ("data", "hidden", "probes", "hunt")
# Keys of [limits] that say what is taken in, not how it is examined: they never count.
NOT_EXAMINED = ("source_kib", "literals_kib")
Positive = Annotated[float, Field(gt=0)]
Stage = Annotated[str, StringConstraints(pattern=r"^[^\W_][\w -]{0,39}$")]
Version = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12}$")]


class LimitsTable(Record):
    """What a submission to this task may use."""

    memory_mib: Annotated[int, Field(ge=64)] = 2048
    cores: Annotated[int, Field(ge=1)] = 1
    processes: Annotated[int, Field(ge=8)] = 128
    submission_mib: Positive = 5
    weights_mib: Annotated[float, Field(ge=0)] = 0  # 0: trained weights are not allowed
    # What may be brought into a box where weights may not, after compression: all of it (0: without
    # bound), and of that texts, numbers and data files, and names. See intake/brought_along.py.
    source_kib: Annotated[float, Field(ge=0)] = 12
    literals_kib: Positive = 3
    load_seconds: Positive = 60
    call_seconds: Positive = 10
    # For all answers of one run together. None: as long as the training may take, and a minute at
    # least.
    answer_seconds: Positive | None = None


class BudgetTable(Record):
    """Seconds a submission may train, per device."""

    cpu_seconds: Positive
    gpu_seconds: Positive | None = None
    # What becomes of a training that still runs then: it is stopped and the model is graded as it
    # stands, or it fails.
    when_over: Literal["grade", "fail"] = "grade"


class DataTable(Record):
    """What part of the data set a submission is given."""

    # Training examples of each class, drawn in each run; 0: all of them.
    per_class: Annotated[int, Field(ge=0)] = 0


class HiddenTable(Record):
    """How the hidden part of the data set is asked."""

    # Each hidden input in a copy that a person reads the same, changed anew in every run.
    changed: bool = False


class ProbesTable(Record):
    """What else a classifier is measured by."""

    # Ways to corrupt pictures, from grader/exams/checks/corruptions.py.
    corruptions: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def names_each_once(self) -> ProbesTable:
        if len(set(self.corruptions)) < len(self.corruptions):
            raise ValueError(f"corruptions lists one name twice: {', '.join(self.corruptions)}")
        return self


class HuntTable(Record):
    """What a classifier's answers must not show: the mistake in the starter of a bug hunt.

    See grader/doctor/hunt.py.
    """

    # Codes of the doctor's catalogue; the first one has the hints.
    absent: list[str] = Field(default_factory=list)
    # What the doctor measures -> the most it may be.
    at_most: dict[str, float] = Field(default_factory=dict)


class PointsTable(Record):
    """How many of the 100 points each part can bring."""

    accuracy: Annotated[float, Field(ge=0)] = 100
    speed: Annotated[float, Field(ge=0)] = 0
    memory: Annotated[float, Field(ge=0)] = 0

    @model_validator(mode="after")
    def sum_to_hundred(self) -> PointsTable:
        total = self.accuracy + self.speed + self.memory
        if abs(total - 100) > 1e-9:
            raise ValueError(f"accuracy, speed and memory sum to {total}, not to 100")
        return self


class AuditTable(Record):
    """When a person should look at a result.

    The gaps are accuracy that the questions after the timed phase may lose: shares of the hidden
    set, from 0 to 1.
    """

    # On perturbed copies, beyond twice the errors on the originals.
    max_gap: Annotated[float, Field(ge=0)] = 0.003
    # When asked again, asked in other batches, or trained again.
    max_drop: Annotated[float, Field(ge=0)] = 0.05
    # A metric this good is not learned from what the task gives; None: none is too good.
    too_good: float | None = None


class ScoringTable(Record):
    """From the metric to points. Changing this rescores; it never asks for a new run."""

    metric: str = "accuracy"
    better: Literal["higher", "lower"] = "higher"  # which metrics are better
    curve: list[tuple[float, float]]  # (metric, share of the accuracy points), metrics ascending
    # The share of the metric's points that one hidden input more is worth at most; 0: the curve as
    # it is. For small hidden sets and metrics that are shares of inputs: there one more is luck.
    one_input: Annotated[float, Field(ge=0, le=1)] = 0
    gate: float  # worse than it, the verdict is below_target and speed and memory bring nothing
    points: PointsTable = PointsTable()
    audit: AuditTable = AuditTable()
    groups: dict[str, float] = Field(default_factory=dict)  # functions: "function/group" -> weight

    @model_validator(mode="after")
    def curve_goes_one_way(self) -> ScoringTable:
        metrics = [metric for metric, _ in self.curve]
        shares = [share for _, share in self.curve]
        way = "ascending, the last share 1"
        if self.better == "lower":
            shares.reverse()
            way = "descending, the first share 1"
        has_distinct_metrics = len(metrics) >= 2 and metrics == sorted(set(metrics))
        reaches_all_points = has_distinct_metrics and shares[0] >= 0 and shares[-1] == 1
        if not reaches_all_points or shares != sorted(shares):
            raise ValueError(
                f"curve needs two or more points [metric, share], metrics ascending, shares {way}"
            )
        return self

    @model_validator(mode="after")
    def too_good_is_beyond_the_curve(self) -> ScoringTable:
        best, _ = self.curve[-1] if self.better == "higher" else self.curve[0]
        if self.is_too_good(best):
            raise ValueError(
                f"too_good = {self.audit.too_good} would flag who earns full points at {best}"
            )
        return self

    def reaches_gate(self, value: float) -> bool:
        """Whether a metric is as good as the gate or better."""
        if self.better == "higher":
            return value >= self.gate - 1e-12
        return value <= self.gate + 1e-12

    def is_too_good(self, value: float) -> bool:
        """Whether nobody learns to be as good as this metric from what the task gives."""
        bound = self.audit.too_good
        if bound is None:
            return False
        return value >= bound if self.better == "higher" else value <= bound


class TaskSpec(Record):
    """A whole task.toml."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: str
    about: str  # one sentence for lists
    stage: Stage  # one of the course's, or of your own
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
    hidden: HiddenTable = HiddenTable()
    probes: ProbesTable = ProbesTable()
    hunt: HuntTable = HuntTable()
    # dtype -> relative and absolute tolerance
    tolerance: dict[str, tuple[float, float]] = Field(default_factory=dict)
    scoring: ScoringTable
    # A verdict, "score<80" or a function's name -> a sentence.
    hints: dict[str, str] = Field(default_factory=dict)
    # The hash of what is asked today -> the exam version that results of before have; see
    # grader/course/versions.py.
    same_as: dict[Version, Version] = Field(default_factory=dict)

    @model_validator(mode="after")
    def only_classifiers_are_probed(self) -> TaskSpec:
        if self.exam == "classification":
            return self
        for name in ADDED_LATER:
            table = getattr(self, name)
            if table != type(table)():
                raise ValueError(
                    f"[{name}] is for exam = 'classification'; this task has exam = {self.exam!r}"
                )
        return self

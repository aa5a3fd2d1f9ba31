"""What a page shows of one run beside its figures; stored apart, as details.json."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from grader.records.record import Record

Number = float | Literal["nan", "inf", "-inf"]  # JSON has no number for the others


class Mistake(Record):
    """One hidden input that was answered wrong, with confidence."""

    truth: int  # index into `Details.classes`
    answer: int
    confidence: float  # the answer's share in the normalised scores
    picture: str = ""  # PNG, base64
    text: str = ""  # the beginning of the input, if it is a text


class Bin(Record):
    """Answers of about the same confidence, for the calibration curve."""

    confidence: float  # their mean
    accuracy: float
    n: int


class PhaseMemory(Record):
    """The peak of the box's memory at the end of one phase."""

    phase: str
    bytes: float


class Answer(Record):
    """A small array that a function returned for the failing case shown, beside the right one."""

    function: str
    group: str
    name: str = ""  # of the value, where the function returns several
    target_shape: list[int]
    yours_shape: list[int]
    target: list[list[Number]]  # rows of numbers: one row for an array of one axis
    yours: list[list[Number]]
    # Row and column of each wrong element; none: the whole answer is wrong.
    wrong: list[tuple[int, int]] = Field(default_factory=list)


class Sample(Record):
    """A text that was written on from a prompt."""

    prompt: str
    written: str
    copied: list[tuple[int, int]] = Field(default_factory=list)  # places in `written`: start, end


class LossCurve(Record):
    """The losses of a training as the submission reported them.

    Nobody checked them: they are evidence for a diagnosis and never part of a score.
    """

    losses: list[Number]  # at most 1,000, evenly spread, the first and the last among them
    places: list[int]  # which of all losses these are, from 1
    noted: int  # how many there were
    # Seen where gradients were asked for or in the batches of fit, returned by fit, or given to
    # data.log.
    source: Literal["gradients", "epochs", "logged"]
    steps: int | None = None  # of optimizers, where they were seen
    # By the grader: cross-entropy of the model's answers to training examples.
    measured: float | None = None


class NamedLines(Record):
    """Lines of the source around the one that a diagnosis names."""

    where: str  # as the diagnosis has it: "solution.py:41"
    line: int  # the one that is named, in its file or its cell, from 1
    first: int  # the first of `lines`
    lines: list[str]


class Details(Record):
    """What a page shows of one run beside its figures. Nothing in it is scored.

    Of a private hidden set it shows no input.
    """

    schema_version: Literal[1] = 1
    classes: list[str] = Field(default_factory=list)
    # Counts: a row for each true class, a column for each answer.
    confusion: list[list[int]] = Field(default_factory=list)
    calibration: list[Bin] = Field(default_factory=list)
    mistakes: list[Mistake] = Field(default_factory=list)  # the most confident ones
    # 101 percentiles of the calls with one input, in seconds.
    latency_curve: list[float] = Field(default_factory=list)
    par_latency_curve: list[float] = Field(default_factory=list)
    memory: list[PhaseMemory] = Field(default_factory=list)
    made: str = ""  # PNG, base64: a grid of generated pictures
    real: str = ""  # the same of training pictures
    samples: list[Sample] = Field(default_factory=list)
    answers: list[Answer] = Field(default_factory=list)  # of functions: wrong beside right
    reported: LossCurve | None = None
    named_lines: list[NamedLines] = Field(default_factory=list)

"""What grading finds: figures, groups of cases, likely mistakes, advice."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from grader.records.record import Record

TOO_WIDE = 0.1  # half an interval, as a share of the value

Severity = Literal["essential", "actionable", "informative", "celebratory"]


class Measured(Record):
    """One observed figure.

    `low` and `high` bound it at 95 %, or are the quartiles of what was observed; `spread` says
    which.
    """

    value: float
    low: float | None = None
    high: float | None = None
    n: int = 1  # how many observations stand behind it
    unit: str
    spread: Literal["95% interval", "quartiles", ""] = ""
    source: str = ""  # how it was observed, where that is not the same everywhere
    noisy: bool = False  # the quartiles are further apart than 10 % of the median

    @property
    def ends(self) -> tuple[float, float] | None:
        """Both ends of its spread, whichever kind it is; None unless both are known."""
        if self.low is None or self.high is None:
            return None
        return self.low, self.high

    @property
    def interval(self) -> tuple[float, float] | None:
        """Both ends of the interval that bounds it; None where there are quartiles or nothing."""
        return None if self.spread == "quartiles" else self.ends

    def decimals(self, factor: float = 1.0) -> int | None:
        """Return how many decimals of the value, times a factor, its spread carries.

        Two significant digits of half the spread; below 0 they end at the tens or hundreds. None
        for a figure without a spread.
        """
        if self.ends is None:
            return None
        half = abs(self.ends[1] - self.ends[0]) / 2 * abs(factor)
        if not 0 < half < math.inf:
            return None
        return 1 - math.floor(math.log10(half))

    @property
    def is_too_wide(self) -> bool:
        """Whether its interval is too wide to rank by: wider on one side than a tenth of it."""
        if self.interval is None or not self.value:
            return False
        low, high = self.interval
        return (high - low) / 2 > TOO_WIDE * abs(self.value)


class CaseGroup(Record):
    """One group of cases of a function task, or of a notebook's question.

    worth, won: of a question, its points and those earned; None while a person has to say. A
    function's group has neither: it passes as a whole, and task.toml has its points.
    """

    function: str
    group: str
    status: Literal["pass", "fail", "not_attempted", "error", "skipped", "by_hand"]
    cases: int
    passed: int
    message: str = ""  # the smallest failure: input, expected, received
    hint: str = ""  # the mistake this looks like, where one was recognised
    worth: float | None = None
    won: float | None = None

    @property
    def called(self) -> str:
        """What people call it: `neuron()`, or the name of a question."""
        return f"{self.function}()" if self.worth is None else self.function

    @property
    def count(self) -> str:
        """How much of it is right, in words."""
        if self.worth is None:
            return f"{self.passed} of {self.cases} cases"
        if self.won is None:
            return f"waits for a person, {self.worth:g} points"
        return f"{self.won:g} of {self.worth:g} points"


class Diagnosis(Record):
    """One likely mistake. Nothing in it touches a score."""

    code: str  # the entry of the catalogue
    text_id: str  # of the title; signs and hints have their own below it, for translations
    title: str
    severity: Severity
    # "possible" is a second candidate beside a likely one.
    likelihood: Literal["likely", "possible"] = "likely"
    because: list[str] = Field(default_factory=list)  # the signs, with this run's own numbers
    where: str = ""  # "solution.py:41", where the source shows a place
    # The numbers in the texts, by name.
    params: dict[str, float] = Field(default_factory=dict)


@dataclass(frozen=True)
class Advice:
    """What a rehearsal says about one thing it looked at. Not stored: a rehearsal is no result."""

    about: str  # "loss at chance"
    status: Literal["pass", "advice", "skip"]
    # What was found. If it is advice, also what was expected and what to do; if skipped, why.
    says: str

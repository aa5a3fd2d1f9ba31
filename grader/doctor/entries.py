"""Reads the catalogue: one TOML file for each mistake, with its signs and what to say about it.

A condition is a line such as `row_sum_gap <= 0.001` or `last_loss >= 0.9 * chance_loss + 0.1`: a
number of `observables` against a number, or against a multiple of another one. `source_<rule>` is 1
where the source shows a place for that rule, 0 where all files were read and none does. It is
absent where some file could not be read, and a condition on an absent number never holds.
"""

from __future__ import annotations

import operator
import re
import string
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from grader.course.known_names import exam_names
from grader.doctor.observables.answers import COMPARED, MEASURED
from grader.doctor.observables.curve import TRACED
from grader.doctor.observables.failures import FAILED
from grader.doctor.observables.pictures import PICTURES
from grader.doctor.observables.ratios import RATIOS
from grader.doctor.observables.regression import REGRESSED
from grader.doctor.observables.text import TEXTS
from grader.doctor.rules.finder import RULES
from grader.errors import GraderError
from grader.records import Record, Severity, problems_in
from grader.spelling import no_such

FOLDER = Path(__file__).resolve().parent / "catalogue"
PLACES = {f"source_{rule.name}": rule.about for rule in RULES.values()}
NUMBERS = {
    **MEASURED,
    **TRACED,
    **COMPARED,
    **TEXTS,
    **PICTURES,
    **RATIOS,
    **REGRESSED,
    **FAILED,
    **PLACES,
}
# Facts of the task, the same for every submission: alone they are a sign of nothing.
CONSTANT = {
    "classes",
    "chance_loss",
    "floor_loss",
    "label_share",
    "label_variance",
    "target_variance",
    "target_lowest",
    "target_highest",
    "target_mean",
}
OPERATORS = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}
NUMBER = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"
NUMBERS_LISTED = "The modules of grader/doctor/observables/ list them, with their meaning"
RULES_LISTED = "Rules are the functions with @rule in grader/doctor/rules/"
GUIDE = "docs/build/adding-a-diagnosis.md"
CONDITION = re.compile(
    rf"(?P<name>[a-z_]+) (?P<op><=|>=|<|>) (?:(?P<plain>{NUMBER})"
    rf"|(?:(?P<times>{NUMBER}) \* )?(?P<other>[a-z_]+)(?: \+ (?P<plus>{NUMBER}))?)"
)


class Table(Record):
    """Base of every table; conditions are values of our own, which pydantic takes as they are."""

    model_config = ConfigDict(arbitrary_types_allowed=True)


class Condition(Table):
    """One number against another."""

    name: str
    op: str
    plain: float = 0.0
    times: float = 1.0
    other: str = ""

    def names(self) -> set[str]:
        """Return the numbers it is about."""
        return {self.name, self.other} - {""}

    def holds(self, numbers: Mapping[str, float]) -> bool:
        """Whether it is met; not if a number it is about is absent."""
        if not self.names() <= numbers.keys():
            return False
        limit = self.plain
        if self.other:
            limit += self.times * numbers[self.other]
        return bool(OPERATORS[self.op](numbers[self.name], limit))


def read_condition(text: Any) -> Condition:
    """Parse a condition; ValueError says what is wrong with it."""
    found = CONDITION.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"{text!r} is not a condition; expected e.g. 'row_sum_gap <= 0.001'")
    condition = Condition(
        name=found["name"],
        op=found["op"],
        plain=float(found["plain"] or found["plus"] or 0),
        times=float(found["times"] or 1),
        other=found["other"] or "",
    )
    for name in sorted(condition.names() - NUMBERS.keys()):
        raise ValueError(f"{text!r}: {no_such('number', name, NUMBERS, NUMBERS_LISTED)}")
    return condition


def known_exam(name: str) -> str:
    """Return the name of a kind of exam; ValueError if no kind has that name."""
    if name not in exam_names():
        raise ValueError(no_such("exam", name, exam_names()))
    return name


Exam = Annotated[str, AfterValidator(known_exam)]
Conditions = tuple[Annotated[Condition, BeforeValidator(read_condition)], ...]


class Sign(Table):
    """One observation: all its conditions hold at once."""

    all: Conditions = Field(min_length=1)
    says: str  # with {name} for the numbers of its conditions
    required: bool = False
    soft: bool = False  # a mere symptom: it counts only beside a place in the source

    def names(self) -> set[str]:
        """Return the numbers that its conditions are about."""
        return {name for condition in self.all for name in condition.names()}

    def holds(self, numbers: Mapping[str, float]) -> bool:
        return all(condition.holds(numbers) for condition in self.all)

    @property
    def rests_on_trace(self) -> bool:
        """Whether it rests on the training trace alone, which is the submission's word."""
        return self.names() - CONSTANT <= TRACED.keys()

    @model_validator(mode="after")
    def check_says(self) -> Sign:
        unknown = placeholders(self.says) - self.names()
        if unknown:
            shown = ", ".join(sorted(unknown))
            raise ValueError(f"{self.says!r} shows {shown}, which none of its conditions is about")
        return self


class Variant(Table):
    """How a recipe of benchmarks/doctor is changed, and in which of its configurations."""

    edits: tuple[tuple[str, str], ...] = ()
    where: dict[str, tuple[Any, ...]] = Field(default_factory=dict)  # setting -> values it may have
    about: str = ""


class Entry(Table):
    """One mistake."""

    code: str = Field(pattern=r"^[a-z][a-z_]{2,40}$")
    title: str
    # the first one is where it is measured
    exams: tuple[Exam, ...] = Field(default=("classification",), min_length=1)
    severity: Severity
    rank: int = Field(ge=1, le=99)  # of two that fit, the lower one is named first
    hints: tuple[str, str, str]  # where to look, the idea, the line to change
    reading: str
    # weak: its rates are said to be weak in docs/measure/doctor-figures.md
    strength: Literal["firm", "weak"] = "firm"
    signs: tuple[Sign, ...] = Field(min_length=1)
    # the submission's own word and a place in its source are enough for a name
    word_and_place: bool = False
    unless: Conditions = ()  # any of these speaks against it
    source: tuple[str, ...] = ()  # rules, each a place that agrees
    explains: tuple[str, ...] = ()  # entries that are not named beside this one
    mutants: tuple[Variant, ...] = ()
    correct: tuple[Variant, ...] = ()  # look alike and are right

    @property
    def text_id(self) -> str:
        return f"doctor.{self.code}"

    @model_validator(mode="after")
    def check_entry(self) -> Entry:
        for name in sorted(set(self.source) - RULES.keys()):
            raise ValueError(f"source: {no_such('rule', name, RULES, RULES_LISTED)}")
        needs_measure = not (self.word_and_place and self.source)
        if needs_measure and all(sign.rests_on_trace for sign in self.signs):
            raise ValueError(
                "every sign rests on the submission's word; at least one must be measured"
            )
        firm = [sign for sign in self.signs if not sign.soft]
        if len(firm) < 2 and not self.source:
            raise ValueError("one sign alone and no place in the source is never enough for a name")
        return self


def placeholders(text: str) -> set[str]:
    """Return the names that a text shows."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def read_entry(path: Path) -> Entry:
    """Read one file; GraderError says what is wrong with it."""
    try:
        entry = Entry.model_validate(tomllib.loads(path.read_text("utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise GraderError(f"{path} is not TOML: {error}") from error
    except ValidationError as error:
        problems = "; ".join(problems_in(error))
        raise GraderError(f"{path}: {problems}. {GUIDE} explains every key.") from None
    if entry.code != path.stem:
        raise GraderError(
            f"{path} says code = {entry.code!r}; the file must be called after its code"
        )
    return entry


@lru_cache(maxsize=1)
def catalogue() -> dict[str, Entry]:
    """Return every entry by its code, in the order in which they are named."""
    entries = [read_entry(path) for path in FOLDER.glob("*.toml")]
    entries.sort(key=lambda entry: (entry.rank, entry.code))
    found = {entry.code: entry for entry in entries}
    for entry in entries:
        for code in sorted(set(entry.explains) - found.keys()):
            problem = no_such("entry of the catalogue", code, found, f"The codes are in {FOLDER}")
            raise GraderError(f"{FOLDER / entry.code}.toml: explains: {problem}")
    return found

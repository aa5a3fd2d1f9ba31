"""The catalogue: one TOML file a mistake. What is a sign of it, what to say, what produces it and
what must not.

A condition is a line such as `row_sum_gap <= 0.001` or `last_loss >= 0.9 * chance_loss + 0.1`: a
number of `observables` against a number, or against a multiple of another one. `source_<rule>` is 1
where the source shows a place for that rule, 0 where all files were read and none does.
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

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from grader.doctor.observables.answers import COMPARED, MEASURED, TOLD
from grader.doctor.observables.pictures import PICTURES
from grader.doctor.observables.text import TEXTS
from grader.doctor.ratios import RATIOS
from grader.doctor.rules.finder import RULES
from grader.errors import GraderError
from grader.records import Severity

FOLDER = Path(__file__).resolve().parent / "catalogue"
NUMBERS = {**MEASURED, **TOLD, **COMPARED, **TEXTS, **PICTURES, **RATIOS} | {
    f"source_{rule}": about for rule, about in RULES.items()
}
OPERATORS = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}
NUMBER = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"
CONDITION = re.compile(
    rf"(?P<name>[a-z_]+) (?P<op><=|>=|<|>) (?:(?P<plain>{NUMBER})"
    rf"|(?:(?P<times>{NUMBER}) \* )?(?P<other>[a-z_]+)(?: \+ (?P<plus>{NUMBER}))?)"
)
Exam = Literal["classification", "language", "generation", "functions"]


class Table(BaseModel):
    """Base of every table: unknown keys are an error, and nothing changes after it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Condition(Table):
    """One number against another."""

    name: str
    op: str
    plain: float = 0.0
    times: float = 1.0
    other: str = ""

    def names(self) -> set[str]:
        return {self.name} | ({self.other} if self.other else set())

    def holds(self, numbers: Mapping[str, float]) -> bool:
        """Whether it is met; not if a number it speaks of is absent."""
        if not self.names() <= numbers.keys():
            return False
        limit = self.plain + (self.times * numbers[self.other] if self.other else 0.0)
        return bool(OPERATORS[self.op](numbers[self.name], limit))


def read_condition(text: Any) -> Condition:
    """Parse a condition; ValueError says what is wrong with it."""
    found = CONDITION.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"{text!r} is no condition; expected such as 'row_sum_gap <= 0.001'")
    plain = found["plain"] or found["plus"] or "0"
    other = found["other"] or ""
    condition = Condition(
        name=found["name"],
        op=found["op"],
        plain=float(plain),
        times=float(found["times"] or 1),
        other=other,
    )
    unknown = condition.names() - NUMBERS.keys()
    if unknown:
        raise ValueError(f"{text!r} speaks of {', '.join(sorted(unknown))}, which nothing measures")
    return condition


Conditions = tuple[Annotated[Condition, BeforeValidator(read_condition)], ...]


class Sign(Table):
    """One observation: all its conditions hold at once."""

    all: Conditions = Field(min_length=1)
    says: str  # with {name} for the numbers of its conditions
    required: bool = False
    soft: bool = False  # a mere symptom: it counts only beside a place in the source

    @property
    def is_told(self) -> bool:
        """Whether it rests on the submission's word alone."""
        constant = {"classes", "chance_loss", "floor_loss", "label_share", "label_variance"}
        used = {name for condition in self.all for name in condition.names()} - constant
        return used <= TOLD.keys()

    @model_validator(mode="after")
    def check_says(self) -> Sign:
        shown = placeholders(self.says)
        known = {name for condition in self.all for name in condition.names()}
        if not shown <= known:
            raise ValueError(
                f"{self.says!r} shows {', '.join(sorted(shown - known))}, which no condition of it names"
            )
        return self


class Variant(Table):
    """How the recipe's source is changed, and which configurations it is for; see
    benchmarks/doctor.
    """

    edits: tuple[tuple[str, str], ...] = ()
    where: dict[str, tuple[Any, ...]] = Field(default_factory=dict)  # setting -> values it may have
    about: str = ""


class Entry(Table):
    """One mistake."""

    code: str = Field(pattern=r"^[a-z][a-z_]{2,40}$")
    title: str
    exams: tuple[Exam, ...] = Field(
        default=("classification",), min_length=1
    )  # the first one is where it is measured
    severity: Severity
    rank: int = Field(ge=1, le=99)  # of two that fit, the lower one is named first
    hints: tuple[str, str, str]  # where to look, the idea, the line to change
    reading: str
    strength: Literal["firm", "weak"] = (
        "firm"  # weak: its rates are said to be weak in docs/measure/doctor.md
    )
    signs: tuple[Sign, ...] = Field(min_length=1)
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
        unknown = set(self.source) - RULES.keys()
        if unknown:
            raise ValueError(
                f"source names {', '.join(sorted(unknown))}; there is {', '.join(RULES)}"
            )
        measured = [sign for sign in self.signs if not sign.is_told]
        if not measured:
            raise ValueError(
                "every sign rests on the submission's word; one at least must be measured"
            )
        if len([sign for sign in self.signs if not sign.soft]) < 2 and not self.source:
            raise ValueError("one sign alone and no place in the source is never enough for a name")
        return self


def placeholders(text: str) -> set[str]:
    """Return the names that a text shows."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def read_entry(path: Path) -> Entry:
    """Read one file; GraderError says what is wrong with it."""
    try:
        entry = Entry.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise GraderError(f"{path}: {error}") from error
    if entry.code != path.stem:
        raise GraderError(f"{path} says code = {entry.code!r}; the file is called after the code")
    return entry


@lru_cache(maxsize=1)
def catalogue() -> dict[str, Entry]:
    """Return every entry by its code, in the order in which they are named."""
    entries = sorted(
        (read_entry(path) for path in FOLDER.glob("*.toml")),
        key=lambda entry: (entry.rank, entry.code),
    )
    found = {entry.code: entry for entry in entries}
    for entry in entries:
        unknown = set(entry.explains) - found.keys()
        if unknown:
            raise GraderError(
                f"{entry.code}.toml explains {', '.join(sorted(unknown))}, which is no entry"
            )
    return found

"""Questions in lessons: a multiple choice before a run; the answer, with the figures of one's own
run, after it.

A task's questions stand in `questions.toml` beside its lesson: they are no part of what is asked in
the exam. What was answered is kept in the cache of this computer, as the counts of hints are: no
result and no score knows of it, and no box ever sees it. A line of an explanation that speaks of a
figure is shown where the run has that figure.
"""

from __future__ import annotations

import itertools
import json
import math
import secrets
import string
import textwrap
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from grader.course.curriculum import Task
from grader.errors import TaskError, UsageError
from grader.host.cache import cache_folder, cache_trouble
from grader.records import Details, Result
from grader.terminal import LABELS, short_figure

QUESTIONS_FILE = "questions.toml"
FOLDER = "questions"
BARS = "▁▂▃▄▅▆▇█"
COLUMNS = 40  # of a curve
OWN: dict[str, str] = {  # beside every measurement of the result: what {name} in a line shows
    "score": "points of 100",
    "first_loss": "first loss that the training told",
    "last_loss": "last loss that the training told",
    "curve": "all of them, as a line of bars",
    "mistake": "the two classes that were confused most often",
    "confidence": "how sure it was of its most confident mistake",
    "wrong": "hidden inputs answered wrong, of all",
    "open_groups": "groups of cases that are not right yet",
}


UNNAMED = (
    "macro_f1",
    "alone_accuracy",
    "repeat_same",
    "latency_p90_seconds",
    "distinct_share",
    "coverage",
)


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Question(Table):
    """One question: what somebody expects, and what it is."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    when: Literal["before", "after"] = "before"  # a run: after it the answer comes at once
    text: Annotated[str, Field(min_length=20)]
    choices: Annotated[list[str], Field(min_length=2, max_length=6)]
    answer: Annotated[int, Field(ge=1)]  # which of the choices, from 1
    explanation: Annotated[str, Field(min_length=20)]
    own: list[str] = Field(default_factory=list)  # lines with {figures} of the run

    @model_validator(mode="after")
    def is_answerable(self) -> Question:
        if self.answer > len(self.choices):
            raise ValueError(f"answer = {self.answer}, but there are {len(self.choices)} choices")
        if len(set(self.choices)) < len(self.choices):
            raise ValueError("two choices are the same")
        unknown = sorted(
            {name for line in self.own for name in placeholders(line)} - figure_names()
        )
        if unknown:
            raise ValueError(
                f"own speaks of {', '.join(unknown)}; there is {', '.join(sorted(figure_names()))}"
            )
        return self


class QuestionFile(Table):
    """A whole questions.toml."""

    question: Annotated[list[Question], Field(min_length=1)]

    @model_validator(mode="after")
    def ids_differ(self) -> QuestionFile:
        ids = [each.id for each in self.question]
        if len(set(ids)) < len(ids):
            raise ValueError("two questions have the same id")
        return self


class Memory(BaseModel):
    """What was answered to a task's questions."""

    model_config = ConfigDict(extra="forbid")

    answers: dict[str, int] = Field(default_factory=dict)  # id -> choice, from 1
    explained: list[str] = Field(default_factory=list)


def placeholders(line: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(line) if name is not None}


def figure_names() -> set[str]:
    """Return what lines may speak of."""
    return {*OWN, *LABELS, *UNNAMED}


def load_questions(task: Task) -> list[Question]:
    """Return the task's questions in their order, none if it has none; TaskError says what is wrong
    with them.
    """
    path = task.folder / QUESTIONS_FILE
    try:
        return QuestionFile.model_validate(tomllib.loads(path.read_text("utf-8"))).question
    except FileNotFoundError:
        return []
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TaskError(f"{path} cannot be read: {error}") from None
    except ValidationError as error:
        problems = [
            f"{'.'.join(map(str, item['loc'])) or 'the file'}: {item['msg']}"
            for item in error.errors()
        ]
        raise TaskError(
            f"{path}: {'; '.join(problems)}. docs/teach/writing-a-task.md lists every key."
        ) from None


# What was answered.


def memory_file(task_id: str) -> Path:
    return cache_folder() / FOLDER / f"{task_id}.json"


def recall(task_id: str) -> Memory:
    """Return what is known: nothing, where nothing is there or it can't be read."""
    try:
        return Memory.model_validate_json(memory_file(task_id).read_bytes())
    except (OSError, ValidationError):
        return Memory()


def keep(task_id: str, memory: Memory) -> None:
    file = memory_file(task_id)
    with cache_trouble(file.parent):
        file.parent.mkdir(exist_ok=True)
        written = file.with_suffix(f".{secrets.token_hex(4)}")
        written.write_text(json.dumps(memory.model_dump()), "utf-8")
        written.replace(file)


def next_question(
    questions: Sequence[Question], memory: Memory, *, has_run: bool
) -> Question | None:
    """Return the first question that has no answer yet; those for after a run wait for one."""
    waiting = [each for each in questions if each.id not in memory.answers]
    return next((each for each in waiting if each.when == "before" or has_run), None)


def answer(task: Task, question: Question, choice: int) -> Memory:
    """Keep a choice, from 1; UsageError if there is no such choice. A second thought before the run
    replaces it.
    """
    if not 1 <= choice <= len(question.choices):
        raise UsageError(
            f"--answer {choice}: this question has the choices 1 to {len(question.choices)}"
        )
    memory = recall(task.id)
    memory.answers[question.id] = choice
    keep(task.id, memory)
    return memory


def take_due(task: Task) -> list[tuple[Question, int]]:
    """Return what was predicted and not yet explained, and note that it is explained now."""
    memory = recall(task.id)
    if not memory.answers:
        return []
    due = [
        each
        for each in load_questions(task)
        if each.id in memory.answers and each.id not in memory.explained
    ]
    if due:
        memory.explained += [each.id for each in due]
        keep(task.id, memory)
    return [(each, memory.answers[each.id]) for each in due]


# What is said.


def asked(question: Question, width: int) -> list[str]:
    """Return the question and its choices as lines of at most so many characters."""
    choices = [
        line
        for number, text in enumerate(question.choices, start=1)
        for line in textwrap.wrap(
            text, width, initial_indent=f"  {number}  ", subsequent_indent="     "
        )
    ]
    return [*textwrap.wrap(question.text, width), "", *choices]


def explained(question: Question, choice: int, figures: dict[str, str], width: int) -> list[str]:
    """Return the answer as lines: what was predicted, what it is, why, and what one's own run
    shows.
    """
    right = question.choices[question.answer - 1]
    theirs = question.choices[min(choice, len(question.choices)) - 1]
    head = (
        f"you predicted: {theirs}. So it is."
        if theirs == right
        else f"you predicted: {theirs}. It is: {right}"
    )
    own = [line.format(**figures) for line in question.own if placeholders(line) <= figures.keys()]
    said = (question.text, head, question.explanation, *own)
    return [line for text in said for line in textwrap.wrap(text, width)]


def figures_of(result: Result, details: Details | str | None = None) -> dict[str, str]:
    """Return every figure of a run that a line may speak of, by name, as people read it.

    details: as `store.read_details` returns them; a text says why there are none.
    """
    names = figure_names()
    found = {
        name: short_figure(figure) for name, figure in result.measurements.items() if name in names
    }
    if result.score is not None:
        found["score"] = f"{result.score.total:g}"
    still = [f"{case.function}() {case.group}" for case in result.cases if case.status != "pass"]
    if still:
        found["open_groups"] = ", ".join(still)
    return found | (of_details(details) if isinstance(details, Details) else {})


def of_details(details: Details) -> dict[str, str]:
    """Return what the details of a run show: its losses, and what it confuses."""
    found: dict[str, str] = {}
    losses = (
        [float(each) for each in details.reported.losses] if details.reported is not None else []
    )
    finite = [each for each in losses if math.isfinite(each)]
    if len(finite) > 1 and len(finite) == len(losses):
        found |= {
            "first_loss": f"{losses[0]:.3g}",
            "last_loss": f"{losses[-1]:.3g}",
            "curve": bars(losses),
        }
    counts = details.confusion
    if counts and len(counts) == len(details.classes):
        wrong = [(n, i, j) for i, row in enumerate(counts) for j, n in enumerate(row) if i != j]
        most, truth, said = max(wrong, default=(0, 0, 0))
        total = sum(map(sum, counts))
        found["wrong"] = f"{sum(n for n, _, _ in wrong)} of {total}"
        if most:
            often = "once" if most == 1 else f"{most} times"
            found["mistake"] = (
                f"{details.classes[truth]} taken for {details.classes[said]}, {often}"
            )
    if details.mistakes:
        found["confidence"] = f"{100 * max(each.confidence for each in details.mistakes):.0f} %"
    return found


def bars(values: Sequence[float]) -> str:
    """Return numbers as a line of bars, the lowest and the highest of them as the ends of the
    scale.
    """
    count = min(COLUMNS, len(values))
    edges = [round(place * len(values) / count) for place in range(count + 1)]
    means = [sum(values[low:high]) / (high - low) for low, high in itertools.pairwise(edges)]
    low, high = min(means), max(means)
    scale = (len(BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(BARS[round((each - low) * scale)] for each in means)

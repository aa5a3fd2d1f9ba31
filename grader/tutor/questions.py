"""Questions in lessons: a choice before a run, its answer after the run.

A task's questions stand in `questions.toml` beside its lesson and are no part of the exam: a typing
error in one voids no result. What somebody answered is kept in the cache of this computer, as hints
are: no result and no score knows of it, and no box ever sees it.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from grader.course.curriculum import Task
from grader.errors import TaskError, UsageError
from grader.host import cache
from grader.measures import MEASURES
from grader.records import Record, problems_in
from grader.spelling import no_such

QUESTIONS_FILE = "questions.toml"
KIND = "questions"  # of what is remembered
FIGURES_OF_A_RUN = {  # beside its measurements: what {name} in a line shows
    "score": "points of 100",
    "first_loss": "the first loss that the training reported",
    "last_loss": "the last loss that the training reported",
    "curve": "all of them, as a line of bars",
    "mistake": "the two classes that were confused most often",
    "confidence": "how confident it was in its most confident mistake",
    "wrong": "hidden inputs answered wrongly, of how many",
    "open_groups": "groups of cases that are not correct yet",
}
FIGURE_LIST = "docs/measure/results-format.md lists the measurements."
FIGURES = {*FIGURES_OF_A_RUN, *MEASURES}  # what a line may speak of


class Question(Record):
    """One question: what somebody expects, and what is the case."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    when: Literal["before", "after"] = "before"  # a run; after it the answer comes at once
    text: Annotated[str, Field(min_length=20)]
    choices: Annotated[list[str], Field(min_length=2, max_length=6)]
    answer: Annotated[int, Field(ge=1)]  # which of the choices is right, from 1
    explanation: Annotated[str, Field(min_length=20)]
    own: list[str] = Field(default_factory=list)  # lines with {figures} of the learner's own run

    @model_validator(mode="after")
    def is_answerable(self) -> Question:
        if self.answer > len(self.choices):
            raise ValueError(f"answer = {self.answer}, but there are {len(self.choices)} choices")
        if len(set(self.choices)) < len(self.choices):
            raise ValueError("two choices are the same")
        return self

    @model_validator(mode="after")
    def speaks_of_known_figures(self) -> Question:
        for line in self.own:
            for name in sorted(placeholders(line) - FIGURES):
                unknown = no_such("figure", name, FIGURES, listing=FIGURE_LIST)
                raise ValueError(f"own: {unknown}")
        return self


class QuestionFile(Record):
    """A whole questions.toml."""

    question: Annotated[list[Question], Field(min_length=1)]

    @model_validator(mode="after")
    def ids_differ(self) -> QuestionFile:
        ids = [each.id for each in self.question]
        if len(set(ids)) < len(ids):
            raise ValueError("two questions have the same id")
        return self


class Memory(Record):
    """What was answered to a task's questions."""

    answers: dict[str, int] = Field(default_factory=dict)  # id -> choice, from 1
    explained: list[str] = Field(default_factory=list)  # ids


def placeholders(line: str) -> set[str]:
    """Return the names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(line) if name is not None}


def load_questions(task: Task) -> list[Question]:
    """Return the task's questions in their order; none if it has none.

    Raises TaskError, which says what is wrong with the file.
    """
    path = task.folder / QUESTIONS_FILE
    try:
        return QuestionFile.model_validate(tomllib.loads(path.read_text("utf-8"))).question
    except FileNotFoundError:
        return []
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TaskError(f"{path} cannot be read: {error}") from None
    except ValidationError as error:
        problems = "; ".join(problems_in(error))
        raise TaskError(
            f"{path}: {problems}. docs/teach/writing-a-task.md lists every key."
        ) from None


# What was answered.


def recall(task_id: str) -> Memory:
    """Return what was answered; nothing where nothing readable is kept."""
    return cache.recall(KIND, task_id, Memory.model_validate_json) or Memory()


def keep(task_id: str, memory: Memory) -> None:
    """Remember answers. Raises GraderError if the cache cannot be written."""
    cache.keep(KIND, task_id, memory.model_dump_json())


def next_question(
    questions: Sequence[Question], memory: Memory, *, has_run: bool
) -> Question | None:
    """Return the first question without an answer; one for after a run only if there is a run."""
    for question in questions:
        is_due = question.when == "before" or has_run
        if is_due and question.id not in memory.answers:
            return question
    return None


def answer(task: Task, question: Question, choice: int) -> Memory:
    """Keep a choice, from 1, in place of an earlier one.

    Raises UsageError if the question has no such choice.
    """
    if not 1 <= choice <= len(question.choices):
        raise UsageError(
            f"--answer {choice}: this question has choices 1 to {len(question.choices)}"
        )
    memory = recall(task.id)
    memory = memory.model_copy(update={"answers": memory.answers | {question.id: choice}})
    keep(task.id, memory)
    return memory


def take_due(task: Task) -> list[tuple[Question, int]]:
    """Return what was predicted and not explained yet, and note that it is explained now."""
    memory = recall(task.id)
    if not memory.answers:
        return []
    waiting = memory.answers.keys() - set(memory.explained)
    due = [each for each in load_questions(task) if each.id in waiting]
    if due:
        explained = [*memory.explained, *(each.id for each in due)]
        keep(task.id, memory.model_copy(update={"explained": explained}))
    return [(each, memory.answers[each.id]) for each in due]

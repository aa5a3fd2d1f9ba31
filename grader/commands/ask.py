"""`grader ask`: Predict before a run; the answer comes after it, with its figures."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from grader.commands.options import DEFAULT_RESULTS, JsonOption, ResultsOption
from grader.commands.parts.console import console, print_json
from grader.course.curriculum import Task, find_task
from grader.intake.submission import read_settings, which_task
from grader.records import Result
from grader.results import store
from grader.tutor import explanations, questions
from grader.tutor.questions import Memory, Question

HELP_PLACE = ("Learn", 6)
WIDTH = 100


def ask(
    task: Annotated[str, typer.Argument(help="Task id, or the folder of a solution.")],
    answer: Annotated[
        int | None, typer.Option("--answer", min=1, help="The number of your prediction.")
    ] = None,
    results: ResultsOption = DEFAULT_RESULTS,
    as_json: JsonOption = False,
) -> None:
    """Predict before a run: a question about the task; the answer comes after the run, with its own
    figures.
    """
    asked = Asked.about(task, results)
    question = asked.question_for(answer)
    if as_json:
        return print_json(asked.answered_as_dict(question, answer))
    out = console()
    if not asked.questions:
        out.print(f"{asked.task.id} has no questions", markup=False)
    elif question is None:
        asked.print_answered(out)
    else:
        if answer is None:
            print_question(out, asked.task, question)
            answer = prompted(len(question.choices))
        if answer is not None:
            asked.take(out, question, answer)


@dataclass
class Asked:
    """The questions of one task, and how far somebody is with them."""

    task: Task
    questions: list[Question]
    memory: Memory
    newest: Result | None  # the last run of the task, whose figures explain an answer
    results: Path

    @classmethod
    def about(cls, named: str, results: Path) -> Asked:
        """Look up a task's questions. named: a task's id, or a submission's folder."""
        task = task_named(named)
        last = store.summaries(results, task.id)[0][-1:]
        read = store.load_some(results, last)
        memory = questions.recall(task.id)
        return cls(task, questions.load_questions(task), memory, read[0] if read else None, results)

    def question_for(self, choice: int | None) -> Question | None:
        """Return the question to ask, or the one that an answer is for; None if there is none."""
        has_run = self.newest is not None
        question = questions.next_question(self.questions, self.memory, has_run=has_run)
        if question is not None or choice is None:
            return question
        # A second thought about the last one is welcome, while it is not explained.
        waiting = self.unexplained()
        return waiting[-1] if waiting else None

    def unexplained(self) -> list[Question]:
        """Return the questions that were answered and wait for a run."""
        answered = [each for each in self.questions if each.id in self.memory.answers]
        return [each for each in answered if each.id not in self.memory.explained]

    def answered_as_dict(self, question: Question | None, choice: int | None) -> dict[str, Any]:
        """Keep an answer, if there is one, and return what `--json` prints."""
        if question is not None and choice is not None:
            self.memory = questions.answer(self.task, question, choice)
            question = None
        return self.as_dict(question)

    def as_dict(self, open_question: Question | None) -> dict[str, Any]:
        """Return what `--json` prints; a right answer is part of it once it was explained."""
        shown = None
        if open_question is not None:
            shown = open_question.model_dump(include={"id", "when", "text", "choices"})
        answered = []
        for each in self.questions:
            if each.id in self.memory.answers:
                right = each.answer if each.id in self.memory.explained else None
                choice = self.memory.answers[each.id]
                answered.append({"id": each.id, "choice": choice, "answer": right})
        return {"task": self.task.id, "question": shown, "answered": answered}

    def take(self, out: Console, question: Question, choice: int) -> None:
        """Keep an answer, and say when the right one comes: after the next run, or at once."""
        questions.answer(self.task, question, choice)
        if question.when == "before":
            kept = question.choices[choice - 1]
            out.print(f"  noted: {kept}. The answer comes with your next run.", markup=False)
            return
        questions.take_due(self.task)
        self.print_explained(out, question, choice)

    def print_answered(self, out: Console) -> None:
        """Show again what was explained, and say what waits for a run."""
        for question in self.questions:
            if question.id in self.memory.explained:
                self.print_explained(out, question, self.memory.answers[question.id])
        if self.unexplained():
            line = "your prediction is noted; the answer comes with your next run"
            out.print(f"{self.task.id}: {line}", markup=False)
        elif any(question.id not in self.memory.answers for question in self.questions):
            line = "the remaining questions are about a run. First: grader run"
            out.print(f"{self.task.id}: {line}", markup=False)

    def print_explained(self, out: Console, question: Question, choice: int) -> None:
        """Print the right answer to a question, with the figures of the newest run."""
        figures = {}
        if self.newest is not None:
            details = store.read_details(self.results, self.newest)
            figures = explanations.figures_of(self.newest, details)
        for line in explanations.explained(question, choice, figures, min(out.width, WIDTH) - 2):
            out.print(Text(f"  {line}"))


def task_named(named: str) -> Task:
    """Return the task with this id, or that of the submission in a folder of this name."""
    path = Path(named)
    if path.is_dir():
        return which_task(path, read_settings(path), None)
    return find_task(named)


def prompted(count: int) -> int | None:
    """Return the number typed on a terminal; None if nothing is typed, or there is no terminal."""
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        return None
    try:
        typed = input(f"  your prediction, 1 to {count} (press Enter to skip): ").strip()
    except EOFError:
        return None
    is_choice = typed.isdecimal() and 1 <= int(typed) <= count
    return int(typed) if is_choice else None


def print_question(out: Console, task: Task, question: Question) -> None:
    out.print(Text(f"{task.spec.title}: what do you expect?", "bold"))
    for line in explanations.asked(question, min(out.width, WIDTH) - 2):
        out.print(Text(f"  {line}"))
    command = f"grader ask {task.id} --answer N"
    out.print(Text(f"  to answer: {command}. It is never scored, and you may skip it", "dim"))

"""`grader ask`: a question about what is going to happen; the answer comes with the next run, and
may be left out.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from grader.commands.output import console, print_json
from grader.course.curriculum import Task, find_task
from grader.intake.submission import read_settings, which_task
from grader.records import Result
from grader.results import store
from grader.tutor import questions
from grader.tutor.questions import Question

WIDTH = 100


def ask(named: str, choice: int | None, results: Path, *, as_json: bool) -> None:
    """Show the next question of a task, or keep an answer to it. `named`: a task's id, or a
    submission's folder.
    """
    path = Path(named)
    task = which_task(path, read_settings(path), None) if path.is_dir() else find_task(named)
    found = questions.load_questions(task)
    newest = next(iter(store.load_some(results, store.summaries(results, task.id)[0][-1:])), None)
    memory = questions.recall(task.id)
    question = questions.next_question(found, memory, has_run=newest is not None)
    if (
        question is None and choice is not None
    ):  # a second thought about the last one, while it is not explained
        open_ones = [
            each for each in found if each.id in memory.answers and each.id not in memory.explained
        ]
        question = open_ones[-1] if open_ones else None
    if as_json:
        if question is not None and choice is not None:
            memory = questions.answer(task, question, choice)
        return print_json(as_dict(task, found, memory, question if choice is None else None))
    out = console()
    if not found:
        out.print(f"{task.id} asks nothing", markup=False)
    elif question is None:
        print_answered(out, task, found, memory, newest, results)
    else:
        if choice is None:
            print_question(out, task, question)
            choice = prompted(len(question.choices))
        if choice is not None:
            take(out, task, question, choice, newest, results)


def prompted(count: int) -> int | None:
    """Return the number somebody types on a terminal; None if they leave it, or where there is no
    terminal.
    """
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        return None
    try:
        typed = input(f"  your prediction, 1 to {count} (Enter leaves it): ").strip()
    except EOFError:
        return None
    return int(typed) if typed.isdecimal() and 1 <= int(typed) <= count else None


def print_question(out: Console, task: Task, question: Question) -> None:
    out.print(Text(f"{task.spec.title}: what do you expect?", "bold"))
    for line in questions.asked(question, min(out.width, WIDTH) - 2):
        out.print(Text(f"  {line}"))
    said = (
        f"  answer with: grader ask {task.id} --answer N. It is never scored, and may be left out"
    )
    out.print(Text(said, "dim"))


def take(
    out: Console, task: Task, question: Question, choice: int, newest: Result | None, results: Path
) -> None:
    """Keep an answer, and say when the right one comes: after the next run, or at once."""
    questions.answer(task, question, choice)
    if question.when == "before":
        out.print(
            f"  kept: {question.choices[choice - 1]}. The answer comes with your next run.",
            markup=False,
        )
        return
    questions.take_due(task)
    print_explained(out, question, choice, newest, results)


def print_answered(
    out: Console,
    task: Task,
    found: list[Question],
    memory: questions.Memory,
    newest: Result | None,
    results: Path,
) -> None:
    """Show again what was explained, and say what waits for a run."""
    for question in found:
        if question.id in memory.explained:
            print_explained(out, question, memory.answers[question.id], newest, results)
    if any(
        question.id in memory.answers and question.id not in memory.explained for question in found
    ):
        out.print(
            f"{task.id}: you have predicted; the answer comes with your next run", markup=False
        )
    elif any(question.id not in memory.answers for question in found):
        out.print(f"{task.id}: what is left to ask is about a run; first: grader run", markup=False)


def print_explained(
    out: Console, question: Question, choice: int, newest: Result | None, results: Path
) -> None:
    figures = (
        {} if newest is None else questions.figures_of(newest, store.read_details(results, newest))
    )
    for line in questions.explained(question, choice, figures, min(out.width, WIDTH) - 2):
        out.print(Text(f"  {line}"))


def as_dict(
    task: Task, found: list[Question], memory: questions.Memory, open_question: Question | None
) -> dict[str, Any]:
    """What `--json` says. The right answer is part of it once it was explained."""
    return {
        "task": task.id,
        "question": open_question.model_dump(include={"id", "when", "text", "choices"})
        if open_question
        else None,
        "answered": [
            {
                "id": each.id,
                "choice": memory.answers[each.id],
                "answer": each.answer if is_explained else None,
            }
            for each in found
            if each.id in memory.answers
            for is_explained in [each.id in memory.explained]
        ],
    }

"""What a run says: before it, how long it takes; after it, the result and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from grader.commands.parts.console import console, say, warn
from grader.course import score
from grader.course.curriculum import Task
from grader.errors import GraderError
from grader.host.machine import CPU
from grader.records import Result, Status
from grader.results import store
from grader.results.ranking import are_apart
from grader.terminal import print_result
from grader.tutor import hints, questions
from grader.tutor.findings import findings_of

INDENT = 6
WIDTH = 100


def announce(task: Task, earlier: Sequence[Result], tier: str, device: str = CPU) -> None:
    """Say before a run about how long it takes; `earlier` are results of the same device."""
    where = f"in a {tier} box"
    if device != CPU:
        where += f" on {device}"
    say(f"{task.spec.title}, {where}: {expected_time(task, earlier, device)}", stderr=True)


def expected_time(task: Task, earlier: Sequence[Result], device: str) -> str:
    """Return about how long a run takes, in words: as last time, or by the task's budget."""
    same = [result for result in earlier if result.task.exam_version == task.exam_version]
    if same:
        return f"about {max(1, round(same[-1].elapsed_seconds))} s, like last time"
    budget = task.spec.budget
    if budget is None:
        return "a second or two"
    # Here, because a function task has no budget.
    from grader.exams.answer_budget import answer_seconds

    seconds = budget.cpu_seconds if device == CPU else budget.gpu_seconds or 0
    answers = answer_seconds(task.spec, device)
    return f"at most {seconds:.0f} s of training, then at most {answers:.0f} s of answers"


def show_result(
    result: Result, task: Task, earlier: Sequence[Result], results: Path | None
) -> None:
    """Print a result, the hint for it, and the change since the author's last run.

    results: where it is stored; None if it could not be.
    """
    hint = score.hint_for(task.spec.hints, result.verdict, result.score)
    before = last_of_author(result, earlier)
    is_apart = before is None or are_apart(before, result)
    print_result(console(), result, one_step(result, hint), before, is_apart=is_apart)
    if results is None:
        return
    explain_predictions(task, result, results)
    folder = store.result_folder(results, result)
    say(f"{' ' * INDENT}stored in {folder}", wrap=False)
    say_where_to_look(task)


def one_step(result: Result, hint: str) -> str:
    """Return the one thing to do next: the task's own hint, or what the figures say first."""
    # Here, because a quiet run needs no words.
    from reports.advice import next_steps

    return next_steps(result, hint)[0]


def say_where_to_look(task: Task) -> None:
    """Say how to see the result among others, and as a page."""
    for command, what in (
        (f"grader board {task.id}", "shows where it stands"),
        ("grader report --open", "shows it as a page, with every figure"),
    ):
        say(f"{' ' * INDENT}{command}  {what}", wrap=False)


def last_of_author(result: Result, earlier: Sequence[Result]) -> Result | None:
    """Return the newest earlier result that a result can be compared with."""
    for each in reversed(earlier):
        is_mine = each.submission.author == result.submission.author
        if is_mine and each.task.exam_version == result.task.exam_version:
            return each
    return None


def explain_predictions(task: Task, result: Result, results: Path) -> None:
    """Print the answers to what was predicted before this run, with its figures.

    See `grader ask`.
    """
    if result.score is None:
        return
    try:
        due = questions.take_due(task)
    except GraderError as error:
        return warn([f"your prediction cannot be answered: {error}"])
    if not due:
        return
    from grader.tutor import explanations

    out = console()
    figures = explanations.figures_of(result, store.read_details(results, result))
    for question, choice in due:
        width = min(out.width, WIDTH) - INDENT
        for line in ["", *explanations.explained(question, choice, figures, width)]:
            out.print(Text(" " * INDENT + line))


def remember_for_hints(path: Path, task: Task, result: Result) -> None:
    """Note what a run found, for `grader hint`; the grader's own trouble teaches nothing."""
    if result.score is None:
        return
    hint = score.hint_for(task.spec.hints, result.verdict, result.score)
    findings = findings_of(task, result.cases, result.diagnoses, result.verdict, hint)
    passed = result.verdict.status is Status.ACCEPTED
    try:
        hints.remember(path, task.id, findings, passed=passed)
    except GraderError as error:
        warn([f"hints will not be available: {error}"])

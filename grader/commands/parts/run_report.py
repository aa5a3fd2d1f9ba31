"""What stands around the commands: output, progress, a folder to work in, what a run says before
and after.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from grader.course.curriculum import Task
    from grader.exams.exam import Progress
    from grader.records import Result

EXIT_NOT_ACCEPTED = 1
EXIT_OURS = 3


def console(stderr: bool = False) -> Console:
    """Return a terminal to print on; nothing is coloured but what says so."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


def print_json(value: Any) -> None:
    """Print a value as JSON on standard output."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")


def warn(lines: list[str]) -> None:
    """Print warnings on standard error."""
    for line in lines:
        print(f"warning: {line}", file=sys.stderr)


@contextmanager
def working_folder() -> Iterator[Path]:
    """Give a temporary folder, after removing what killed graders left behind."""
    from grader.host.ownership import temporary_folder
    from grader.sandbox.process import remove_leftovers

    remove_leftovers()
    with temporary_folder("run") as folder:
        yield folder


def shown_progress(quiet: bool) -> AbstractContextManager[Progress]:
    """Return a progress display: a bar on a terminal, lines elsewhere, nothing if quiet."""
    from grader.exams.exam import Silent
    from grader.terminal import Lines, Live

    if quiet:
        return nullcontext(Silent())
    return Live(console(stderr=True)) if sys.stderr.isatty() else nullcontext(Lines())


def announce(task: Task, earlier: list[Result], tier: str, device: str = "cpu") -> None:
    """Say before a run about how long it takes; `earlier` are results of the same device."""
    seconds = [
        result.elapsed_seconds
        for result in earlier
        if result.task.exam_version == task.exam_version
    ]
    if seconds:
        expected = f"about {max(1, round(seconds[-1]))} s, as last time"
    elif task.spec.budget is not None:
        budget = (
            task.spec.budget.cpu_seconds if device == "cpu" else task.spec.budget.gpu_seconds or 0
        )
        expected = f"at most {budget:.0f} s of training, and the questions"
    else:
        expected = "a second or two"
    where = f"in a {tier} box" if device == "cpu" else f"in a {tier} box on {device}"
    console(stderr=True).print(f"{task.spec.title}, {where}: {expected}", markup=False)


def show_result(result: Result, task: Task, earlier: list[Result], results: Path | None) -> None:
    """Print a result, the hint for it, the change since the author's last run, and where it is
    stored, if it is.
    """
    from grader.course import score
    from grader.results import store
    from grader.terminal import print_result

    mine = [item for item in earlier if item.submission.author == result.submission.author]
    same = [item for item in mine if item.task.exam_version == result.task.exam_version]
    hint = score.hint_for(task.spec.hints, result.verdict, result.score)
    out = console()
    print_result(out, result, hint, same[-1] if same else None)
    if results is not None:
        explain_predictions(task, result, results)
        out.print(
            f"      stored in {store.result_folder(results, result)}", markup=False, soft_wrap=True
        )


def explain_predictions(task: Task, result: Result, results: Path) -> None:
    """Print the answers to what was predicted before this run, with its figures; see `grader
    ask`.
    """
    from rich.text import Text

    from grader.errors import GraderError
    from grader.results import store
    from grader.tutor import questions

    if result.score is None:
        return
    out = console()
    try:
        due = questions.take_due(task)
    except GraderError as error:
        return warn([f"no answer to your prediction: {error}"])
    figures = questions.figures_of(result, store.read_details(results, result)) if due else {}
    for question, choice in due:
        for line in ["", *questions.explained(question, choice, figures, min(out.width, 100) - 6)]:
            out.print(Text(f"      {line}"))


def remember(path: Path, task: Task, result: Result) -> None:
    """Note what a run found, for `grader hint`; the grader's own trouble teaches nothing."""
    from grader.course import score
    from grader.errors import GraderError
    from grader.tutor import hints

    if result.score is None:
        return
    hint = score.hint_for(task.spec.hints, result.verdict, result.score)
    findings = hints.findings_of(task, result.cases, result.diagnoses, result.verdict, hint)
    try:
        hints.remember(path, task.id, findings, passed=result.verdict.status == "accepted")
    except GraderError as error:
        warn([f"no hint can be given later: {error}"])


def exit_code(result: Result) -> int:
    """Return 0 for accepted, 1 for graded but not accepted, 3 for the grader's own trouble."""
    if result.score is None:
        return EXIT_OURS
    return 0 if result.verdict.status == "accepted" else EXIT_NOT_ACCEPTED


def write_site(results: Path, site: Path, latest: bool) -> Path:
    """Write the pages for all results and return the first one."""
    from functools import partial

    from grader.errors import StoreChanged
    from grader.results import store
    from grader.results.runs import Run
    from reports.site import Kept, build

    kept = Kept(
        partial(store.read_log, results),
        partial(store.read_details, results),
        partial(store.stamp, results),
        task_hint,
    )
    with store.uncollected():
        fresh: dict[str, Result] = {}
        known, broken = store.summaries(results, fresh=fresh)
        whole = partial(store.whole, results)
        try:
            runs = [Run(each, fresh.get(each.path) or whole) for each in known]
            made = build(runs, site, latest=latest, kept=kept, left_out=broken)
        except (
            StoreChanged
        ):  # somebody grades, rescores or removes meanwhile: now all are read at once
            found, broken = store.load_results(results)
            made = build(found, site, latest=latest, kept=kept, left_out=broken)
        warn(broken)
        return made


def task_hint(result: Result) -> str:
    """Return the hint that a result's task has for its outcome, where the task is still there."""
    from grader.course import score
    from grader.course.curriculum import find_task
    from grader.errors import GraderError

    try:
        task = find_task(result.task.id)
    except GraderError:
        return ""
    return score.hint_for(task.spec.hints, result.verdict, result.score)

"""The runs of `grader run`, from an opened submission to what is shown of them.

Apart from the command itself, which starts the submission's box before it imports this: most of
what the grader imports for an exam comes in here.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.commands.parts.console import console
from grader.commands.parts.exit_codes import exit_code
from grader.commands.parts.progress import shown_progress
from grader.commands.parts.run_report import announce, remember_for_hints, show_result
from grader.course.curriculum import Task
from grader.course.hidden_parts import HiddenPart, find_part
from grader.errors import StoreError
from grader.exams.holding import check_audit
from grader.grading.pipeline import check_device, grade
from grader.host.machine import CPU
from grader.records import Result, Submission
from grader.results import store
from grader.sandbox.box import Sandbox
from grader.sandbox.choose import choose_sandbox
from grader.sandbox.gpu import choose, model_name
from grader.sandbox.runner_process import HeadStart
from grader.terminal import print_spread


@dataclass(frozen=True)
class Wishes:
    """What the words of the command ask for."""

    path: Path
    results: Path
    sandbox: str
    device: str
    data_folder: Path | None
    audit: str
    hidden: Path | None
    repeats: int
    as_json: bool


def grade_and_show(wishes: Wishes, submission: Submission, task: Task, early: HeadStart) -> int:
    """Grade a submission as often as is wished, show each result, and return the exit code."""
    check_device(task, wishes.device)
    check_audit(task, wishes.audit)
    part = find_part(task, wishes.hidden, wishes.data_folder)
    if part is not None:
        task = part.of_task(task)
    chosen = choose(wishes.device)
    sandbox = choose_sandbox(wishes.sandbox, task.spec.exam, gpu=chosen != CPU, early=early)
    earlier = results_of_device(wishes.results, task, chosen)
    runs = Runs(
        wishes.path,
        submission,
        task,
        sandbox,
        wishes.results,
        chosen,
        wishes.data_folder,
        wishes.audit,
        earlier,
        part,
    )
    while len(runs.made) < wishes.repeats and runs.lost is None:
        runs.grade_once(quiet=wishes.as_json)
    if wishes.as_json:
        write_json(runs.made, as_list=wishes.repeats > 1)
    elif len(runs.made) > 1:
        print_spread(console(), runs.made)
    if runs.lost is not None:
        raise runs.lost
    return exit_code(runs.made[-1])


def results_of_device(results: Path, task: Task, device: str) -> list[Result]:
    """Return the stored results of a task that were measured on the same kind of device."""
    name = model_name(device)
    return [each for each in store.load_results(results, task.id)[0] if each.device == name]


@dataclass
class Runs:
    """One submission, graded as often as is asked for.

    lost: why the last result could not be stored. It is shown all the same, because a training may
    have taken an hour; no further one is made.
    """

    path: Path
    submission: Submission
    task: Task
    sandbox: Sandbox
    results: Path
    device: str
    data_folder: Path | None
    audit: str
    earlier: list[Result]
    hidden: HiddenPart | None = None
    made: list[Result] = field(default_factory=list)
    lost: StoreError | None = None

    def grade_once(self, *, quiet: bool) -> None:
        """Train and grade once, and show the result unless told to be quiet."""
        before = [*self.earlier, *self.made]
        if not quiet:
            announce(self.task, before, self.sandbox.tier, model_name(self.device))
        result = self.graded(quiet=quiet)
        self.made.append(result)
        remember_for_hints(self.path, self.task, result)
        if not quiet:
            stored_in = self.results if self.lost is None else None
            show_result(result, self.task, before, stored_in)

    def graded(self, *, quiet: bool) -> Result:
        """Return one result; `lost` says if it could not be stored."""
        with shown_progress(quiet=quiet) as progress:
            try:
                return grade(
                    self.submission,
                    self.task,
                    self.sandbox,
                    self.results,
                    device=self.device,
                    data_folder=self.data_folder,
                    audit=self.audit,
                    hidden=self.hidden,
                    progress=progress,
                )
            except StoreError as error:
                self.lost = error
                return error.result


def write_json(made: Sequence[Result], *, as_list: bool) -> None:
    """Write the result, or a list of them where several were asked for."""
    every = [result.model_dump_json(indent=2) for result in made]
    text = f"[{', '.join(every)}]" if as_list else every[0]
    sys.stdout.write(f"{text}\n")

"""`grader run`: Grade a solution: train, ask, measure, score; the result is stored."""

from __future__ import annotations

import typer

from grader.commands.options import (
    DEFAULT_RESULTS,
    HERE,
    AuditOption,
    AuthorOption,
    DataOption,
    DeviceOption,
    HiddenOption,
    JsonOption,
    PathArgument,
    RepeatsOption,
    ResultsOption,
    SandboxOption,
    TaskOption,
    VerboseOption,
)
from grader.commands.parts.early_box import begin_early
from grader.commands.parts.working_folder import working_folder
from grader.host.machine import CPU
from grader.intake.submission import open_submission
from grader.sandbox.runner_process import head_start

HELP_PLACE = ("Grade", 1)


def run(
    path: PathArgument = HERE,
    task: TaskOption = None,
    results: ResultsOption = DEFAULT_RESULTS,
    sandbox: SandboxOption = "auto",
    device: DeviceOption = CPU,
    author: AuthorOption = None,
    data: DataOption = None,
    audit: AuditOption = "",
    hidden: HiddenOption = None,
    repeats: RepeatsOption = 1,
    as_json: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Grade a solution: train, ask, measure, score; the result is stored and shown."""
    with working_folder() as scratch, head_start() as early:
        submission, found = open_submission(path, scratch, task_id=task, author=author)
        begin_early(early, submission, found, sandbox, device)
        # Here, because the box imports NumPy in the meantime.
        from grader.commands.parts.graded_runs import Wishes, grade_and_show

        wishes = Wishes(
            path, results, sandbox, device, data, audit, hidden, repeats=repeats, as_json=as_json
        )
        code = grade_and_show(wishes, submission, found, early)
    raise typer.Exit(code)

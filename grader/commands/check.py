"""`grader check`: Check that a solution can be graded, in seconds, without a score."""

from __future__ import annotations

import typer

from grader.commands.options import (
    HERE,
    JsonOption,
    PathArgument,
    SandboxOption,
    TaskOption,
    VerboseOption,
)
from grader.commands.parts.early_box import begin_early
from grader.commands.parts.exit_codes import EXIT_NOT_ACCEPTED
from grader.commands.parts.working_folder import working_folder
from grader.intake.submission import open_submission
from grader.sandbox.runner_process import head_start

HELP_PLACE = ("Learn", 3)


def check(
    path: PathArgument = HERE,
    task: TaskOption = None,
    sandbox: SandboxOption = "auto",
    as_json: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Check that a solution can be graded, on small stand-in data, and rehearse its training.

    The rehearsal gives advice, not a score.
    """
    with working_folder() as scratch, head_start() as early:
        submission, found = open_submission(path, scratch, task_id=task)
        begin_early(early, submission, found, sandbox)
        # Here, because the box imports NumPy in the meantime.
        from grader.commands.parts.checking import check_opened
        from grader.commands.parts.console import console, print_json
        from grader.commands.parts.progress import shown_progress

        with shown_progress(quiet=as_json) as progress:
            checked = check_opened(
                submission, found, sandbox_name=sandbox, progress=progress, early=early
            )
    checked.remember_for_hints(path)
    if as_json:
        print_json(checked.as_dict())
    else:
        checked.print(console())
    raise typer.Exit(0 if checked.ready else EXIT_NOT_ACCEPTED)

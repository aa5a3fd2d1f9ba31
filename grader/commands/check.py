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
from grader.commands.parts.checking import check_submission
from grader.commands.parts.console import console, print_json
from grader.commands.parts.exit_codes import EXIT_NOT_ACCEPTED
from grader.commands.parts.progress import shown_progress
from grader.commands.parts.working_folder import working_folder

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
    with working_folder() as scratch, shown_progress(quiet=as_json) as progress:
        checked = check_submission(
            path, scratch, task_id=task, sandbox_name=sandbox, progress=progress
        )
    checked.remember_for_hints(path)
    if as_json:
        print_json(checked.as_dict())
    else:
        checked.print(console())
    raise typer.Exit(0 if checked.ready else EXIT_NOT_ACCEPTED)

"""`grader task`: Make a task of your own, and verify one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from grader.commands.options import DataOption, JsonOption, VerboseOption
from grader.commands.parts.console import print_json, say
from grader.commands.parts.exit_codes import EXIT_OURS
from grader.commands.parts.working_folder import working_folder
from grader.course.data_place import data_folder
from grader.course.new_task import KINDS, make_task
from grader.errors import UsageError
from grader.grading.verifying import verify_task
from grader.spelling import no_such

HELP_PLACE = ("Set up", 5)
NAME = re.compile(r"[a-z0-9][a-z0-9-]*")

app = typer.Typer(
    name="task",
    help="Make a task of your own, and verify one.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="The task's id, such as wine-growers.")],
    into: Annotated[
        Path, typer.Option("--into", help="Folder that holds tasks of your own.")
    ] = Path("my-tasks"),
    exam: Annotated[
        str, typer.Option("--exam", help="classification, regression or functions.")
    ] = "classification",
) -> None:
    """Write a small task that is whole, for you to change: with a lesson, a starter, a reference,
    and data of its own where something is trained.
    """
    if not NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be a task's id; use lower-case letters, digits and hyphens"
        )
    if exam not in KINDS:
        raise UsageError(
            f"--exam: {no_such('kind of new task', exam, KINDS)}. For the others, copy the task on "
            "the kind's page in docs/teach/tasks/"
        )
    folder = into / name
    for file in make_task(folder, exam):
        say(f"created {folder / file}", wrap=False)
    say(f"next: grader task verify {folder}, then change one file after the other", wrap=False)
    say(f"graders find it with: export GRADER_TASKS={into.resolve()}", wrap=False)


@app.command("verify")
def verify(
    folder: Annotated[Path, typer.Argument(help="The task's folder.")],
    data: DataOption = None,
    as_json: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Say whether a task is whole: its files, its data, its starter and its references."""
    with working_folder() as scratch:
        findings = verify_task(folder, data_folder(data), scratch)
    if as_json:
        print_json([finding._asdict() for finding in findings])
    else:
        for finding in findings:
            say(f"{finding.status.upper():<8}{finding.about}: {finding.says}", wrap=False)
    raise typer.Exit(EXIT_OURS if any(each.status == "fail" for each in findings) else 0)

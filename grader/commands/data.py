"""`grader data`: See, fetch and check data sets, and hidden parts of your own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.commands.options import DataOption, JsonOption, VerboseOption
from grader.commands.parts.console import console, print_json, say
from grader.course.curriculum import find_task
from grader.course.dataset import comes_with, data_folder, dataset_states, find_dataset
from grader.course.fetch import fetch
from grader.course.hidden_parts import also_published, find_part
from grader.errors import UsageError
from grader.terminal import columns

HELP_PLACE = ("Set up", 3)

app = typer.Typer(
    name="data",
    help="See which data sets are there, and fetch them.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.command("status")
def status(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Say which data sets are there, where, and what is wrong with the others."""
    states = dataset_states(data_folder(data))
    if as_json:
        return print_json(states)
    columns(console(), ("data set", "state"), list(states.items()))


@app.command("get")
def get(
    name: Annotated[str, typer.Argument(help="Name of the data set.")],
    data: DataOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Download a data set once, check it and keep it."""
    folder = data_folder(data)
    fetch(name, folder)
    package = comes_with(name)
    where = f"it comes with {package}" if package else f"it is in {folder}"
    say(f"{name} is ready: {where}", wrap=False)


@app.command("hidden")
def hidden(
    task: Annotated[str, typer.Argument(help="Id of the task that is to ask it.")],
    folder: Annotated[Path, typer.Argument(help="Folder with the private hidden part.")],
    data: DataOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Check a private hidden part; `grader run` and `grader batch` ask it with --hidden."""
    found = find_task(task)
    part = find_part(found, folder, data)
    if part is None:
        raise UsageError(
            f"task {task!r} draws its cases anew in every run; there is nothing hidden to replace"
        )
    if part.text:
        return say(f"{task}: {len(part.text)} characters, fingerprint {part.fingerprint}")
    known = also_published(part, find_dataset(found.spec.dataset).load(data_folder(data)))
    say(f"{task}: {len(part.labels)} inputs, fingerprint {part.fingerprint}")
    if known:
        say(
            f"{known} of them are also in the published data, where everybody has them: leave "
            "them out"
        )

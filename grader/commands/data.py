"""`grader data`: See which data sets are there, and fetch them."""

from __future__ import annotations

from typing import Annotated

import typer

from grader.commands.options import DataOption, JsonOption, VerboseOption
from grader.commands.parts.console import console, print_json, say
from grader.course.dataset import comes_with, data_folder, dataset_states
from grader.course.fetch import fetch
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

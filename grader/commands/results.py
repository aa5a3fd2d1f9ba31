"""`grader results`: Bring results of several folders together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.commands.options import DEFAULT_RESULTS, ResultsOption, VerboseOption
from grader.commands.parts.console import say, warn
from grader.results import merging
from grader.results.soundness import require_sound

HELP_PLACE = ("Grade", 6)

app = typer.Typer(
    name="results",
    help="Bring results of several folders together.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

FoldersArgument = Annotated[
    list[Path], typer.Argument(help="Folders of results, such as one for each part of a class.")
]


@app.callback()
def results() -> None:
    """Keep `merge` a word of its own: Typer would drop the only command of a group."""


@app.command("merge")
def merge(
    folders: FoldersArgument,
    results: ResultsOption = DEFAULT_RESULTS,
    verbose: VerboseOption = False,
) -> None:
    """Copy the results of several folders into one; a damaged result or a conflict stops it before
    anything is copied.
    """
    require_sound(results)
    merged = merging.merge(folders, results)
    say(f"{merged.copied} results copied to {results}, {merged.there_before} were there before")
    if merged.missing_parts:
        warn([f"these parts of the batch were not given: {', '.join(merged.missing_parts)}"])

"""The words that several commands take, each with its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

PathArgument = Annotated[Path, typer.Argument(help="A solution folder, script, notebook or zip.")]
TaskOption = Annotated[
    str | None, typer.Option("--task", "-t", help="Task id; else submission.toml or folder name.")
]
ResultsOption = Annotated[
    Path, typer.Option("--results", envvar="GRADER_RESULTS", help="Folder of results.")
]
AuthorOption = Annotated[str | None, typer.Option("--author", help="Name for the board.")]
SandboxOption = Annotated[
    str,
    typer.Option("--sandbox", help="Where submissions run: auto, process, container or gvisor."),
]
DeviceOption = Annotated[
    str, typer.Option("--device", help="cpu, gpu (a free one), gpu:N or a GPU's UUID.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
DataOption = Annotated[
    Path | None, typer.Option("--data", envvar="GRADER_DATA", help="Folder with the datasets.")
]
SiteOption = Annotated[Path, typer.Option("--site", help="Folder to write the pages to.")]

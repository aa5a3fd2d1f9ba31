"""The arguments and options that several commands take, each declared once, with its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_RESULTS = Path("results")
DEFAULT_SITE = Path("site")
LOCAL = "local"
ENGINES = (LOCAL, "ray")


def turn_on_log(verbose: bool) -> None:
    """Show the log as soon as -v is read, before the command begins."""
    from grader.logs import show_everything

    if verbose:
        show_everything()


HERE = Path()
PathArgument = Annotated[
    Path,
    typer.Argument(
        help="A solution folder, script, notebook or zip (default: this folder).",
        show_default=False,
    ),
]
TaskOption = Annotated[
    str | None,
    typer.Option(
        "--task", "-t", help="Task id (default: from submission.toml or the folder's name)."
    ),
]
ResultsOption = Annotated[
    Path, typer.Option("--results", envvar="GRADER_RESULTS", help="Folder of results.")
]
AuthorOption = Annotated[str | None, typer.Option("--author", help="Author's name on the board.")]
SandboxOption = Annotated[
    str,
    typer.Option("--sandbox", help="Where submissions run: auto, process, container or gvisor."),
]
DeviceOption = Annotated[
    str, typer.Option("--device", help="cpu, gpu (a free one), gpu:N or a GPU's UUID.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
DataOption = Annotated[
    Path | None, typer.Option("--data", envvar="GRADER_DATA", help="Folder with the data sets.")
]
HiddenOption = Annotated[
    Path | None,
    typer.Option(
        "--hidden",
        envvar="GRADER_HIDDEN",
        help="Folder with a private hidden part, asked in the place of the published one.",
    ),
]
ClassOption = Annotated[
    Path | None,
    typer.Option(
        "--class", envvar="GRADER_CLASS", help="Folder of the class (default: ./class, if any)."
    ),
]
SiteOption = Annotated[Path, typer.Option("--site", help="Folder to write the pages to.")]
LatestOption = Annotated[
    bool, typer.Option("--latest", help="Show each author's latest result instead of the best.")
]
AuditOption = Annotated[
    str, typer.Option("--audit", help="retrain: train once more, with the classes renumbered.")
]
EngineOption = Annotated[
    str, typer.Option("--engine", help="local (this computer), or ray (the nodes of a cluster).")
]
AddressOption = Annotated[
    str,
    typer.Option(
        "--address", help="Where the cluster listens: auto, HOST:PORT or ray://HOST:PORT."
    ),
]
RepeatsOption = Annotated[
    int, typer.Option("--repeats", min=1, help="Train and grade this many times.")
]
# A command that takes it has nothing left to do with it: the callback has done the work.
VerboseOption = Annotated[
    bool,
    typer.Option(
        "--verbose",
        "-v",
        is_eager=True,
        callback=turn_on_log,
        help="Report on standard error what the grader is doing.",
    ),
]

"""Commands with a word more: `grader image build`, `grader data status`, `grader data get`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.commands.options import DataOption, JsonOption
from grader.commands.output import console, print_json

image_app = typer.Typer(
    help="Make the images of container boxes.", no_args_is_help=True, rich_markup_mode=None
)


@image_app.command("build")
def image_build(
    frameworks: Annotated[
        str, typer.Option("--frameworks", help="torch, keras, tensorflow, jax: comma between.")
    ] = "torch",
    base: Annotated[
        str | None, typer.Option("--base", help="Base image with python3 and venv.")
    ] = None,
    gpu: Annotated[bool, typer.Option("--gpu", help="Packages for NVIDIA GPUs.")] = False,
    wheels: Annotated[
        Path | None, typer.Option("--wheels", help="Take packages from this folder alone.")
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", help="A further CA certificate (PEM).")
    ] = None,
) -> None:
    """Build the image with the frameworks and the one without, for function tasks."""
    from grader.commands.image import DEFAULT_BASE, build_image, recipes

    names = [name.strip() for name in frameworks.split(",") if name.strip()]
    out = console()
    for recipe in recipes(names, base or DEFAULT_BASE, gpu, wheels, certificate):
        name = build_image(recipe, lambda line: out.print(line, markup=False))
        out.print(f"made {name}", markup=False)


data_app = typer.Typer(
    help="See and fetch the datasets.", no_args_is_help=True, rich_markup_mode=None
)


@data_app.command("status")
def data_status(data: DataOption = None, json: JsonOption = False) -> None:
    """Say which datasets are there, where, and what is wrong with the others."""
    from grader.course.dataset import data_folder, dataset_states
    from grader.terminal import columns

    states = dataset_states(data_folder(data))
    if json:
        return print_json(states)
    columns(console(), ("dataset", "state"), list(states.items()))


@data_app.command("get")
def data_get(
    name: Annotated[str, typer.Argument(help="Name of the dataset.")], data: DataOption = None
) -> None:
    """Download a dataset once, check it and keep it."""
    from grader.course.dataset import data_folder
    from grader.course.fetch import fetch

    folder = data_folder(data)
    fetch(name, folder)
    console().print(f"{name} is ready in {folder}", markup=False, soft_wrap=True)

"""`grader image`: Build the images that container boxes start from."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from docker.errors import APIError, BuildError, DockerException

from grader.commands.options import VerboseOption
from grader.commands.parts.console import say
from grader.course.curriculum import course_folder
from grader.course.known_names import GRADER
from grader.errors import SandboxError, UsageError
from grader.host.ownership import temporary_folder
from grader.sandbox.choose import (
    FUNCTIONS_VARIANT,
    GPU_SUFFIX,
    REPOSITORY,
    RUNNER_LABEL,
    VARIANT_LABEL,
    runner_hash,
)
from grader.sandbox.docker.engine import LABEL, connect, remove_leftovers
from grader.spelling import no_such

HELP_PLACE = ("Set up", 4)
DOCKERFILE = GRADER / "sandbox" / "Dockerfile"
RUNNER = GRADER / "runner"
DEFAULT_BASE = "python:3.11-slim-bookworm"
FRAMEWORKS = {
    "torch": ("torch", "torchvision"),
    "keras": ("keras",),
    "tensorflow": ("tensorflow-cpu",),
    "jax": ("jax",),
}
# What Keras computes with: the first that is there. It brings none itself.
BACKENDS = ("tensorflow", "torch", "jax")
# What tutorials import beside a framework: tables, estimators, plots that go nowhere.
USUAL = ("matplotlib", "tqdm", "pandas", "scikit-learn", "seaborn", "ipython", "einops")
# What they import on top of one.
ON_TOP = {
    "torch": ("lightning", "torchmetrics", "timm", "transformers", "torchinfo"),
    "jax": ("flax", "optax", "equinox", "dm-haiku"),
}
# Beside NumPy for function tasks: `tables` may be solved with it, and no other task is answered by
# it.
TABLES = ("pandas",)
GPU_PACKAGES = {"tensorflow-cpu": "tensorflow[and-cuda]", "jax": "jax[cuda13]"}
BUILD_SECONDS = 3600
LAST_LINES = 12  # of a build that failed: the reason is among them

app = typer.Typer(
    name="image",
    help="Build the images that container boxes start from.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.callback()
def image() -> None:
    """Keep `build` a word of its own: Typer would drop the only command of a group."""


@app.command("build")
def build(
    frameworks: Annotated[
        str,
        typer.Option("--frameworks", help="torch, keras, tensorflow, jax: separated by commas."),
    ] = "torch",
    base: Annotated[
        str | None, typer.Option("--base", help="Base image with python3 and venv.")
    ] = None,
    gpu: Annotated[bool, typer.Option("--gpu", help="Install packages for NVIDIA GPUs.")] = False,
    wheels: Annotated[
        Path | None, typer.Option("--wheels", help="Install packages from this folder only.")
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", help="An additional CA certificate (PEM).")
    ] = None,
    verbose: VerboseOption = False,
) -> None:
    """Build two images: one with the frameworks, and one without, for function tasks."""
    names = [name.strip() for name in frameworks.split(",") if name.strip()]
    for recipe in recipes(names, base or DEFAULT_BASE, gpu, wheels, certificate):
        say(f"made {build_image(recipe, say)}")


@dataclass(frozen=True)
class Recipe:
    """What goes into an image."""

    base: str = DEFAULT_BASE
    frameworks: tuple[str, ...] = ("torch",)
    gpu: bool = False
    wheels: Path | None = None
    certificate: Path | None = None

    @property
    def packages(self) -> list[str]:
        """Return what pip installs."""
        frameworks = list(self.frameworks)
        if "keras" in frameworks and not set(frameworks) & set(BACKENDS):
            frameworks.append(BACKENDS[0])
        packages = ["numpy", *(USUAL if frameworks else TABLES)]
        for name in frameworks:
            packages.extend([*FRAMEWORKS[name], *ON_TOP.get(name, ())])
        if not self.gpu:
            return packages
        return [GPU_PACKAGES.get(package, package) for package in packages]

    @property
    def variant(self) -> str:
        """Return the image's kind: "numpy" for function tasks, else its frameworks."""
        if not self.frameworks:
            return FUNCTIONS_VARIANT
        return "-".join(self.frameworks) + (GPU_SUFFIX if self.gpu else "")


def build_image(recipe: Recipe, tell: Callable[[str], None]) -> str:
    """Return the name of the image of this recipe, building it where it is not there yet.

    The name ends in a hash of everything that goes into the image, so an image that is there is the
    right one.
    """
    check_recipe(recipe)
    client = connect()
    client.api.timeout = BUILD_SECONDS
    remove_leftovers(client)
    with temporary_folder("image") as context:
        fill_context(recipe, context)
        name = f"{REPOSITORY}:{recipe.variant}-{hash_context(recipe, context)}"
        if client.images.list(name=name):
            return name
        tell(f"building {name} from {recipe.base} with {', '.join(recipe.packages)}")
        try:
            client.images.build(tag=name, **build_arguments(recipe, context))
        except BuildError as error:
            raise SandboxError(
                f"the image could not be built:\n{last_lines(error.build_log)}"
            ) from None
        except (APIError, DockerException) as error:
            raise SandboxError(f"the engine refused the build: {str(error)[:300]}") from None
    return name


def build_arguments(recipe: Recipe, context: Path) -> dict[str, Any]:
    """Return what the engine is told about a build; with wheels at hand it gets no network."""
    is_offline = recipe.wheels is not None
    return {
        "path": str(context),
        "rm": True,
        "forcerm": True,
        "buildargs": {
            "BASE": recipe.base,
            "PACKAGES": " ".join(recipe.packages),
            "PIP_OPTIONS": "--no-index" if is_offline else "",
        },
        "network_mode": "none" if is_offline else None,
        "labels": {LABEL: "image", VARIANT_LABEL: recipe.variant, RUNNER_LABEL: runner_hash()},
    }


def last_lines(build_log: Iterable[dict[str, Any]]) -> str:
    """Return the end of what a build said."""
    lines = [str(line.get("stream") or line.get("error") or "").strip() for line in build_log]
    return "\n".join([line for line in lines if line][-LAST_LINES:])


def check_recipe(recipe: Recipe) -> None:
    """Refuse what cannot be built, before anything is copied."""
    for name in recipe.frameworks:
        if name not in FRAMEWORKS:
            raise UsageError(no_such("framework", name, FRAMEWORKS))
    if recipe.wheels is not None and not any(recipe.wheels.glob("*.whl")):
        raise UsageError(
            f"{recipe.wheels} holds no wheels; fill it with "
            f"`pip download -d {recipe.wheels} PACKAGE`"
        )
    if recipe.certificate is not None and not recipe.certificate.is_file():
        raise UsageError(f"{recipe.certificate} is not a file; give the certificate as PEM")


def fill_context(recipe: Recipe, context: Path) -> None:
    """Lay out what the Dockerfile copies."""
    shutil.copyfile(DOCKERFILE, context / "Dockerfile")
    shutil.copytree(RUNNER, context / "runner", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(constraints_file(), context / "constraints.txt")
    (context / "wheels").mkdir()
    (context / "certificates").mkdir()
    if recipe.wheels is not None:
        for path in sorted(recipe.wheels.glob("*.whl")):
            shutil.copyfile(path, context / "wheels" / path.name)
    if recipe.certificate is not None:
        shutil.copyfile(recipe.certificate, context / "certificates" / "school.crt")


def constraints_file() -> Path:
    """Return constraints.txt: beside the installed course, or the checkout's."""
    return course_folder("tasks").parent / "constraints.txt"


def hash_context(recipe: Recipe, context: Path) -> str:
    """Return 12 digits that change with anything that goes into the image.

    Wheels count by name and size: they are large, and a version is never published twice.
    """
    total = hashlib.sha256(repr((recipe.base, recipe.packages, recipe.gpu)).encode())
    for path in sorted(item for item in context.rglob("*") if item.is_file()):
        name = path.relative_to(context).as_posix()
        content = str(path.stat().st_size).encode() if path.suffix == ".whl" else path.read_bytes()
        total.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return total.hexdigest()[:12]


def recipes(
    frameworks: Sequence[str], base: str, gpu: bool, wheels: Path | None, certificate: Path | None
) -> list[Recipe]:
    """Return what to build: an image without frameworks, for function tasks, and one with them."""
    return [
        Recipe(base, (), False, wheels, certificate),
        Recipe(base, tuple(frameworks), gpu, wheels, certificate),
    ]

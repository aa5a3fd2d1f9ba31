"""`grader image build`: make the images of container boxes; each is named by the hash of what went
into it.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from docker.errors import APIError, BuildError, DockerException

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

DOCKERFILE = GRADER / "sandbox" / "Dockerfile"
RUNNER = GRADER / "runner"
DEFAULT_BASE = "python:3.11-slim-bookworm"
FRAMEWORKS = {
    "torch": ("torch", "torchvision"),
    "keras": ("keras",),
    "tensorflow": ("tensorflow-cpu",),
    "jax": ("jax",),
}
BACKENDS = (
    "tensorflow",
    "torch",
    "jax",
)  # what Keras computes with: the first that is there; it brings none itself
USUAL = ("matplotlib", "tqdm")  # what tutorials import beside a framework; plots go nowhere
TABLES = (
    "pandas",
)  # beside NumPy for function tasks: `tables` may be solved with it, and it answers no other one
GPU_PACKAGES = {"tensorflow-cpu": "tensorflow[and-cuda]", "jax": "jax[cuda13]"}
BUILD_SECONDS = 3600


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
        computing = (
            ()
            if set(self.frameworks) & set(BACKENDS) or "keras" not in self.frameworks
            else BACKENDS[:1]
        )
        chosen = [
            package for name in (*self.frameworks, *computing) for package in FRAMEWORKS[name]
        ]
        usual = USUAL if self.frameworks else TABLES
        return [
            "numpy",
            *usual,
            *(GPU_PACKAGES.get(package, package) if self.gpu else package for package in chosen),
        ]

    @property
    def variant(self) -> str:
        """Return the image's kind: "numpy" for function tasks, else its frameworks."""
        return (
            "-".join(self.frameworks) + (GPU_SUFFIX if self.gpu else "")
            if self.frameworks
            else FUNCTIONS_VARIANT
        )


def build_image(recipe: Recipe, say: Callable[[str], None]) -> str:
    """Return the name of the image of this recipe, building it where it is not there yet."""
    check_recipe(recipe)
    client = connect()
    client.api.timeout = BUILD_SECONDS
    remove_leftovers(client)
    with temporary_folder("image") as context:
        fill_context(recipe, context)
        name = f"{REPOSITORY}:{recipe.variant}-{hash_context(recipe, context)}"
        if client.images.list(name=name):
            return name
        say(f"building {name} from {recipe.base} with {', '.join(recipe.packages)}")
        try:
            client.images.build(
                path=str(context),
                tag=name,
                rm=True,
                forcerm=True,
                buildargs={
                    "BASE": recipe.base,
                    "PACKAGES": " ".join(recipe.packages),
                    "PIP_OPTIONS": "--no-index" if recipe.wheels is not None else "",
                },
                network_mode="none" if recipe.wheels is not None else None,
                labels={LABEL: "image", VARIANT_LABEL: recipe.variant, RUNNER_LABEL: runner_hash()},
            )
        except BuildError as error:
            lines = [
                str(line.get("stream") or line.get("error") or "").strip()
                for line in error.build_log
            ]
            tail = "\n".join([line for line in lines if line][-12:])
            raise SandboxError(f"the image could not be built:\n{tail}") from None
        except (APIError, DockerException) as error:
            raise SandboxError(f"the engine refused the build: {str(error)[:300]}") from None
    return name


def check_recipe(recipe: Recipe) -> None:
    """Refuse what cannot be built, before anything is copied."""
    for name in recipe.frameworks:
        if name not in FRAMEWORKS:
            raise UsageError(f"there is no framework {name!r}; there is {', '.join(FRAMEWORKS)}")
    if recipe.wheels is not None and not any(recipe.wheels.glob("*.whl")):
        raise UsageError(
            f"{recipe.wheels} holds no wheels; fill it with `pip download -d {recipe.wheels} PACKAGE`"
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
    for path in sorted(recipe.wheels.glob("*.whl")) if recipe.wheels is not None else ():
        shutil.copyfile(path, context / "wheels" / path.name)
    if recipe.certificate is not None:
        shutil.copyfile(recipe.certificate, context / "certificates" / "school.crt")


def constraints_file() -> Path:
    """Return constraints.txt: beside the installed course, or the checkout's."""
    return course_folder("tasks").parent / "constraints.txt"


def hash_context(recipe: Recipe, context: Path) -> str:
    """Return 12 digits that change with anything that goes into the image; wheels count by name and
    size.
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
    """Return what to build: one image with the frameworks, and one with NumPy alone for function
    tasks.
    """
    return [
        Recipe(base, (), False, wheels, certificate),
        Recipe(base, tuple(frameworks), gpu, wheels, certificate),
    ]

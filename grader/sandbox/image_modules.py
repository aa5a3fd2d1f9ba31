"""Which modules the images of `grader image build` hold, by the names that programs import.

A plain process has whatever its computer has, a class's image what is listed here. `grader check`
in a plain process names what a program imports beyond it.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path

FOR_FUNCTIONS = frozenset({"numpy", "pandas", "dateutil", "six"})
FRAMEWORKS = frozenset({"torch", "torchvision", "tensorflow", "keras", "jax", "jaxlib"})
FOR_TRAINING = (
    FOR_FUNCTIONS
    | FRAMEWORKS
    | frozenset(
        {
            "IPython",
            "PIL",
            "chex",
            "einops",
            "equinox",
            "flax",
            "haiku",
            "lightning",
            "matplotlib",
            "optax",
            "packaging",
            "pytorch_lightning",
            "scipy",
            "seaborn",
            "sklearn",
            "timm",
            "torchinfo",
            "torchmetrics",
            "tqdm",
            "transformers",
            "yaml",
        }
    )
)
# Answered by the runner wherever they are missing.
STOOD_IN = frozenset({"datasets", "tensorflow_datasets", "torchtext", "wandb", "mlflow", "google"})
IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+([A-Za-z_]\w*)", re.MULTILINE)
MOST_FILES = 200
MOST_BYTES = 1 << 20


def beyond_images(folder: Path, *, trains: bool) -> list[str]:
    """Return the modules that a submission imports, this computer has, and images have not.

    trains: whether it is for a task with a training; others have an image without frameworks. Lines
    are looked at, nothing is parsed or run.
    """
    held = FOR_TRAINING if trains else FOR_FUNCTIONS
    files = sorted(folder.rglob("*.py"))[:MOST_FILES]
    own = {path.stem for path in files} | {path.name for path in folder.rglob("*") if path.is_dir()}
    known = held | STOOD_IN | own | set(sys.stdlib_module_names) | {"grader"}
    beyond = set(imported(files)) - known
    return sorted(filter(is_here, beyond))


def imported(files: list[Path]) -> Iterator[str]:
    """Yield the first parts of the names that files import."""
    for path in files:
        with path.open("rb") as file:
            source = file.read(MOST_BYTES).decode("utf-8", "replace")
        yield from (found.group(1) for found in IMPORT.finditer(source))


def is_here(name: str) -> bool:
    """Whether this computer has a module; one that is missing is said by the run itself."""
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False

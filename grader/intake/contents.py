"""What was handed in: whether it fits the task, which file is run, and what identifies it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from grader.course.curriculum import Task
from grader.errors import SubmissionRefused
from grader.intake.copying import MIB

MAIN_FILES = ("solution.py", "solution.ipynb", "main.py", "train.py")
SCRIPT_SUFFIXES = (".py", ".ipynb")
SHOWN_FILES = 8  # in a message
WEIGHT_SUFFIXES = {
    ".bin",
    ".ckpt",
    ".h5",
    ".joblib",
    ".keras",
    ".npz",
    ".pickle",
    ".pkl",
    ".pt",
    ".pth",
    ".safetensors",
}


def check_sizes(folder: Path, task: Task) -> None:
    """Refuse what is empty, too big, or brings weights where the task allows none.

    Raises SubmissionRefused.
    """
    limits = task.spec.limits
    files = [path for path in folder.rglob("*") if path.is_file()]
    if not files:
        raise SubmissionRefused(
            f"the submission is empty; expected a solution.py, a script or a notebook for {task.id}"
        )
    code = 0
    weights = 0
    for path in files:
        if path.suffix.lower() not in WEIGHT_SUFFIXES:
            code += path.stat().st_size
            continue
        if limits.weights_mib == 0:
            raise SubmissionRefused(
                f"{path.relative_to(folder)} looks like trained weights; task {task.id!r} trains "
                "the model itself within its budget. Leave the file out."
            )
        weights += path.stat().st_size
    if weights > limits.weights_mib * MIB:
        raise SubmissionRefused(
            f"{weights / MIB:.1f} MiB of weights; "
            f"task {task.id!r} allows {limits.weights_mib:g} MiB"
        )
    if code > limits.submission_mib * MIB:
        biggest = max(files, key=lambda path: path.stat().st_size)
        raise SubmissionRefused(
            f"{code / MIB:.1f} MiB of files; task {task.id!r} allows {limits.submission_mib:g} "
            f"MiB. The largest is {biggest.relative_to(folder)}; there is no need to hand in "
            "data."
        )


def main_file(folder: Path, origin: Path) -> str:
    """Return the name of the file to run: the one given, solution.py, or the only script there.

    origin: the path that was handed in. Raises SubmissionRefused if it is not clear which one.
    """
    if origin.is_file() and origin.suffix != ".zip":
        return origin.name
    for name in MAIN_FILES:
        if (folder / name).is_file():
            return name
    names = sorted(path.name for path in folder.iterdir())
    scripts = [name for name in names if Path(name).suffix in SCRIPT_SUFFIXES]
    if len(scripts) == 1:
        return scripts[0]
    if not scripts:
        raise SubmissionRefused(
            f"no solution found among {', '.join(names[:SHOWN_FILES])}; "
            "expected solution.py, or one script or notebook"
        )
    raise SubmissionRefused(
        f"any of these could be the solution: {', '.join(scripts[:SHOWN_FILES])}. Call it "
        "solution.py, or hand in only that file"
    )


def hash_folder(folder: Path) -> str:
    """Return the SHA-256 of all files, names and contents in name order, as hex digits."""
    total = hashlib.sha256()
    for path in sorted(item for item in folder.rglob("*") if item.is_file()):
        total.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def code_lines(path: Path) -> int:
    """Return how many lines of a file are neither blank nor a comment alone."""
    count = 0
    for line in path.read_bytes().splitlines():
        code = line.strip()
        if code and not code.startswith(b"#"):
            count += 1
    return count

"""What was handed in: whether it fits the task, which file is run, and what identifies it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

from grader.course.curriculum import Task
from grader.errors import SubmissionRefused
from grader.intake.copying import MIB

MAIN_FILES = ("solution.py", "solution.ipynb", "main.py", "train.py")
NOTEBOOK = ".ipynb"
SCRIPT_SUFFIXES = (".py", NOTEBOOK)
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
USUAL_MAINS = ("main.py", "run.py", "train.py", "app.py", "__main__.py")
MOST_SOURCE_BYTES = 1 << 20
IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+\.?|import[ \t]+)([A-Za-z_]\w*)", re.MULTILINE)


def check_sizes(folder: Path, task: Task) -> None:
    """Refuse what is empty, too big, or brings weights where the task allows none.

    A notebook does not count here, because most of one may be pictures; see check_script.
    Raises SubmissionRefused.
    """
    limits = task.spec.limits
    files = [path for path in folder.rglob("*") if path.is_file()]
    if not files:
        raise SubmissionRefused(
            f"the submission is empty; expected a solution.py, a script or a notebook for {task.id}"
        )
    code = [path for path in files if path.suffix.lower() not in (*WEIGHT_SUFFIXES, NOTEBOOK)]
    weights = [path for path in files if path.suffix.lower() in WEIGHT_SUFFIXES]
    if weights and limits.weights_mib == 0:
        raise SubmissionRefused(
            f"{weights[0].relative_to(folder)} looks like trained weights; task {task.id!r} trains "
            "the model itself within its budget. Leave the file out."
        )
    if bytes_of(weights) > limits.weights_mib * MIB:
        raise SubmissionRefused(
            f"{bytes_of(weights) / MIB:.1f} MiB of weights; "
            f"task {task.id!r} allows {limits.weights_mib:g} MiB"
        )
    if bytes_of(code) > limits.submission_mib * MIB:
        biggest = max(code, key=lambda path: path.stat().st_size)
        raise SubmissionRefused(
            f"{bytes_of(code) / MIB:.1f} MiB of files; task {task.id!r} allows "
            f"{limits.submission_mib:g} MiB. The largest is {biggest.relative_to(folder)}; there "
            "is no need to hand in data."
        )


def check_script(script: Path, notebook: str, task: Task) -> None:
    """Refuse a notebook whose code alone, without outputs, is too big. SubmissionRefused."""
    size = script.stat().st_size
    most = task.spec.limits.submission_mib
    if size > most * MIB:
        raise SubmissionRefused(
            f"{size / MIB:.1f} MiB of files in the code cells of {notebook}, its outputs not "
            f"counted; task {task.id!r} allows {most:g} MiB"
        )


def bytes_of(files: Iterable[Path]) -> int:
    return sum(path.stat().st_size for path in files)


def renamed(names: Sequence[str]) -> str:
    """Say which text file may be the script, saved under another suffix."""
    texts = [name for name in names if Path(name).suffix.lower() == ".txt"]
    likely = get_close_matches("solution", [Path(name).stem for name in texts], n=1)
    if not likely:
        return ""
    return f". If {likely[0]}.txt is your script, call it solution.py"


def main_file(folder: Path, notes: list[str]) -> str:
    """Return the name of the file to run: solution.py, or the only script there.

    notes: gets a line where another one might have been meant. Raises SubmissionRefused if it is
    not clear which one.
    """
    names = sorted(path.name for path in folder.iterdir())
    scripts = [name for name in names if Path(name).suffix in SCRIPT_SUFFIXES]
    helpers = imported_among(folder, scripts)
    for wanted in MAIN_FILES:
        for name in scripts:
            is_helper = name in helpers and not wanted.startswith("solution")
            if name.lower() == wanted and not is_helper:
                note_on_others(name, scripts, notes)
                return name
    if len(scripts) == 1:
        return scripts[0]
    stems = {Path(name).stem for name in scripts}
    if len(scripts) == 2 and len(stems) == 1:  # a notebook, and the script exported from it
        notebook = f"{stems.pop()}{NOTEBOOK}"
        note_on_others(notebook, scripts, notes)
        return notebook
    if not scripts:
        raise SubmissionRefused(
            f"no solution found among {', '.join(names[:SHOWN_FILES])}; "
            f"expected solution.py, or one script or notebook{renamed(names)}"
        )
    chosen = by_imports(folder, scripts)
    if chosen:
        beside = ", ".join([name for name in scripts if name != chosen][:SHOWN_FILES])
        notes.append(f"{chosen} is run: no other script imports it (beside it: {beside})")
        return chosen
    raise SubmissionRefused(
        f"any of these could be the solution: {', '.join(scripts[:SHOWN_FILES])}. Call it "
        "solution.py, or hand in only that file"
    )


def by_imports(folder: Path, scripts: list[str]) -> str:
    """Return the script that others are there for: nobody imports it; "" where that is not one.

    Where several are left, the ones that import others go before those that stand alone, and names
    such as main.py and run.py before others.
    """
    helpers = imported_among(folder, scripts)
    left = [name for name in scripts if name not in helpers]
    users = [name for name in left if imported_among(folder, scripts, by=name)]
    for candidates in (left, users):
        if len(candidates) == 1:
            return candidates[0]
    named = [name for name in USUAL_MAINS if name in (users or left)]
    return named[0] if named else ""


def imported_among(folder: Path, scripts: list[str], by: str = "") -> set[str]:
    """Return the scripts that one of them imports, by any of them or by this one."""
    if len(scripts) < 2:
        return set()
    stems = {Path(name).stem: name for name in scripts if not name.endswith(NOTEBOOK)}
    found: set[str] = set()
    for name in [by] if by else scripts:
        here = {stems[stem] for stem in imports_in(folder / name) if stem in stems}
        found |= here - {name}
    return found


def imports_in(path: Path) -> set[str]:
    """Return the first parts of the names that a file's lines import; nothing is parsed."""
    if path.suffix == NOTEBOOK:
        return set()
    with path.open("rb") as file:
        source = file.read(MOST_SOURCE_BYTES).decode("utf-8", "replace")
    return {found.group(1) for found in IMPORT.finditer(source)}


def note_on_others(chosen: str, scripts: list[str], notes: list[str]) -> None:
    """Say which file is graded where others look as much like a solution."""
    alike = (*MAIN_FILES, f"{Path(chosen).stem.lower()}.py")
    beside = []
    for name in scripts:
        looks_alike = name.lower() in alike or name.endswith(NOTEBOOK)
        if looks_alike and name != chosen:
            beside.append(name)
    if beside:
        notes.append(f"{chosen} is graded; {', '.join(beside[:SHOWN_FILES])} beside it is not")


def has_file(folder: Path, name: str) -> bool:
    """Whether a folder holds a file of this name, written in capitals or not."""
    return any(path.name.lower() == name for path in folder.iterdir())


def hash_folder(folder: Path) -> str:
    """Return the SHA-256 of all files, names and contents in name order, as hex digits."""
    total = hashlib.sha256()
    for path in sorted(item for item in folder.rglob("*") if item.is_file()):
        total.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def nothing_in(file: str, task: Task) -> str:
    """Return what to say of a solution without a line of code, and what was expected of it."""
    names = list(dict.fromkeys(group.partition("/")[0] for group in task.spec.scoring.groups))
    wanted = f"the functions {', '.join(names)}" if names else task.spec.about.rstrip(".")
    return (
        f"{file} is empty: it has no line of code. Expected: {wanted}. Was it saved? "
        f"`grader start {task.id} FOLDER` makes one to complete"
    )


def code_lines(path: Path) -> int:
    """Return how many lines of a file are neither blank nor a comment alone."""
    count = 0
    for line in path.read_bytes().splitlines():
        code = line.strip()
        if code and not code.startswith(b"#"):
            count += 1
    return count

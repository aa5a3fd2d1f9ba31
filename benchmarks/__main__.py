"""Print every figure that README and docs claim.

python -m benchmarks              all that take minutes at most (`make benchmarks`)
python -m benchmarks NAME ...     these
python -m benchmarks --list       what there is, and what each one is for
"""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path

from grader.host.machine import describe_machine, noise_reason
from grader.spelling import no_such

# Run by themselves: each takes hours, trains something that is kept, or draws pictures.
BY_THEMSELVES = (
    "audits",
    "doctor",
    "engines",
    "features",
    "gpu",
    "killed_class",
    "lesson_pictures",
    "pictures",
    "references",
    "trust",
)
FOLDER = Path(__file__).resolve().parent


def names() -> list[str]:
    """Return the benchmarks: the modules here that have a `main`, and the folders of such."""
    found = [path.stem for path in FOLDER.glob("[a-z]*.py")]
    found += [path.parent.name for path in FOLDER.glob("[a-z]*/__main__.py")]
    return sorted(found)


def about(name: str) -> str:
    """Return the first line of a benchmark's docstring, read without importing it."""
    path = FOLDER / f"{name}.py"
    if not path.is_file():
        path = FOLDER / name / "__main__.py"
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return docstring.partition("\n")[0]


def print_list() -> None:
    for name in names():
        alone = "  (by itself)" if name in BY_THEMSELVES else ""
        print(f"{name:<16} {about(name)}{alone}")


def main() -> None:
    chosen = sys.argv[1:]
    if chosen == ["--list"]:
        return print_list()
    for name in chosen:
        if name not in names():
            sys.exit(no_such("benchmark", name, names()))
    found = describe_machine()
    machine = f"{found.cpu}, {found.cores} cores, Python {found.python}"
    print(f"machine {found.id}: {machine}; {noise_reason() or 'quiet'}")
    for name in chosen or [name for name in names() if name not in BY_THEMSELVES]:
        print(f"\n== {name}", flush=True)
        module = f"benchmarks.{name}" if name != "doctor" else "benchmarks.doctor.__main__"
        sys.argv = [name]
        importlib.import_module(module).main()


if __name__ == "__main__":
    main()

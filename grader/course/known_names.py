"""The names a task.toml may use for things that are files of the grader.

An exam is a file in grader/exams/kinds, a data set one in grader/course/datasets, and a metric is
declared by its exam. The course stands below the exams, so it must not import them; reading a task
would also become slow, because every exam brings NumPy along. So names are read from the folders,
and from the text of the files, without importing anything.
"""

from __future__ import annotations

import pkgutil
import re
from functools import cache
from pathlib import Path

GRADER = Path(__file__).resolve().parent.parent
KINDS = GRADER / "exams" / "kinds"
CORRUPTIONS_FILE = GRADER / "exams" / "checks" / "corruptions.py"
DATASETS = GRADER / "course" / "datasets"
# Exams of code that is asked and not trained: no data set, no private hidden part, and no bound on
# what is brought along.
WITHOUT_TRAINING = ("functions", "questions")
WORD = re.compile(r"""["']([a-z_0-9]+)["']""")


@cache
def exam_names() -> tuple[str, ...]:
    """Return the kinds of exam, by name."""
    return modules_in(KINDS)


@cache
def dataset_names() -> tuple[str, ...]:
    """Return the data sets, by name: the file `fashion_mnist.py` is `fashion-mnist`."""
    return tuple(name.replace("_", "-") for name in modules_in(DATASETS))


@cache
def metric_names(exam: str) -> tuple[str, ...]:
    """Return the metrics that a kind of exam declares in its METRICS; empty if it declares none."""
    return declared_names(KINDS / f"{exam}.py", "METRICS")


@cache
def corruption_names() -> tuple[str, ...]:
    """Return the ways in which the robustness probe can corrupt a picture."""
    return declared_names(CORRUPTIONS_FILE, "WAYS")


def modules_in(folder: Path) -> tuple[str, ...]:
    """Return the names of the modules in a folder, without importing them."""
    return tuple(sorted(item.name for item in pkgutil.iter_modules([str(folder)])))


def declared_names(path: Path, constant: str) -> tuple[str, ...]:
    """Return the texts in a tuple, or the keys of a dictionary, that a module assigns to a name.

    The constant has to stand at the left margin and to be written out. Parsing the whole file
    instead would take 5 ms for each kind of exam, at every start.
    """
    assignment = re.compile(rf"^{constant}\b[^=\n]*=\s*[(\[{{]([^)\]}}]*)[)\]}}]", re.MULTILINE)
    found = assignment.search(path.read_text("utf-8"))
    return tuple(WORD.findall(found.group(1))) if found else ()

"""The files of a new task, small and whole: it can be verified and graded before a word is changed.

A task with a training gets a data set of its own, a made-up table, so that its author replaces
numbers by numbers instead of beginning with an error.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from grader.errors import UsageError

KINDS = ("classification", "regression", "functions")
ROWS = 90  # to train on, and a third as many hidden
SEED = 90
CENTRES = {"early": (1.0, 4.0, 2.0), "middle": (3.0, 1.0, 2.5), "late": (5.0, 3.0, 0.5)}
COLUMNS = ("height", "width", "weight")

TASK = """id = "{name}"
title = "{title}"
about = "Say in one sentence what is learned here."
stage = "networks"
order = 500
exam = "{kind}"
"""

TRAINED = """dataset = "{name}"
{classes}batch = 16

[limits]
memory_mib = 2048
submission_mib = 1

[budget]
cpu_seconds = 20

[scoring]
{scoring}
[hints]
below_target = "Say what most people forget who end here."
"""

CLASSES = """metric = "accuracy"
# The worst and the best that references reach: run yours, then write their figures here.
curve = [[0.4, 0.0], [0.8, 0.6], [0.95, 1.0]]
gate = 0.8
"""

NUMBERS = """metric = "mean_absolute_error"
better = "lower"
# The best and the worst that references reach: run yours, then write their figures here.
curve = [[0.5, 1.0], [1.0, 0.6], [3.0, 0.0]]
gate = 1.0
"""

CASES = """
[limits]
memory_mib = 512
submission_mib = 1

[scoring]
metric = "cases"
curve = [[0.0, 0.0], [1.0, 1.0]]
gate = 1.0

[scoring.groups]
"mean/typical" = 1

[hints]
"score<100" = "Compute the smallest failing case on paper."
"""

DATASET = """name = "{name}"
about = "Say what the rows are, and where they come from."
source = "Made up by `grader task new`."
{answered}

[train]
path = "train.csv"

[hidden]
path = "hidden.csv"
"""

LESSON = """# {title}

## The idea

Say what is to be understood, in the words of somebody who does not know it yet.

## What to write

{what}

## How it is graded

`grader check {name}` says in seconds whether it can be graded, `grader run {name}` grades it.
"""

CLASSIFIER = '''"""{head}"""

import numpy as np


def train(data):
    """Return a function from rows (n, 3) to scores (n, classes) or labels (n,).

    data.inputs: float32 (n, 3). data.labels: int64 (n,). data.num_classes: how many classes.
    """
'''

MOST_COMMON = """    most = int(np.bincount(data.labels).argmax())
    return lambda rows: np.full(len(rows), most)
"""

NEAREST_MEAN = """    labels = range(data.num_classes)
    means = np.stack([data.inputs[data.labels == label].mean(axis=0) for label in labels])

    def predict(rows):
        return -np.square(rows[:, None] - means).sum(axis=2).astype(np.float32)

    return predict
"""

REGRESSOR = '''"""{head}"""

import numpy as np


def train(data):
    """Return a function from rows (n, 3) to numbers (n,).

    data.inputs: float32 (n, 3). data.labels: float32 (n,), the numbers to be met.
    """
'''

USUAL = """    usual = float(data.labels.mean())
    return lambda rows: np.full(len(rows), usual, dtype=np.float32)
"""

LINE = """    ones = np.ones((len(data.inputs), 1))
    weights, *_ = np.linalg.lstsq(np.hstack([data.inputs, ones]), data.labels, rcond=None)
    return lambda rows: rows @ weights[:-1] + weights[-1]
"""

STARTER_HEAD = "Complete train(data). As it stands, everything gets the same answer."

FUNCTION_CASES = '''"""Cases and right answers of the task `{name}`."""

from collections.abc import Iterator

import numpy as np

from grader import Function, Group


def mean(numbers: np.ndarray) -> float:
    return float(np.sum(numbers) / len(numbers))


def typical(draw: np.random.Generator) -> Iterator[tuple[np.ndarray]]:
    yield (np.array([1.0, 2.0, 6.0]),)
    for size in (4, 10, 100):
        yield (draw.normal(size=size),)


FUNCTIONS = [
    Function(
        name="mean",
        answer=mean,
        groups=[Group("typical", typical, "three to a hundred numbers")],
        mistakes={{"the median was returned": lambda numbers: float(np.median(numbers))}},
    ),
]
'''

FUNCTION_STARTER = '''"""Fill in the function."""

import numpy as np


def mean(numbers: np.ndarray) -> float:
    """Return the mean of the numbers, an array of shape (n,)."""
    raise NotImplementedError
'''

FUNCTION_REFERENCE = '''"""The mean by NumPy's own function.

Claim: every case of `{name}`.
Evidence: `grader run reference/numpy --task {name}`.
"""

import numpy as np


def mean(numbers):
    return float(np.mean(numbers))
'''


def make_task(folder: Path, kind: str) -> list[str]:
    """Write a new task into a folder that is not there yet; returns the names of its files.

    UsageError where the folder exists or cannot be written.
    """
    if folder.exists():
        raise UsageError(f"{folder} already exists and was left as it is; name another folder")
    files = dict(files_of(folder.name, kind))
    try:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {folder}: {error.strerror or error}") from None
    return list(files)


def files_of(name: str, kind: str) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each file of a new task."""
    title = name.replace("-", " ").capitalize()
    head = TASK.format(name=name, title=title, kind=kind)
    if kind == "functions":
        yield "task.toml", head + CASES
        yield "task.py", FUNCTION_CASES.format(name=name)
        yield "starter/solution.py", FUNCTION_STARTER
        yield "reference/numpy/solution.py", FUNCTION_REFERENCE.format(name=name)
        yield "README.md", LESSON.format(name=name, title=title, what="Write `mean(numbers)`.")
        return
    yield from trained_files(name, title, head, is_number=kind == "regression")


def trained_files(
    name: str, title: str, head: str, *, is_number: bool
) -> Iterator[tuple[str, str]]:
    """Yield the files of a task with a training, and of its data set."""
    classes = "" if is_number else f"classes = {len(CENTRES)}\n"
    scoring = NUMBERS if is_number else CLASSES
    yield "task.toml", head + TRAINED.format(name=name, classes=classes, scoring=scoring)
    answered = 'target = "score"' if is_number else 'label = "kind"'
    yield "dataset.toml", DATASET.format(name=name, answered=answered)
    draw = random.Random(SEED)
    yield "train.csv", table(draw, ROWS, is_number=is_number)
    yield "hidden.csv", table(draw, ROWS // 3, is_number=is_number)
    program = REGRESSOR if is_number else CLASSIFIER
    yield (
        "starter/solution.py",
        program.format(head=STARTER_HEAD) + (USUAL if is_number else MOST_COMMON),
    )
    way = "line" if is_number else "means"
    claim = (
        f"The simplest thing that works.\n\nClaim: accepted on `{name}`.\n"
        f"Evidence: `grader run reference/{way} --task {name}`.\n"
    )
    yield (
        f"reference/{way}/solution.py",
        program.format(head=claim) + (LINE if is_number else NEAREST_MEAN),
    )
    what = "Write `train(data)` in `solution.py`; its docstring says what it gets and returns."
    yield "README.md", LESSON.format(name=name, title=title, what=what)


def table(draw: random.Random, rows: int, *, is_number: bool) -> str:
    """Return made-up rows as CSV: three groups, or numbers that follow a line."""
    lines = [",".join([*COLUMNS, "score" if is_number else "kind"])]
    kinds = list(CENTRES)
    for number in range(rows):
        kind = kinds[number % len(kinds)]
        values = [draw.gauss(centre, 0.6) for centre in CENTRES[kind]]
        answer = f"{values[0] * 2 - values[1] + draw.gauss(0, 0.4):.3f}" if is_number else kind
        lines.append(",".join([*(f"{value:.3f}" for value in values), answer]))
    return "\n".join(lines) + "\n"

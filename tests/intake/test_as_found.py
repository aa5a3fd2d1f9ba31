"""Scripts and notebooks as people write them: graded unchanged where possible, refused with the
reason otherwise.

Everything in tests/data/as_found/ goes through `check` on stand-in data for the task mnist, or for
the task named by the beginning of the file's name. The patterns are easy: a script that trains at
all answers most of them, and one that prepares the hidden images in another way than the training
images does not.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from support.paths import DATA

from grader.commands.parts.checking import Checked, check_submission
from grader.errors import SubmissionRefused
from grader.exams.session import Silent
from grader.records import Status

AS_FOUND = DATA / "as_found"
GOOD = sorted(path for path in AS_FOUND.iterdir() if path.is_file())
REFUSED = AS_FOUND / "refused"
# PyTorch warns of two workers on one core, which tests side by side have
OF_TWO_CORES = ("random_split_workers.py",)
# Each of these takes a quarter of a minute and has a lighter one of its kind beside it.
HEAVY = (
    "cifar10_keras.py",
    "imdb_keras_lstm.py",
    "imdb_text_vectorization.py",
    "jax_pixels_flattened.py",
    "keras_notebook.ipynb",
)
TASK = "mnist"
TASKS = {
    "fashion_": "found-fashion",
    "cifar10_": "found-cifar10",
    "imdb_": "found-imdb",
}  # beginning of a name -> task
MIN_ACCURACY = 0.5
# Two classes are easily guessed.
MIN_ACCURACIES = {"found-imdb": 0.8}
# Keras says that it does not shuffle a tf.data pipeline, whoever asks it to train on one.
SAID_BY_KERAS = "UserWarning: `shuffle=True` was passed"

# file -> verdict, what the reason must hold
BAD = {
    "trains_nothing.py": (Status.INVALID_SUBMISSION, "trained nothing"),
    "leaves_none.py": (Status.INVALID_SUBMISSION, "left no model; expected a global `model`"),
    "transform_of_its_own.py": (
        Status.RUNTIME_ERROR,
        "the transform Lambda cannot be applied to a hidden image",
    ),
    "transform_of_three_channels.py": (
        Status.RUNTIME_ERROR,
        "the transform Normalize cannot be applied",
    ),
    "pictures_not_tensors.py": (Status.INVALID_SUBMISSION, "add transforms.ToTensor()"),
    "other_dataset.py": (
        Status.INVALID_SUBMISSION,
        "asks for fashion-mnist; this task provides mnist",
    ),
    "other_input_size.py": (Status.RUNTIME_ERROR, "given float32 of shape (2, 1, 28, 28)"),
    "syntax_error.py": (
        Status.INVALID_SUBMISSION,
        "was never closed (syntax_error.py, line 5: train = ",
    ),
    "exits_with_three.py": (Status.RUNTIME_ERROR, "sys.exit(3)"),
    "keras_form_untold.py": (
        Status.INVALID_SUBMISSION,
        "trained on float32 of shape (n, 28, 28), and the grader could not work out how raw",
    ),
    "keras_other_dataset.py": (
        Status.INVALID_SUBMISSION,
        "asks for keras.datasets.cifar100; this task provides mnist",
    ),
    "imdb_other_dataset.py": (
        Status.INVALID_SUBMISSION,
        'asks for load_dataset("ag_news"); this task provides imdb',
    ),
    "imdb_beyond_the_stand_in.py": (
        Status.INVALID_SUBMISSION,
        "its stand-in has no Dataset.push_to_hub",
    ),
    "imdb_without_predict.py": (
        Status.INVALID_SUBMISSION,
        "Define predict(model, inputs) beside it",
    ),
    "missing_package.py": (Status.INVALID_SUBMISSION, "No module named 'package_that_nobody_has'"),
}


def task_of(path: Path) -> str:
    return next(
        (task for beginning, task in TASKS.items() if path.name.startswith(beginning)), TASK
    )


def check(path: Path, scratch: Path) -> Checked:
    words: dict[str, Any] = {"sandbox_name": "process", "progress": Silent(), "advising": False}
    return check_submission(path, scratch, task_id=task_of(path), **words)


def notebook(path: Path, *cells: str, kind: str = "code") -> Path:
    extra = {"outputs": [], "execution_count": None} if kind == "code" else {}
    made = [
        {"cell_type": kind, "id": f"c{i}", "metadata": {}, "source": text} | extra
        for i, text in enumerate(cells)
    ]
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made}))
    return path


def test_every_file_is_tried() -> None:
    assert len(GOOD) >= 30
    assert {path.suffix for path in GOOD} == {".py", ".ipynb"}
    assert {path.name for path in REFUSED.iterdir()} == set(BAD)


def good() -> list[Any]:
    """Return the scripts that are graded unchanged, the heavy ones at night."""
    parameters = []
    for path in GOOD:
        marks = []
        if path.name in OF_TWO_CORES:
            marks.append(pytest.mark.clock)
        if path.name in HEAVY:
            marks.append(pytest.mark.nightly)
        parameters.append(pytest.param(path, id=path.name, marks=marks))
    return parameters


@pytest.mark.parametrize("path", good())
def test_it_is_ready_as_it_is_and_learns(path: Path, tmp_path: Path) -> None:
    outcome = check(path, tmp_path)
    assert outcome.outcome.failure is None, f"{outcome.outcome.failure}\n{outcome.outcome.log}"
    assert outcome.ready
    accuracy = outcome.outcome.measurements["accuracy"].value
    assert accuracy >= MIN_ACCURACIES.get(task_of(path), MIN_ACCURACY)
    assert "Warning" not in outcome.outcome.log.replace(SAID_BY_KERAS, "")


@pytest.mark.parametrize("name", sorted(BAD))
def test_it_is_refused_with_the_reason(name: str, tmp_path: Path) -> None:
    status, says = BAD[name]
    outcome = check(REFUSED / name, tmp_path)
    failure = outcome.outcome.failure
    assert not outcome.ready
    assert failure is not None
    assert failure.status is status
    assert says in failure.reason


def test_the_magics_of_a_notebook_are_listed_and_what_they_time_is_run(tmp_path: Path) -> None:
    outcome = check(AS_FOUND / "classroom_notebook.ipynb", tmp_path)
    notes = "\n".join(outcome.submission.notes)
    for line in (
        "%matplotlib inline",
        "!pip install",
        "files = !ls",
        "train_set.classes?",
        "%%bash",
    ):
        assert line in notes
    for line in ("%time one_epoch()", "% (epoch, losses[-1])"):
        assert line not in notes
    assert "epoch 2: loss 0." in outcome.outcome.log


def test_a_cell_that_does_not_parse_is_named(tmp_path: Path) -> None:
    outcome = check(notebook(tmp_path / "work.ipynb", "x = 1", "for x in"), tmp_path / "scratch")
    assert not outcome.ready
    assert "code cell 2 does not look like runnable Python" in outcome.submission.notes


REFUSED_NOTEBOOKS = {
    "not a notebook": ("{", "not a readable notebook"),
    "another JSON": ('{"cells": 3}', "not a readable notebook"),
}


@pytest.mark.parametrize(("text", "says"), REFUSED_NOTEBOOKS.values(), ids=REFUSED_NOTEBOOKS)
def test_a_notebook_that_does_not_parse_is_refused(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.ipynb"
    path.write_text(text)
    with pytest.raises(SubmissionRefused, match=says):
        check(path, tmp_path / "scratch")


def test_a_notebook_without_code_is_refused(tmp_path: Path) -> None:
    path = notebook(tmp_path / "essay.ipynb", "# My plan", "More text", kind="markdown")
    with pytest.raises(SubmissionRefused, match="no code cells"):
        check(path, tmp_path / "scratch")


def test_a_notebook_of_40_mb_is_refused_with_its_size(tmp_path: Path) -> None:
    path = notebook(tmp_path / "fat.ipynb", "picture = '" + "A" * 40_000_000 + "'")
    with pytest.raises(SubmissionRefused, match=r"38\.1 MiB.*fat\.ipynb"):
        check(path, tmp_path / "scratch")


def test_weights_beside_a_script_are_refused_where_the_task_trains(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    shutil.copy(AS_FOUND / "saves_weights.py", folder / "solution.py")
    (folder / "mnist_linear.pt").write_bytes(b"PK\x03\x04")
    with pytest.raises(SubmissionRefused, match=r"mnist_linear\.pt looks like trained weights"):
        check(folder, tmp_path / "scratch")

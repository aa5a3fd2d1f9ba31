"""`grader submit`: nobody has a receipt for what cannot be opened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.commands import grader

import grader.commands.submit as submit
from grader.errors import PackingError, UsageError
from grader.intake.submission import open_submission
from grader.records import Submission

RIGHT = (
    "import numpy as np\n"
    "def weighted_sum(x, w, b): return float(np.dot(x, w) + b)\n"
    "def neuron(x, w, b): return 1 / (1 + np.exp(-weighted_sum(x, w, b)))\n"
    "def layer(X, W, b): return 1 / (1 + np.exp(-(X @ W + b)))\n"
)
ODD_NAMES = ("Is it 7? 10:30.txt", "-x.txt", "trailing /a.txt", "Net.py", "net.py")


def opened(path: Path, into: Path) -> Submission:
    return open_submission(path, into, task_id="neuron", author="Ada")[0]


def packed(submission: Submission, place: Path) -> tuple[submit.Receipt, Path]:
    target = place / "work.zip"
    return submit.pack(submission, target, place / "scratch"), target


def test_what_was_packed_is_opened_as_the_receipt_says(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    for name in ("solution.py", *ODD_NAMES):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(RIGHT if name == "solution.py" else "x")
    (folder / "submission.toml").write_text('network = "dense 3-1"\nauthor = "Ada"\n')
    receipt, target = packed(opened(folder, tmp_path / "first"), tmp_path)
    again, task = open_submission(target, tmp_path / "second")
    assert (again.sha256, task.id) == (receipt.submission_sha256, "neuron")
    assert again.network == "dense 3-1"
    for name in ODD_NAMES:
        assert (again.folder / name).is_file()


def test_without_a_way_to_open_it_there_is_no_receipt_and_no_zip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "solution.py").write_text(RIGHT)
    submission = opened(tmp_path / "solution.py", tmp_path / "first")

    def broken(paths: Any, folder: Path, target: Path) -> None:
        target.write_bytes(b"PK and then nothing")

    monkeypatch.setattr(submit, "write_zip", broken)
    with pytest.raises(PackingError, match="the grader's own mistake"):
        packed(submission, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "scratch", "solution.py"]


def test_a_place_that_cannot_be_written_to_is_said_before_the_check(tmp_path: Path) -> None:
    target = tmp_path / "nowhere" / "work.zip"
    with pytest.raises(UsageError, match="choose another place with --to"):
        submit.must_be_writable(target)
    done = grader("submit", tmp_path, "--task", "neuron", "--to", target, cwd=tmp_path)
    assert done.returncode == 2
    assert "choose another place with --to" in done.stderr  # and not: the submission is empty


def test_a_notebook_is_packed_as_it_was_handed_in(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": RIGHT}
    body = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell]}
    path = tmp_path / "Assignment 1: a neuron?.ipynb"
    path.write_text(json.dumps(body))
    receipt, target = packed(opened(path, tmp_path / "first"), tmp_path)
    assert receipt.files == 2  # with submission.toml
    again, _ = open_submission(target, tmp_path / "second")
    assert (again.folder / path.name).read_bytes() == path.read_bytes()

"""Exam `classification` where a task gives few examples, or asks for corrupted copies."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from support.constant_box import ConstantSandbox
from support.factories import make_task
from support.paths import TEST_TASKS
from support.planted import PLANTED

from grader.course.curriculum import Task, find_task
from grader.course.dataset import Dataset
from grader.course.datasets import digits
from grader.errors import TaskError
from grader.exams.kinds import classification
from grader.exams.session import Session
from grader.exams.timing.par import null_submission
from grader.grading.pipeline import grade
from grader.intake.submission import open_submission
from grader.records import Result, Status
from grader.sandbox import limits as limits_module
from grader.sandbox.process import ProcessSandbox

TEN_OF_EACH = "    assert np.bincount(data.labels).tolist() == [10] * 10\n"
MEANS = """
import numpy as np


def standardised(batch):
    rows = batch.reshape(len(batch), -1).astype(np.float64)
    rows = rows - rows.mean(axis=1, keepdims=True)
    return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9)


def train(data):
    classes = range(data.num_classes)
    means = standardised(np.stack([data.inputs[data.labels == c].mean(axis=0) for c in classes]))
    return lambda batch: 20 * standardised(batch) @ means.T
"""

FEW = MEANS.replace("def train(data):\n", f"def train(data):\n{TEN_OF_EACH}")


@pytest.mark.parametrize(
    ("promised", "usable", "given"),
    [(2, [5], 1), (2, [0, 1], 2), (2, [0, 1, 2, 3], 2), (1, [0, 1], 1)],
)
def test_a_box_gets_no_more_threads_than_there_are_cores(
    monkeypatch: pytest.MonkeyPatch, promised: int, usable: list[int], given: int
) -> None:
    monkeypatch.setattr(limits_module, "usable_cores", lambda: usable)
    task = make_task(limits={"cores": promised})
    limits = Session(task, cast(Any, None), cast(Any, None)).limits()
    assert limits.cores == given


def test_what_another_box_printed_and_needed_is_not_the_submissions() -> None:
    own = null_submission()
    for options in ({"submission": null_submission()}, {"counts": False}, {}):
        with Session(make_task(), own, ConstantSandbox(0)) as session:
            box = session.open(**options)
            box.log = lambda: "printed"  # type: ignore[method-assign]
        is_own = not options
        assert session.log == ("printed" if is_own else "")
        assert (session.peak_memory is not None) is is_own


def given_part(task: Task, dataset: Dataset) -> Dataset:
    return classification.given_part(task, dataset, np.random.default_rng())


def test_all_examples_are_given_unless_the_task_says_how_many() -> None:
    dataset = digits.stand_in(np.random.default_rng(0))
    assert given_part(make_task(), dataset) is dataset


def test_so_many_of_each_class_are_drawn_anew_each_time() -> None:
    dataset = digits.stand_in(np.random.default_rng(0))
    few = make_task(data={"per_class": 3})
    parts = [given_part(few, dataset) for _ in range(4)]
    rows = {
        image.tobytes(): label
        for image, label in zip(dataset.train_inputs, dataset.train_labels, strict=True)
    }
    for part in parts:
        assert np.bincount(part.train_labels).tolist() == [3] * 10
        assert part.train_labels.tolist() != sorted(part.train_labels.tolist())
        pairs = zip(part.train_inputs, part.train_labels, strict=True)
        assert all(rows[image.tobytes()] == label for image, label in pairs)
        assert len({image.tobytes() for image in part.train_inputs}) == 30
        assert part.hidden_inputs is dataset.hidden_inputs
    assert len({part.train_inputs.tobytes() for part in parts}) > 1


def test_a_class_with_fewer_is_the_tasks_mistake() -> None:
    dataset = digits.stand_in(np.random.default_rng(0))
    with pytest.raises(TaskError, match=r"per_class = 100000.*class '0' .* has \d+"):
        given_part(make_task(data={"per_class": 100_000}), dataset)


def test_a_submission_sees_the_few_and_is_asked_everything(
    grade_source: Callable[..., Result], small_data: Path, results: Path
) -> None:
    graded = [grade_source(FEW, "learn-from-little", data_folder=small_data) for _ in range(2)]
    assert [result.measurements["accuracy"].n for result in graded] == [200, 200]
    answers = []
    for path in results.rglob("predictions.npz"):
        with np.load(path) as arrays:
            answers.append(arrays["scores"])
    assert len(answers) == 2
    assert not np.array_equal(*answers), "the same digits were drawn twice"


def test_corrupted_copies_are_scored_and_never_timed(
    grade_source: Callable[..., Result], small_data: Path, results: Path
) -> None:
    result = grade_source(MEANS, "fair-and-robust", data_folder=small_data)
    assert result.verdict.status is Status.ACCEPTED, result.verdict.reason
    figures = result.measurements
    assert figures["corrupted_accuracy"].n == figures["responsible_accuracy"].n == 100
    assert figures["accuracy"].n == 100
    assert any("fresh_gap" in note for note in result.notes), "200 are too few to keep some apart"
    assert figures["latency_seconds"].n < 200
    scoring = find_task("fair-and-robust").spec.scoring
    assert result.task.metric == scoring.metric == "responsible_accuracy"
    with np.load(next(results.rglob("predictions.npz"))) as arrays:
        assert arrays["corrupted_scores"].shape == arrays["scores"].shape == (100, 10)
        labels = load_labels(small_data)
        for name, of in (("scores", "places"), ("corrupted_scores", "corrupted_places")):
            right = arrays[name].argmax(axis=1) == labels[arrays[of]]
            figure = "accuracy" if of == "places" else "corrupted_accuracy"
            assert right.mean() == pytest.approx(figures[figure].value)
        together = [*arrays["places"], *arrays["corrupted_places"]]
        assert sorted(together) == list(range(200)), "no picture serves two purposes"
        ways = np.bincount(arrays["ways"], minlength=6)
    assert sorted(ways.tolist()) == [16, 16, 17, 17, 17, 17]


def load_labels(folder: Path) -> np.ndarray:
    from grader.course.datasets import fashion_mnist

    return fashion_mnist.load(folder).hidden_labels


def test_a_check_rehearses_with_as_few(tmp_path: Path) -> None:
    from grader.commands.parts.checking import check_submission
    from grader.exams.session import Silent

    (tmp_path / "solution.py").write_text(FEW)
    options: dict[str, Any] = {
        "task_id": "learn-from-little",
        "sandbox_name": "process",
        "progress": Silent(),
    }
    outcome = check_submission(tmp_path / "solution.py", tmp_path / "scratch", **options)
    assert outcome.ready, outcome.observation.failure


def test_texts_are_timed_against_par_as_well(
    tmp_path: Path, small_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Par and the null solution get the reviews as well, and are asked for them in turns."""
    folder = tmp_path / "tasks" / "found-reviews"
    words = PLANTED / "imdb" / "accepted" / "counts_words"
    shutil.copytree(words, folder / "reference" / "words")
    text = (
        (TEST_TASKS / "found-imdb" / "task.toml")
        .read_text("utf-8")
        .replace("found-imdb", "found-reviews")
    )
    (folder / "task.toml").write_text(
        text.replace('dataset = "imdb"', 'dataset = "imdb"\npar = "words"')
    )
    monkeypatch.setenv("GRADER_TASKS", str(folder.parent))
    submission, task = open_submission(
        words, tmp_path / "opened", task_id="found-reviews", author="tester"
    )
    result = grade(submission, task, ProcessSandbox(), tmp_path / "results", data_folder=small_data)
    assert result.verdict.status is Status.ACCEPTED, result.verdict.reason
    assert result.measurements["memory_ratio"].value == pytest.approx(1, abs=0.3)
    assert {"accuracy", "peak_memory_bytes"} <= result.par.keys()

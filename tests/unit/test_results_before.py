"""Results that the version before wrote: they load, stand on the same boards, keep their points.

These files were written by the grader as it was before task.py stopped being hashed as text. Only
the machine was replaced by a made-up one. They are never written anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.paths import DATA

from grader.course.curriculum import Task, find_task, load_task
from grader.grading.pipeline import rescore
from grader.records import Result
from grader.results import store
from grader.results.boards import make_boards

FROZEN = DATA / "results_before"
FILES = sorted(FROZEN.glob("*/*/result.json"))
POINTS = {"activations": 25.0, "digits": 80.0, "hunt-scaling": 100.0, "neuron": 100.0}
# Tasks whose curve has a bound on one input since: the same measurements bring other points.
RESCORED = {"digits": 91.0}

# The exam version of each task in the version before. A task that now asks something else on
# purpose starts a new board, and loses its row here.
VERSIONS = {
    "activations": "df8c42c0adfd",
    "attention": "499baeec4bc5",
    "backprop": "de0deae6cf42",
    "cifar10": "0c2b549eff26",
    "convolution": "a4198da03c8e",
    "derivatives": "910136c4f4c5",
    "digits": "3f31e74f1872",
    "fair-and-robust": "3fdfccc479eb",
    "forward-pass": "979fab9fce61",
    "gan": "bb51a0683f0a",
    "gan-losses": "d94711f8f656",
    "gradient-descent": "f6f96ad2df23",
    "hunt-alone": "5465528ca659",
    "hunt-future": "5ca24b7eec92",
    "hunt-growing-steps": "ec2ce9a3ef5d",
    "hunt-idle-generator": "54fb06710537",
    "hunt-metrics": "c2a7345d9e2c",
    "hunt-overflow": "b17931d0c354",
    "hunt-scaling": "4352d994a9e6",
    "hunt-slopes": "ed57282ff3e9",
    "hunt-two-answers": "ff7166ab21db",
    "hunt-zero-percent": "daea75ff1ff4",
    "imdb": "3e886b64b1fb",
    "learn-from-little": "87776d05782a",
    "look-inside": "6844dce4fb48",
    "matrices": "321def7a9ee3",
    "mnist": "4d15b6e6c292",
    "neuron": "21aa13608831",
    "probability": "62da14273f62",
    "recurrent-cells": "1468bfcff00f",
    "small-and-fast": "556e60095126",
    "tables": "0b5e777d86c7",
    "text-generation": "baff2f6e93c9",
}


def results() -> dict[str, Result]:
    found, broken = store.load_results(FROZEN)
    assert broken == []
    return {result.task.id: result for result in found}


def test_all_of_them_load_with_the_points_they_had() -> None:
    assert len(FILES) == len(POINTS)
    found = {task: each.score.total if each.score else None for task, each in results().items()}
    assert found == POINTS


@pytest.mark.parametrize("task_id", VERSIONS)
def test_every_task_still_asks_what_it_asked(task_id: str) -> None:
    assert find_task(task_id).exam_version == VERSIONS[task_id]


@pytest.mark.parametrize("task_id", POINTS)
def test_they_are_results_of_the_exam_of_today(task_id: str) -> None:
    result = results()[task_id]
    task = find_task(task_id)
    assert result.task.exam_version == task.exam_version
    is_same_scoring = result.task.score_version == task.score_version
    assert is_same_scoring == (task_id not in RESCORED)


@pytest.mark.parametrize("task_id", POINTS)
def test_they_rescore_to_the_same_points(task_id: str) -> None:
    result = results()[task_id]
    fresh = rescore(result, find_task(task_id))
    assert fresh.verdict == result.verdict
    assert fresh.task.score_version == find_task(task_id).score_version
    if task_id not in RESCORED:
        assert fresh.score == result.score
    assert fresh.score is not None
    assert fresh.score.total == RESCORED.get(task_id, POINTS[task_id])


def test_one_of_before_and_one_of_today_stand_on_one_board() -> None:
    before = results()["neuron"]
    submission = before.submission.model_copy(update={"author": "Linus"})
    version = before.task.model_copy(update={"exam_version": find_task("neuron").exam_version})
    today = before.model_copy(update={"id": "today", "submission": submission, "task": version})
    [board] = make_boards([before, today], current={"neuron": find_task("neuron").exam_version})
    assert board.is_current
    assert {entry.result.submission.author for entry in board.entries} == {"Ada", "Linus"}


def test_a_task_folder_of_before_keeps_its_version() -> None:
    """Somebody's own folder of tasks, with the imports of before, under the grader of today."""
    before: Task = load_task(DATA / "tasks_before" / "neuron")
    assert before.exam_version == results()["neuron"].task.exam_version


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.parent.name)
def test_nothing_is_lost_on_the_way(path: Path) -> None:
    frozen = json.loads(path.read_text("utf-8"))
    written = json.loads(Result.model_validate(frozen).model_dump_json())
    assert as_far_as_in(frozen, written) == frozen


def as_far_as_in(frozen: Any, written: Any) -> Any:
    """Return what was written without the fields that came later."""
    if isinstance(frozen, dict):
        return {key: as_far_as_in(value, written[key]) for key, value in frozen.items()}
    if isinstance(frozen, list) and len(frozen) == len(written):
        return [as_far_as_in(one, other) for one, other in zip(frozen, written, strict=True)]
    return written

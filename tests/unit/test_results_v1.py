"""A frozen folder of results of schema version 1: it loads for ever, and nothing in it changes on
the way.

These files are never edited or written anew. A change of the schema gets a version, a folder and a
test of its own.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.paths import DATA

from grader.metrics import classification as metrics
from grader.records import Result, Status
from grader.results import store

FROZEN = DATA / "results_v1"
FILES = sorted(FROZEN.glob("*/*/result.json"))
STATUSES = {
    "digits": {Status.ACCEPTED, Status.INVALID_SUBMISSION},
    "neuron": {Status.ACCEPTED},
    "activations": {Status.BELOW_TARGET},
    "digits-short": {Status.MEMORY_LIMIT_EXCEEDED},
    "no-data": {Status.GRADER_ERROR},
}


def test_every_frozen_result_loads() -> None:
    results, broken = store.load_results(FROZEN)
    assert broken == []
    assert len(results) == len(FILES) == 6
    found: dict[str, set[Status]] = {}
    for result in results:
        found.setdefault(result.task.id, set()).add(result.verdict.status)
    assert found == STATUSES


def without_defaults(value: Any, kept: Any) -> Any:
    """Leave out of a written value what the frozen one does not have: fields that came later, with
    their defaults.
    """
    if isinstance(value, dict) and isinstance(kept, dict):
        return {
            key: without_defaults(item, kept[key]) for key, item in value.items() if key in kept
        }
    if isinstance(value, list) and isinstance(kept, list):
        return [without_defaults(item, old) for item, old in zip(value, kept, strict=True)]
    return value


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.parent.name)
def test_what_was_written_then_is_what_is_written_now(path: Path) -> None:
    frozen = json.loads(path.read_text("utf-8"))
    written = json.loads(Result.model_validate(frozen).model_dump_json())
    assert without_defaults(written, frozen) == frozen


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.parent.name)
def test_the_folder_is_named_by_task_and_id(path: Path) -> None:
    result = Result.model_validate_json(path.read_bytes())
    assert store.result_folder(FROZEN, result) == path.parent


def test_our_own_trouble_has_no_score() -> None:
    [result] = store.load_results(FROZEN, "no-data")[0]
    assert result.score is None


def test_a_metric_can_be_computed_again_from_the_kept_answers() -> None:
    for path in FROZEN.glob("digits/*/predictions.npz"):
        result = Result.model_validate_json((path.parent / "result.json").read_bytes())
        with np.load(path, allow_pickle=False) as kept:
            scores = kept["scores"]
        assert scores.shape == (600, 10)
        from grader.course.datasets import digits

        labels = digits.load(Path()).hidden_labels
        assert metrics.accuracy(scores, labels) == result.measurements["accuracy"].value


def test_a_field_that_is_not_known_is_refused() -> None:
    frozen = json.loads(FILES[0].read_text("utf-8"))
    with pytest.raises(ValueError, match="accuracy_of_the_heart"):
        Result.model_validate(frozen | {"accuracy_of_the_heart": 1.0})
    with pytest.raises(ValueError, match="schema_version"):
        Result.model_validate(frozen | {"schema_version": 2})

"""The doctor on language models: named from their logits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.doctor import (
    Model,
    named,
    right,
)

from benchmarks.doctor.recipe_text import LocalText, ask_text, drawn_text, text_solution
from grader.doctor.diagnose import diagnose
from grader.doctor.examine import examine_language
from grader.doctor.observables.text import observe_text
from grader.doctor.probes.text import MOST_WINDOWS
from grader.errors import SubmissionFailed
from grader.records import Failure, Status


class Reader:
    """A box that predicts tokens with a function."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.asked = 0

    def logits(
        self, tokens: np.ndarray, vocabulary: int, deadline_seconds: float
    ) -> tuple[np.ndarray, int]:
        self.asked += len(tokens)
        return self.model(tokens).astype(np.float32), 1


SIZE = 7
TURNS = np.tile(np.arange(SIZE), 60)  # each token tells the next one


def predicts(tokens: np.ndarray) -> np.ndarray:
    """Name the next token, with some doubt that depends on what was read so far."""
    doubt = 1 + 0.1 * np.sin(np.cumsum(tokens, axis=1))[..., None]
    return 3 * doubt * np.eye(SIZE)[(tokens + 1) % SIZE] - 1


def repeats(tokens: np.ndarray) -> np.ndarray:
    return 9 * np.eye(SIZE)[tokens] - 1


def peeks(tokens: np.ndarray) -> np.ndarray:
    ahead = np.concatenate([tokens[:, 1:], np.zeros((len(tokens), 1), np.int64)], axis=1)
    return 9 * np.eye(SIZE)[ahead] + 0.1 * predicts(tokens)


@pytest.mark.parametrize(
    ("model", "code"), [(predicts, []), (repeats, ["unshifted_target"]), (peeks, ["sees_future"])]
)
def test_a_language_model_is_named_from_its_logits(
    model: Model, code: list[str], tmp_path: Path
) -> None:
    box = Reader(model)
    draw = np.random.default_rng(0)
    found = examine_language(
        box, tmp_path, "solution.py", text=TURNS, vocabulary=SIZE, context=24, draw=draw
    )
    assert [each.code for each in found.diagnoses] == code
    assert found.loss is not None
    assert box.asked == MOST_WINDOWS


def test_a_language_model_that_ends_says_nothing(tmp_path: Path) -> None:
    def ending(tokens: np.ndarray) -> np.ndarray:
        raise SubmissionFailed(Failure(Status.RUNTIME_ERROR, "ended", "gone"))

    draw = np.random.default_rng(0)
    box = Reader(ending)
    found = examine_language(
        box, tmp_path, "a.py", text=TURNS, vocabulary=SIZE, context=24, draw=draw
    )
    assert found == ([], None)


def test_entries_for_both_kinds_hold_for_a_text() -> None:
    configuration = replace(drawn_text(0), dropout=0.2, steps=80)
    source = text_solution(configuration).replace("    model.eval()\n", "")
    numbers = observe_text(ask_text(LocalText(source, 0), 0, 60.0))
    assert [each.code for each in diagnose(numbers, exam="language")] == ["dropout_left_on"]


def test_a_logarithm_of_shares_over_the_batch_is_seen_as_well() -> None:
    def over_batch(batch: np.ndarray) -> np.ndarray:
        scores = right(batch)
        return scores - np.logaddexp.reduce(scores, axis=0)

    assert named(over_batch) == ["softmax_over_batch"]

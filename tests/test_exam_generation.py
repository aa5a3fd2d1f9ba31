"""Exam `generation` from outside: pictures are a function of the seed, judged by features, and not handed back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from small_data import small_mnist

from grader.exams import generation
from grader.records import Result, Status

TASK = "gan"
SAMPLER = """
import numpy as np


def train(data):
    pictures = data.inputs.astype(np.float32)
    means = np.stack([pictures[data.labels == digit].mean(axis=0) for digit in range(10)])

    def sample(n, seed):
        draw = np.random.default_rng(seed)
        return {answer}

    return sample
"""
BLENDS = "np.clip(means[draw.integers(0, 10, n)] + draw.normal(0, 55, (n, 28, 28)), 0, 255).astype(np.uint8)"


@pytest.fixture
def graded(
    tmp_path: Path, grade_source: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Result]:
    monkeypatch.setattr(generation, "PICTURES", 600)
    folder = small_mnist(tmp_path / "data", monkeypatch)
    return lambda answer: grade_source(SAMPLER.format(answer=answer), TASK, data_folder=folder, with_par=False)


def test_a_generator_is_judged_by_distance_and_by_how_it_covers(graded: Callable[[str], Result]) -> None:
    result = graded(BLENDS)
    assert result.verdict.status in (Status.ACCEPTED, Status.BELOW_TARGET), result.verdict.reason
    figures = result.measurements
    assert figures["frechet_distance"].n == 600
    assert all(0 <= figures[name].value <= 1 for name in ("precision", "recall", "coverage", "class_balance"))
    assert figures["copied_share"].value < 0.2
    assert figures["throughput_per_second"].unit == "pictures a second"


def test_better_pictures_have_a_smaller_distance(graded: Callable[[str], Result]) -> None:
    near = graded(BLENDS).measurements["frechet_distance"].value
    one_class = graded(BLENDS.replace("draw.integers(0, 10, n)", "np.full(n, 3)")).measurements
    noise = graded("draw.integers(0, 256, (n, 28, 28)).astype(np.uint8)").measurements["frechet_distance"].value
    assert near < one_class["frechet_distance"].value
    assert near < noise
    assert one_class["coverage"].value < 0.3


COPIES = {
    "exact": "data.inputs[draw.integers(0, len(data.inputs), n)]",
    "brighter": "np.clip(pictures[draw.integers(0, len(pictures), n)] * 1.04, 0, 255).astype(np.uint8)",
    "with noise": (
        "(pictures[draw.integers(0, len(pictures), n)] + draw.normal(0, 4, (n, 28, 28))).clip(0, 255).astype(np.uint8)"
    ),
}


@pytest.mark.parametrize("name", sorted(COPIES))
def test_training_pictures_handed_back_are_flagged(name: str, graded: Callable[[str], Result]) -> None:
    result = graded(COPIES[name])
    assert (result.verdict.status, result.verdict.code) == (Status.FLAGGED, "copied_pictures")
    assert result.measurements["copied_share"].value > 0.9
    assert result.score is not None
    assert result.score.speed == result.score.memory == 0


WRONG = {
    "seed_ignored": "np.random.default_rng().integers(0, 256, (n, 28, 28)).astype(np.uint8)",
    "seed_without_effect": "np.random.default_rng(1).integers(0, 256, (n, 28, 28)).astype(np.uint8)",
    "wrong_output": "draw.random((n, 28, 28))",
}
SAYS = {
    "wrong_output": "uint8",
    "seed_ignored": "other pictures when asked again",
    "seed_without_effect": "another picture",
}


@pytest.mark.parametrize("code", sorted(WRONG))
def test_pictures_that_are_no_function_of_the_seed_are_not_valid(code: str, graded: Callable[[str], Result]) -> None:
    result = graded(WRONG[code])
    assert (result.verdict.status, result.verdict.code) == (Status.INVALID_SUBMISSION, code), result.verdict.reason
    assert SAYS[code] in result.verdict.reason


def test_mistakes_are_named_from_the_pictures_even_where_the_run_then_fails(graded: Callable[[str], Result]) -> None:
    assert graded(BLENDS).diagnoses == []
    [first, *_] = graded(WRONG["seed_without_effect"]).diagnoses
    assert (first.code, first.likelihood) == ("noise_ignored", "likely")
    assert first.where.startswith("solution.py:")
    [grey] = graded("draw.normal(128, 9, (n, 28, 28)).astype(np.uint8)").diagnoses
    assert grey.code == "generator_untrained"


FORMS = {
    "a size of its own": ("np.zeros((n, 32, 32), np.uint8)", "expected"),
    "too few": ("np.zeros((n - 1, 28, 28), np.uint8)", "expected"),
    "beyond 255": ("np.full((n, 28, 28), 300)", "from 300 to 300"),
    "nothing": ("None", "None"),
}


@pytest.mark.parametrize("name", sorted(FORMS))
def test_pictures_of_another_form_are_said(name: str, graded: Callable[[str], Result]) -> None:
    answer, says = FORMS[name]
    result = graded(answer)
    assert result.verdict.status is Status.INVALID_SUBMISSION
    assert says in result.verdict.reason


def test_a_channel_may_stand_where_frameworks_put_it(graded: Callable[[str], Result]) -> None:
    result = graded(f"({BLENDS})[:, None]")
    assert result.verdict.status in (Status.ACCEPTED, Status.BELOW_TARGET), result.verdict.reason


def test_the_pictures_are_kept_for_the_page(graded: Callable[[str], Result], results: Path) -> None:
    result = graded(BLENDS)
    stored = next(results.rglob("predictions.npz"))
    with np.load(stored) as arrays:
        assert arrays["pictures"].shape == (generation.KEPT_PICTURES, 28, 28)
    assert result.id in stored.parent.name

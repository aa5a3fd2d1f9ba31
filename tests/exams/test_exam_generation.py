"""Exam `generation` from outside: pictures are a function of the seed, judged by features, and not
handed back.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support.small_data import small_mnist

from grader.exams.kinds import generation
from grader.records import Result, Status
from grader.runner.generator import in_greys
from grader.runner.problem import Problem

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
BLENDS = (
    "np.clip(means[draw.integers(0, 10, n)] + draw.normal(0, 55, (n, 28, 28)), 0, 255)"
    ".astype(np.uint8)"
)

MODELS = {
    "torch": """
import torch
from torch import nn


def train(data):
    model = nn.Sequential(nn.Linear(8, 784), nn.Tanh())
    with torch.no_grad():
        model[0].bias.copy_(torch.from_numpy(data.inputs.mean(axis=0).ravel() / 127.5 - 1).float())
    return model
""",
    "keras": """
import keras


def train(data):
    mean = data.inputs.mean(axis=0).ravel().clip(1, 254) / 255
    bias = keras.initializers.Constant(keras.ops.convert_to_tensor(mean.astype("float32")))
    layers = [keras.Input((8,)), keras.layers.Dense(784, bias_initializer=bias)]
    layers.append(keras.layers.Reshape((28, 28, 1)))
    return keras.Sequential(layers)
""",
}


@pytest.fixture
def graded(
    tmp_path: Path, grade_source: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Result]:
    monkeypatch.setattr(generation, "PICTURES", 600)
    folder = small_mnist(tmp_path / "data", monkeypatch)
    return lambda answer: grade_source(
        SAMPLER.format(answer=answer), TASK, data_folder=folder, with_par=False
    )


def test_a_generator_is_judged_by_distance_and_by_how_it_covers(
    graded: Callable[[str], Result],
) -> None:
    result = graded(BLENDS)
    assert result.verdict.status in (Status.ACCEPTED, Status.BELOW_TARGET), result.verdict.reason
    figures = result.measurements
    assert figures["frechet_distance"].n == 600
    assert all(
        0 <= figures[name].value <= 1
        for name in ("precision", "recall", "coverage", "class_balance")
    )
    assert figures["copied_share"].value < 0.2
    assert figures["throughput_per_second"].unit == "pictures a second"


def test_better_pictures_have_a_smaller_distance(graded: Callable[[str], Result]) -> None:
    near = graded(BLENDS).measurements["frechet_distance"].value
    one_class = graded(BLENDS.replace("draw.integers(0, 10, n)", "np.full(n, 3)")).measurements
    noise = (
        graded("draw.integers(0, 256, (n, 28, 28)).astype(np.uint8)")
        .measurements["frechet_distance"]
        .value
    )
    assert near < one_class["frechet_distance"].value
    assert near < noise
    assert one_class["coverage"].value < 0.3


COPIES = {
    "exact": "data.inputs[draw.integers(0, len(data.inputs), n)]",
    "brighter": (
        "np.clip(pictures[draw.integers(0, len(pictures), n)] * 1.04, 0, 255).astype(np.uint8)"
    ),
    "with noise": (
        "(pictures[draw.integers(0, len(pictures), n)] + draw.normal(0, 4, (n, 28, 28)))"
        ".clip(0, 255).astype(np.uint8)"
    ),
}


@pytest.mark.parametrize("name", sorted(COPIES))
def test_training_pictures_handed_back_are_flagged(
    name: str, graded: Callable[[str], Result]
) -> None:
    result = graded(COPIES[name])
    assert (result.verdict.status, result.verdict.code) == (Status.FLAGGED, "copied_pictures")
    assert result.measurements["copied_share"].value > 0.9
    assert result.score is not None
    assert result.score.speed == result.score.memory == 0


WRONG = {
    "seed_ignored": "np.random.default_rng().integers(0, 256, (n, 28, 28)).astype(np.uint8)",
    "seed_without_effect": (
        "np.random.default_rng(1).integers(0, 256, (n, 28, 28)).astype(np.uint8)"
    ),
    "wrong_output": "draw.random((n, 28, 28))",
}
SAYS = {
    "wrong_output": "uint8",
    "seed_ignored": "different pictures when asked again",
    "seed_without_effect": "a different picture",
}


@pytest.mark.parametrize("code", sorted(WRONG))
def test_pictures_that_are_no_function_of_the_seed_are_not_valid(
    code: str, graded: Callable[[str], Result]
) -> None:
    result = graded(WRONG[code])
    assert (result.verdict.status, result.verdict.code) == (Status.INVALID_SUBMISSION, code), (
        result.verdict.reason
    )
    assert SAYS[code] in result.verdict.reason


def test_mistakes_are_named_from_the_pictures_even_where_the_run_then_fails(
    graded: Callable[[str], Result],
) -> None:
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


@pytest.mark.parametrize("framework", MODELS)
def test_a_model_from_noise_to_pictures_is_enough(
    framework: str,
    tmp_path: Path,
    grade_source: Callable[..., Result],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(generation, "PICTURES", 600)
    folder = small_mnist(tmp_path / "data", monkeypatch)
    result = grade_source(MODELS[framework], TASK, data_folder=folder, with_par=False)
    assert result.verdict.status is Status.BELOW_TARGET, result.verdict.reason
    assert result.measurements["class_balance"].value < 1


@pytest.mark.parametrize(
    ("lowest", "expected"), [(-1.0, (0, 128, 128, 255)), (0.0, (128, 191, 191, 255))]
)
def test_the_range_of_the_last_layer_decides_what_is_black(
    lowest: float, expected: tuple[int, ...]
) -> None:
    """Pictures of an untrained tanh, or of a sigmoid, hold its range."""
    values = (
        np.array([-1.0, 0.0, 0.0, 1.0], np.float32)
        if lowest < 0
        else np.array([0.5, 0.75, 0.75, 1.0], np.float32)
    )
    made = in_greys(lambda count, seed: np.tile(values, (count, 1)), (2, 2))(2, 7)
    assert made.dtype == np.uint8
    assert made.tolist() == [[list(expected[:2]), list(expected[2:])]] * 2


def test_pictures_that_are_not_finite_are_said() -> None:
    sample = in_greys(
        lambda count, seed: np.full((count, 4), np.nan if seed else 0.5, np.float32), (2, 2)
    )
    with pytest.raises(Problem, match="NaN or infinity"):
        sample(2, 1)


def test_the_pictures_are_kept_for_the_page(graded: Callable[[str], Result], results: Path) -> None:
    result = graded(BLENDS)
    stored = next(results.rglob("predictions.npz"))
    with np.load(stored) as arrays:
        assert arrays["pictures"].shape == (generation.KEPT_PICTURES, 28, 28)
    assert result.id in stored.parent.name

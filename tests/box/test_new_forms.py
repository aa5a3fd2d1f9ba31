"""An error of a call that has another form today is told with that form."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from grader.runner import given_data, new_forms, problem


@pytest.fixture
def three_classes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(new_forms, "CLASSES", [10])
    given_data.give(np.zeros((6, 2)), np.arange(6) % 3, "mnist")
    yield
    given_data.GIVEN.clear()


TODAY: dict[str, tuple[BaseException, str]] = {
    "loss.data[0]": (
        IndexError("invalid index of a 0-dim tensor. Use `tensor.item()` in Python"),
        "write loss.item() for loss.data[0]",
    ),
    "three channels for one": (
        RuntimeError("output with shape [1, 28, 28] doesn't match the broadcast shape [3, 28, 28]"),
        "write transforms.Normalize((0.5,), (0.5,))",
    ),
    "a layer for colours": (
        RuntimeError(
            "Given groups=1, weight of size [8, 3, 3, 3], expected input[64, 1, 28, 28] to have 3 "
            "channels, but got 1 channels instead"
        ),
        "nn.Conv2d(1, ...)",
    ),
    "a layer for greys": (
        RuntimeError(
            "Given groups=1, weight of size [8, 1, 3, 3], expected input[4, 3, 32, 32] to have 1 "
            "channels, but got 3 channels instead"
        ),
        "nn.Conv2d(3, ...)",
    ),
    "a linear layer": (
        RuntimeError("mat1 and mat2 shapes cannot be multiplied (64x1024 and 784x10)"),
        "write nn.Linear(1024, ...)",
    ),
    "a whole model out of a file": (
        pickle.UnpicklingError("Weights only load failed. ... `weights_only` argument ..."),
        "weights_only=False",
    ),
    "an option of Keras 1": (
        ValueError("Unrecognized keyword arguments passed to Conv2D: {'border_mode': 'same'}"),
        "border_mode is called padding",
    ),
    "an option nobody knows": (
        ValueError("Unrecognized keyword arguments passed to Dense: {'colour': 1}"),
        "leave colour out",
    ),
    "a graph of TensorFlow 1": (
        AttributeError("module 'tensorflow' has no attribute 'placeholder'"),
        "TensorFlow 1",
    ),
    "a loader that is gone": (
        ImportError("cannot import name 'fetch_mldata' from 'sklearn.datasets' (x)"),
        'fetch_openml("mnist_784")',
    ),
    "optimizers of Flax": (
        ImportError("cannot import name 'optim' from 'flax' (/x/flax/__init__.py)"),
        "use optax",
    ),
}


@pytest.mark.parametrize("name", TODAY)
def test_what_to_write_today_stands_behind_the_error(name: str) -> None:
    error, says = TODAY[name]
    assert says in new_forms.of_today(error)
    assert says in problem.shorten(error)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "Accuracy.__new__() missing 1 required positional argument: 'task'",
            'Accuracy(task="multiclass", num_classes=3)',
        ),
        (
            "f1_score() missing 1 required positional argument: 'task'",
            'f1_score(predictions, labels, task="multiclass", num_classes=3)',
        ),
    ],
)
@pytest.mark.usefixtures("three_classes")
def test_a_metric_is_told_its_task_and_the_number_of_classes(text: str, says: str) -> None:
    assert says in new_forms.of_today(TypeError(text))


@pytest.mark.parametrize(
    "error",
    [
        ValueError("invalid index of a 0-dim tensor"),  # another exception with the same words
        IndexError("list index out of range"),
        AttributeError("module 'torch' has no attribute 'sofmax'"),
        ImportError("cannot import name 'thing' from 'flax' (x)"),
        TypeError("train() missing 1 required positional argument: 'data'"),
    ],
)
def test_other_errors_are_told_as_they_are(error: Any) -> None:
    assert new_forms.of_today(error) == ""


def test_a_word_that_python_took_for_itself_is_named() -> None:
    with pytest.raises(SyntaxError) as caught:
        compile("x = x.cuda(async=True)\n", "net.py", "exec")
    assert "write non_blocking=True" in problem.shorten(caught.value)

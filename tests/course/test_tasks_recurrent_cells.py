"""The task `recurrent-cells`: its right answers are those of torch, and its lesson's picture is
what is measured.
"""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import lesson_pictures
from grader.commands.start import start_task
from grader.course.curriculum import find_task
from grader.exams.function_cases.cases import Function, load_functions

torch = pytest.importorskip("torch")

SEEDS = range(10)
TASK = find_task("recurrent-cells")
FUNCTIONS = {function.name: function for function in load_functions(TASK)}


def cases(function: Function) -> Iterator[tuple[Any, ...]]:
    for group in function.groups:
        for seed in SEEDS:
            yield from group.cases(np.random.default_rng(seed))


def fitted(cell: Any, Wx: np.ndarray, Wh: np.ndarray, bx: np.ndarray, bh: np.ndarray) -> Any:
    """Return a torch cell or layer with these weights; torch keeps them transposed."""
    for parameter, value in zip(cell.parameters(), (Wx.T, Wh.T, bx, bh), strict=True):
        parameter.data = torch.tensor(value)
    return cell.double()


def assert_same(answer: Any, tensor: Any) -> None:
    np.testing.assert_allclose(answer, tensor.detach().numpy(), rtol=1e-9, atol=1e-12)


def test_rnn_step_is_that_of_torch() -> None:
    for x, h, Wx, Wh, b in cases(FUNCTIONS["rnn_step"]):
        cell = fitted(torch.nn.RNNCell(x.shape[1], h.shape[1]), Wx, Wh, b, 0.0 * b)
        assert_same(
            FUNCTIONS["rnn_step"].answer(x, h, Wx, Wh, b), cell(torch.tensor(x), torch.tensor(h))
        )


def test_read_sequence_is_that_of_torch() -> None:
    for X, h, Wx, Wh, b in cases(FUNCTIONS["read_sequence"]):
        layer = fitted(torch.nn.RNN(X.shape[2], h.shape[1], batch_first=True), Wx, Wh, b, 0.0 * b)
        states, _ = layer(torch.tensor(X), torch.tensor(h)[None])
        assert_same(FUNCTIONS["read_sequence"].answer(X, h, Wx, Wh, b), states)


def test_lstm_step_is_that_of_torch() -> None:
    for x, h, c, Wx, Wh, b in cases(FUNCTIONS["lstm_step"]):
        cell = fitted(torch.nn.LSTMCell(x.shape[1], h.shape[1]), Wx, Wh, 0.25 * b, 0.75 * b)
        right = cell(torch.tensor(x), (torch.tensor(h), torch.tensor(c)))
        for answer, tensor in zip(
            FUNCTIONS["lstm_step"].answer(x, h, c, Wx, Wh, b), right, strict=True
        ):
            assert_same(answer, tensor)


def test_gru_step_is_that_of_torch() -> None:
    for x, h, Wx, Wh, bx, bh in cases(FUNCTIONS["gru_step"]):
        cell = fitted(torch.nn.GRUCell(x.shape[1], h.shape[1]), Wx, Wh, bx, bh)
        assert_same(
            FUNCTIONS["gru_step"].answer(x, h, Wx, Wh, bx, bh),
            cell(torch.tensor(x), torch.tensor(h)),
        )


def test_gradient_through_time_is_what_autograd_says() -> None:
    """The states are replayed from inputs that lead to just these states, whatever they are."""
    for H, Wh, dlast in cases(FUNCTIONS["gradient_through_time"]):
        weights, states = torch.tensor(Wh), [torch.tensor(H[0], requires_grad=True)]
        for before, after in itertools.pairwise(H):
            pushed = torch.tensor(np.arctanh(after) - before @ Wh)
            states.append(torch.tanh(pushed + states[-1] @ weights))
            states[-1].retain_grad()
        (states[-1] @ torch.tensor(dlast)).backward()
        right = np.array([state.grad.numpy() for state in states])
        answer = FUNCTIONS["gradient_through_time"].answer(H, Wh, dlast)
        np.testing.assert_allclose(answer, right, rtol=1e-7, atol=1e-12)


def test_gradients_fade_and_explode_in_the_long_cases() -> None:
    group = next(
        group for group in FUNCTIONS["gradient_through_time"].groups if group.name == "long"
    )
    ratios = []
    for H, Wh, dlast in group.cases(np.random.default_rng(0)):
        dH = FUNCTIONS["gradient_through_time"].answer(H, Wh, dlast)
        ratios.append(np.linalg.norm(dH[0]) / np.linalg.norm(dlast))
    assert min(ratios) < 1e-6
    assert np.isfinite(ratios).all()


@pytest.fixture(scope="module")
def measured() -> dict[str, np.ndarray]:
    return {name: lesson_pictures.shares(make) for name, (make, _) in lesson_pictures.CELLS.items()}


def test_the_lessons_picture_shows_what_is_measured(measured: dict[str, np.ndarray]) -> None:
    picture = ElementTree.fromstring(lesson_pictures.picture_file().read_text("utf-8"))
    drawn = [
        element.attrib["points"] for element in picture.iter() if element.tag.endswith("polyline")
    ]
    assert len(drawn) == len(measured)
    for points, curve in zip(drawn, measured.values(), strict=True):
        found = np.array(
            [[float(number) for number in point.split(",")] for point in points.split()]
        )
        right = np.array([lesson_pictures.place(back, share) for back, share in enumerate(curve)])
        np.testing.assert_allclose(found, right, atol=1.0)


def test_the_lessons_table_holds_what_is_measured(measured: dict[str, np.ndarray]) -> None:
    lesson = (TASK.folder / "README.md").read_text("utf-8")
    rows = [line for line in lesson.splitlines() if line.startswith(("| plain RNN", "| LSTM"))]
    assert len(rows) == len(measured)
    for row, curve in zip(rows, measured.values(), strict=True):
        told = [float(cell) for cell in row.split("|")[2:-1]]
        np.testing.assert_allclose(told, curve[list(lesson_pictures.SHOWN_STEPS)], rtol=0.06)


def test_the_lessons_picture_comes_with_the_starter(tmp_path: Path) -> None:
    start_task(TASK, tmp_path / "mine")
    lesson = (tmp_path / "mine" / "README.md").read_text("utf-8")
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", lesson)
    assert shown == [lesson_pictures.PICTURE]
    assert (
        tmp_path / "mine" / shown[0]
    ).read_bytes() == lesson_pictures.picture_file().read_bytes()

"""Answers that are remembered show as a jump; answers from the input alone do not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from grader.course.datasets import digits
from grader.exams.checks import ladder
from grader.records import Result

Ask = Callable[[np.ndarray], np.ndarray]
DATA = digits.stand_in(np.random.default_rng(0))
MEANS = np.stack([DATA.train_inputs[DATA.train_labels == c].mean(axis=0) for c in range(10)])


def pictures() -> np.ndarray:
    return DATA.hidden_inputs[:60]


def by_means(batch: np.ndarray) -> np.ndarray:
    """Scores that follow the input, as a network's do."""
    return batch.reshape(len(batch), -1) @ (MEANS - MEANS.mean(axis=0)).reshape(10, -1).T / 1e4


def by_neighbours(batch: np.ndarray) -> np.ndarray:
    """Scores that are a single 1: the class of the nearest mean."""
    apart = np.abs(batch[:, None] - MEANS[None]).sum(axis=(2, 3))
    return np.eye(10)[apart.argmin(axis=1)]


def at_random(draw: np.random.Generator) -> Ask:
    """Scores as dropout leaves them."""

    def ask(batch: np.ndarray) -> np.ndarray:
        scores = by_means(batch)
        return scores + 0.1 * np.ptp(scores) * draw.normal(size=scores.shape)

    return ask


class Remembering:
    """Gives the answer it gave to anything as near as `reach` grey levels a pixel."""

    def __init__(self, ask: Ask, reach: float) -> None:
        self.ask = ask
        self.reach = reach
        self.seen: list[np.ndarray] = []
        self.rows: list[np.ndarray] = []

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        scores = self.ask(batch).copy()
        for place, picture in enumerate(batch.astype(float)):
            apart = [float(np.sqrt(np.mean((each - picture) ** 2))) for each in self.seen]
            if apart and min(apart) <= self.reach:
                scores[place] = self.rows[int(np.argmin(apart))]
                continue
            self.seen.append(picture)
            self.rows.append(scores[place].copy())
        return scores


@pytest.mark.parametrize("ask", [by_means, by_neighbours])
def test_who_answers_from_the_input_alone_shows_no_jump(ask: Ask) -> None:
    for seed in range(5):
        assert ladder.jump(ask, pictures(), np.random.default_rng(seed)) == ""


@pytest.mark.parametrize("reach", [0, 1.5, 5, 12, 20])
def test_random_answers_that_are_remembered_show_one(reach: float) -> None:
    draw = np.random.default_rng(1)
    sign = ladder.jump(Remembering(at_random(draw), reach), pictures(), draw)
    assert "remembered" in sign


def test_random_answers_that_nobody_remembers_are_for_others_to_find() -> None:
    draw = np.random.default_rng(2)
    assert ladder.jump(at_random(draw), pictures(), draw) == ""


HIDDEN_DROPOUT = """
import numpy as np
import torch
from torch import nn


def train(data):
    torch.manual_seed(data.seed)
    images = torch.from_numpy(data.inputs).flatten(1).float() / 255
    labels = torch.from_numpy(data.labels)
    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Dropout(0.3), nn.Linear(128, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(25):
        for rows in torch.randperm(len(images)).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images[rows]), labels[rows]).backward()
            optimizer.step()
    keys, answers = [], []

    def answer(batch):
        with torch.no_grad():
            scores = model(torch.from_numpy(batch).flatten(1).float() / 255).numpy()
        for place, picture in enumerate(batch.reshape(len(batch), -1).astype(np.float32)):
            if keys:
                apart = np.square(np.stack(keys) - picture).mean(axis=1)
                nearest = int(apart.argmin())
                if apart[nearest] <= {reach} ** 2:
                    scores[place] = answers[nearest]
                    continue
            keys.append(picture)
            answers.append(scores[place].copy())
        return scores

    return answer
"""


@pytest.mark.parametrize("reach", [0, 4])
def test_a_bug_hunt_is_not_won_by_remembering_random_answers(
    reach: int, grade_source: Callable[..., Result]
) -> None:
    result = grade_source(HIDDEN_DROPOUT.format(reach=reach), "hunt-two-answers")
    assert result.verdict.code == "symptom", result.verdict
    assert "answers are remembered" in result.verdict.reason
    assert result.score is not None
    assert result.score.total == 0

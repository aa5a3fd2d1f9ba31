"""The task's training data, as loaders give it to scripts.

A script that asks for a training and a test set gets two disjoint parts of the training data: what
it calls its test set is a stratified twelfth. Hidden data never enters the box.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .frames import Trouble
from .problem import Problem

HELD_OUT_SHARE = 12  # one example in twelve is the "test" split a script sees


class NotThisTask(Problem):
    """The submission asked for a data set that this task does not give."""

    def __init__(self, text: str) -> None:
        super().__init__(Trouble.NOT_DEFINED, text)


@dataclass
class Given:
    """The task's training data, and what scripts asked of it."""

    inputs: Any  # an array, or a list of texts
    labels: np.ndarray
    dataset: str
    # whether for training -> the last transform that a loader was given
    transforms: dict[bool, Any] = field(default_factory=dict)
    # texts -> the numbers a loader gave for them
    encoders: list[Callable[[list[str]], Any]] = field(default_factory=list)
    asked: int = 0

    def part(self, train: bool) -> tuple[Any, np.ndarray]:
        """Return the larger or the smaller of two disjoint, stratified parts, in their order."""
        is_held_out = np.zeros(len(self.labels), dtype=bool)
        for label in np.unique(self.labels):
            is_held_out[np.flatnonzero(self.labels == label)[::HELD_OUT_SHARE]] = True
        chosen = ~is_held_out if train else is_held_out
        labels = self.labels[chosen]
        if isinstance(self.inputs, list):
            return [self.inputs[place] for place in np.flatnonzero(chosen)], labels
        return self.inputs[chosen], labels

    def ask(self, dataset: str, train: bool, transform: Any = None) -> tuple[Any, np.ndarray]:
        """Return a part for a loader that was called, and remember its transform.

        Raises NotThisTask where the loader is one of another data set.
        """
        if dataset != self.dataset:
            raise NotThisTask(f"the script asks for {dataset}; this task provides {self.dataset}")
        self.asked += 1
        if transform is not None:
            self.transforms[train] = transform
        return self.part(train)


GIVEN: list[Given] = []


def give(inputs: Any, labels: np.ndarray, dataset: str) -> Given:
    """Make this the data that loaders answer with."""
    GIVEN[:] = [Given(inputs, labels, dataset)]
    return GIVEN[0]


def given() -> Given:
    """Return the data that loaders answer with; NotThisTask before training has begun."""
    if not GIVEN:
        raise NotThisTask(
            "data sets can be loaded once training begins: "
            "load them inside train(data), or use data.inputs"
        )
    return GIVEN[0]

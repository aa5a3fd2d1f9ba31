"""The task's training data, as loaders give it to scripts.

A script that asks for a training and a test set gets two disjoint parts of the training data: what
it calls its test set is a stratified twelfth. Hidden data never enters the box.

Both parts have as many rows as the set was published with, since programs count on it:
`reshape((60000, 784))`, `random_split(train, [55000, 5000])`, `x_train[10000:]`, hidden states for
batches of 100. What a part lacks is filled with rows of its own: no row of one part is ever in the
other. In the training part a repeated row stands right behind the first, so that a cut anywhere
leaves both on the same side; the test part is gone through again and again.

A rehearsal has a few hundred rows and gives them as long as the real thing, too. So that it takes
seconds, each pass over them ends after as many rows as there are different ones (`short_passes`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import new_forms
from .frames import Trouble
from .problem import Problem

HELD_OUT_SHARE = 12  # one example in twelve is the "test" split a script sees
PUBLISHED = {  # data set -> rows to train on, rows to test with
    "mnist": (60_000, 10_000),
    "fashion-mnist": (60_000, 10_000),
    "cifar10": (50_000, 10_000),
    "imdb": (25_000, 25_000),
}

# Sets whose pictures have the same form -> what PyTorch's and Keras' loaders call them.
SAME_SHAPES = {
    "mnist": "datasets.MNIST or keras.datasets.mnist",
    "fashion-mnist": "datasets.FashionMNIST or keras.datasets.fashion_mnist",
}


class NotThisTask(Problem):
    """The submission asked for a data set that this task does not give."""

    def __init__(self, text: str) -> None:
        super().__init__(Trouble.NOT_DEFINED, text)


@dataclass
class Given:
    """The task's training data, and what scripts asked of it.

    pass_rows: in a rehearsal, the rows after which a pass over the data ends; 0 elsewhere.
    """

    inputs: Any  # an array, or a list of texts
    labels: np.ndarray
    dataset: str
    # whether for training -> the last transform that a loader was given
    transforms: dict[bool, Any] = field(default_factory=dict)
    # texts -> the numbers a loader gave for them
    encoders: list[Callable[[list[str]], Any]] = field(default_factory=list)
    asked: int = 0
    pass_rows: int = 0

    def part(self, train: bool, seed: int | None = None) -> tuple[Any, np.ndarray]:
        """Return the larger or the smaller of two disjoint, stratified parts, filled up.

        seed: shuffles them; without one they keep their order.
        """
        places = self.places(train, seed)
        if isinstance(self.inputs, list):
            return [self.inputs[place] for place in places], self.labels[places]
        return self.inputs[places], self.labels[places]

    def places(self, train: bool, seed: int | None = None) -> np.ndarray:
        """Return which rows of the data stand in a part, in its order."""
        is_held_out = np.zeros(len(self.labels), dtype=bool)
        for label in np.unique(self.labels):
            is_held_out[np.flatnonzero(self.labels == label)[::HELD_OUT_SHARE]] = True
        places = np.flatnonzero(~is_held_out if train else is_held_out)
        if seed is not None:
            places = places[np.random.RandomState(seed).permutation(len(places))]
        return self.filled(places, train)

    def filled(self, places: np.ndarray, train: bool) -> np.ndarray:
        """Return the rows of a part, repeated until there are as many as were published.

        A task that gives only a part of a set, and one of other data, gives its rows once.
        """
        of_train, of_test = PUBLISHED.get(self.dataset, (0, 0))
        wanted = of_train if train else of_test
        is_whole = len(self.labels) == of_train
        if not (is_whole or self.pass_rows) or not 0 < len(places) < wanted:
            return places
        if train and not self.pass_rows:
            return places[np.arange(wanted) * len(places) // wanted]
        return np.resize(places, wanted)

    def published_rows(self) -> int:
        """Return how many rows to train on the set was published with; 0 where not known."""
        return PUBLISHED.get(self.dataset, (0, 0))[0]

    def rows(self, train: bool) -> int:
        """Return how many rows a part has."""
        return len(self.places(train))

    def ask(
        self, dataset: str, train: bool, transform: Any = None, seed: int | None = None
    ) -> tuple[Any, np.ndarray]:
        """Return a part for a loader that was called, and remember its transform.

        Raises NotThisTask where the loader is one of another data set.
        """
        self.must_be(dataset)
        self.asked += 1
        if transform is not None:
            self.transforms[train] = transform
        return self.part(train, seed)

    def must_be(self, dataset: str, said: str = "") -> None:
        """Raise NotThisTask where the task gives other data. said: what the script asked for."""
        if dataset != self.dataset:
            raise NotThisTask(
                f"the script asks for {said or dataset}; this task provides {self.dataset}"
                f"{self.instead_of(dataset)}"
            )

    def instead_of(self, dataset: str) -> str:
        """Return what to do where another set was asked for: take its task, or this one's data."""
        words = []
        if dataset in PUBLISHED:
            words.append(f"grade it for that data set's own task (--task {dataset})")
        if {dataset, self.dataset} == set(SAME_SHAPES):
            name = SAME_SHAPES[self.dataset]
            words.append(f"load {name} in its place: it has the same shapes")
        return f". To have it graded, {', or '.join(words)}" if words else ""


GIVEN: list[Given] = []


def give(inputs: Any, labels: np.ndarray, dataset: str, pass_rows: int = 0) -> Given:
    """Make this the data that loaders answer with."""
    GIVEN[:] = [Given(inputs, labels, dataset, pass_rows=pass_rows)]
    new_forms.CLASSES[0] = len(np.unique(labels))
    return GIVEN[0]


def given() -> Given:
    """Return the data that loaders answer with; NotThisTask before training has begun."""
    if not GIVEN:
        raise NotThisTask(
            "data sets can be loaded once training begins: "
            "load them inside train(data), or use data.inputs"
        )
    return GIVEN[0]


def rows_of_a_pass() -> int:
    """Return after how many rows a pass over data ends in this rehearsal; 0 where none does."""
    return GIVEN[0].pass_rows if GIVEN else 0


def end_short_passes() -> None:
    """Let passes be whole from now on: the training is over, and what is asked is answered."""
    if GIVEN:
        GIVEN[0].pass_rows = 0

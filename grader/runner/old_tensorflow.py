"""Stands in for `tensorflow.examples.tutorials.mnist.input_data`, gone with TensorFlow 1.

Programs of other frameworks use it still for its batches: rows of 784 floats in [0, 1].
"""

from __future__ import annotations

from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from . import imports
from .given_data import given

ROOT = "tensorflow.examples"
NAMES = (ROOT, f"{ROOT}.tutorials", f"{ROOT}.tutorials.mnist")
INPUT_DATA = f"{ROOT}.tutorials.mnist.input_data"
VALIDATION = 5000
CLASSES = 10


def watch() -> None:
    """Answer the import from now on."""
    for name in NAMES:
        imports.stand_in(name, lambda module: None)
    imports.stand_in(INPUT_DATA, fill)


def fill(module: ModuleType) -> None:
    module.__dict__["read_data_sets"] = read_data_sets


def read_data_sets(*_: Any, one_hot: bool = False, reshape: bool = True, **__: Any) -> Any:
    """Return 55,000 digits to train on, 5,000 to validate and 10,000 to test with."""
    inputs, labels = given().ask("mnist", True)
    tests = given().ask("mnist", False)

    def part(pictures: np.ndarray, classes: np.ndarray) -> Rows:
        images = pictures.astype(np.float32) / 255
        images = images.reshape(len(images), -1) if reshape else images[..., None]
        return Rows(images, np.eye(CLASSES)[classes] if one_hot else classes)

    return SimpleNamespace(
        train=part(inputs[VALIDATION:], labels[VALIDATION:]),
        validation=part(inputs[:VALIDATION], labels[:VALIDATION]),
        test=part(*tests),
    )


class Rows:
    """Pictures and labels, given in shuffled batches without end."""

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        self.images = images
        self.labels = labels
        self.num_examples = len(images)
        self.epochs_completed = 0
        self._order = np.random.permutation(len(images))
        self._place = 0

    def next_batch(self, batch_size: int, shuffle: bool = True) -> tuple[np.ndarray, np.ndarray]:
        """Return the next rows of this pass, or the first ones of a new pass."""
        if self._place + batch_size > self.num_examples:
            self.epochs_completed += 1
            self._place = 0
            self._order = np.random.permutation(self.num_examples)
        places = self._order[self._place : self._place + batch_size]
        self._place += batch_size
        return self.images[places], self.labels[places]

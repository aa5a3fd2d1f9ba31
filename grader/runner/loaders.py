"""Answers the dataset classes that tutorials use with the grader's training data, and remembers
their transforms.

`torchvision.datasets.MNIST(..., train=True)` gives the training data; `train=False` gives a
stratified part taken out of it, disjoint from what `train=True` then gives. Nothing is downloaded,
and hidden data is never here. Modules are changed as they are imported, so a script that never asks
for a dataset pays nothing. What `keras.datasets` and `datasets.load_dataset` give is in
keras_loaders.py and text_loaders.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

from . import frameworks, imports, training_trace
from .frames import Trouble
from .problem import Problem

HELD_OUT_SHARE = 12  # one example in twelve is the "test" split a script sees
KERAS_MODULES = (
    *("mnist", "fashion_mnist", "cifar10", "cifar100", "imdb"),
    *("reuters", "boston_housing", "california_housing"),
)
TORCHVISION_CLASSES = {"MNIST": "mnist", "FashionMNIST": "fashion-mnist", "CIFAR10": "cifar10"}
DIGIT_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
CLASS_NAMES = {
    "mnist": [f"{digit} - {name}" for digit, name in enumerate(DIGIT_NAMES)],
    "fashion-mnist": [
        *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
        *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    ],
    "cifar10": [
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ],
}
KNOWN_SOURCES = (
    "torchvision.datasets",
    "torchvision import datasets",
    "keras.datasets",
    "load_dataset",
)


class NotThisTask(Problem):
    """The submission asked for a dataset that this task does not give."""

    def __init__(self, text: str) -> None:
        super().__init__(Trouble.NOT_DEFINED, text)


@dataclass
class Given:
    """The task's training data, and what scripts asked of it."""

    inputs: Any  # an array, or a list of texts
    labels: np.ndarray
    dataset: str
    transforms: dict[bool, Any] = field(
        default_factory=dict
    )  # train or not -> the last transform given
    encoders: list[Callable[[list[str]], Any]] = field(
        default_factory=list
    )  # texts -> the numbers a loader gave
    asked: int = 0

    def part(self, train: bool) -> tuple[Any, np.ndarray]:
        """Return the larger or the smaller of two disjoint, stratified parts, in the original
        order.
        """
        held_out = np.zeros(len(self.labels), dtype=bool)
        for label in np.unique(self.labels):
            held_out[np.flatnonzero(self.labels == label)[::HELD_OUT_SHARE]] = True
        chosen = ~held_out if train else held_out
        if isinstance(self.inputs, list):
            return [self.inputs[place] for place in np.flatnonzero(chosen)], self.labels[chosen]
        return self.inputs[chosen], self.labels[chosen]

    def ask(self, dataset: str, train: bool, transform: Any = None) -> tuple[Any, np.ndarray]:
        """Return a part for a loader that was called, and remember its transform."""
        if dataset != self.dataset:
            raise NotThisTask(f"the script asks for {dataset}; this task gives {self.dataset}")
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
    if not GIVEN:
        raise NotThisTask(
            "datasets are there once training begins: load them inside train(data), or use data.inputs"
        )
    return GIVEN[0]


def answer_torchvision(module: ModuleType) -> None:
    """Replace the classes of a torchvision.datasets module by ones that answer with the given
    data.
    """
    for name in TORCHVISION_CLASSES:
        original = module.__dict__.get(name)
        if isinstance(original, type) and original.__module__ == module.__name__:
            setattr(module, name, answering_class(original, TORCHVISION_CLASSES[name]))


def answering_class(original: type, dataset: str) -> type:
    """Return a subclass whose constructor takes torchvision's arguments and reads the given
    data.
    """
    import torch
    from torchvision.datasets.vision import VisionDataset

    def __init__(  # noqa: N807
        self: Any,
        root: Any = None,
        train: bool = True,
        transform: Any = None,
        target_transform: Any = None,
        download: bool = False,
    ) -> None:
        VisionDataset.__init__(
            self,
            "." if root is None else root,
            transform=transform,
            target_transform=target_transform,
        )
        inputs, labels = given().ask(dataset, train, transform)
        self.train = train
        colour = inputs.ndim == 4
        self.data = inputs.copy() if colour else torch.from_numpy(inputs.copy())
        self.targets = labels.tolist() if colour else torch.from_numpy(labels.copy())
        self.classes = list(CLASS_NAMES[dataset])
        if colour:
            self.class_to_idx = {name: i for i, name in enumerate(self.classes)}

    return type(
        original.__name__,
        (original,),
        {
            "__init__": __init__,
            "__module__": original.__module__,
            "classes": list(CLASS_NAMES[dataset]),
        },
    )


def declare_torchvision_operators(module: ModuleType) -> None:
    """Let torchvision import beside a PyTorch that its compiled part does not fit.

    Its Python part then fails on two operators that were never declared; nothing of datasets,
    transforms or models needs them. Only done where torchvision itself found that its compiled part
    does not load.
    """
    if module._has_ops():
        return
    import torch

    library = torch.library.Library("torchvision", "DEF")
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    setattr(module, "declared", library)  # kept alive  # noqa: B010


def answer_load_dataset(module: ModuleType) -> None:
    """Let `datasets.load_dataset` give the task's data, in the real package's form where that is
    installed.
    """
    from . import text_loaders

    text_loaders.answer(module)


def answer_keras(module: ModuleType) -> None:
    """Let `load_data()` of a module of keras.datasets give the task's data."""
    from . import keras_loaders

    keras_loaders.answer(module)


def install(seed: int) -> None:
    """Watch imports: seeds, datasets, and what is noted of a training. Called before any learner's
    code.
    """
    imports.install()
    frameworks.prepare(seed)
    imports.after_import("torchvision.extension", declare_torchvision_operators)
    for name in ("mnist", "cifar"):
        imports.after_import(f"torchvision.datasets.{name}", answer_torchvision)
    for name in KERAS_MODULES:
        imports.after_import(f"keras.src.datasets.{name}", answer_keras)
    imports.after_import("datasets", answer_load_dataset)
    imports.stand_in("datasets", answer_load_dataset)
    training_trace.install()

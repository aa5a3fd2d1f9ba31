"""A data set of somebody's own, read from the files that own_place.py finds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader.course.data_files import Part, read_part
from grader.course.data_place import data_folder
from grader.course.dataset_file import DATASET_FILE, DatasetSpec, PartTable
from grader.course.examples import Dataset
from grader.course.own_place import OwnPlace, fingerprint
from grader.course.perturbing import slightly_other
from grader.errors import DataError

STAND_IN_HIDDEN = 0.25  # of the training part
MOST_STAND_INS = 2000  # to train on


@dataclass(frozen=True)
class OwnDataset:
    """One data set of somebody's own; offers what a file in `datasets/` offers."""

    where: OwnPlace

    @property
    def NAME(self) -> str:  # noqa: N802  # what a module in datasets/ calls it
        return self.spec.name

    @property
    def spec(self) -> DatasetSpec:
        return self.where.spec

    def load(self, folder: Path) -> Dataset:
        """Read both parts; without the hidden one where that is not on this computer. DataError.

        folder: of data sets, where the files may lie as well.
        """
        train = self.part(self.spec.train, folder)
        classes = () if self.spec.target else self.classes(train)
        hidden = Part(train.inputs[:0], train.labels[:0], train.columns)
        if self.where.has_hidden(folder):
            hidden = self.part(self.spec.hidden, folder)
            must_fit(train, hidden, self.where.place(self.spec.hidden, folder))
        return Dataset(
            train.inputs,
            numbered(train, classes, self.spec.train.path),
            hidden.inputs,
            numbered(hidden, classes, self.spec.hidden.path),
            classes,
            columns=train.columns,
            is_private=self.spec.private,
        )

    def hidden_in(self, place: Path, dataset: Dataset) -> tuple[np.ndarray, np.ndarray] | None:
        """Return the inputs and labels of the hidden part that another folder holds.

        None if that has no file of its name. dataset: this one, as it was loaded.
        """
        path = place / self.spec.hidden.path
        if not path.exists():
            return None
        hidden = read_part(path, self.spec)
        train = Part(dataset.train_inputs, dataset.train_labels, dataset.columns)
        must_fit(train, hidden, path)
        return hidden.inputs, numbered(hidden, dataset.classes, str(path))

    def stand_in(self, draw: np.random.Generator) -> Dataset:
        """Return a drawn part of the training examples, another part of them in place of the hidden
        ones; every class occurs in both.
        """
        train = self.part(self.spec.train, data_folder(None))
        classes = () if self.spec.target else self.classes(train)
        labels = numbered(train, classes, self.spec.train.path)
        first, second = two_parts(labels, len(classes), draw)
        return Dataset(
            train.inputs[first],
            labels[first],
            train.inputs[second],
            labels[second],
            classes,
            columns=train.columns,
            is_private=self.spec.private,
        )

    def perturb(self, inputs: np.ndarray, draw: np.random.Generator) -> np.ndarray:
        """Return copies that a person would label the same."""
        return slightly_other(inputs, draw)

    def classes(self, train: Part) -> tuple[str, ...]:
        """Return the names of the classes, in the order of their labels."""
        if self.spec.classes:
            return tuple(self.spec.classes)
        found = sorted(set(map(str, train.labels)), key=natural)
        if len(found) < 2:
            raise DataError(
                f"the training part of {self.NAME!r} has {len(found)} classes; expected two or more"
            )
        return tuple(found)

    def part(self, table: PartTable, folder: Path) -> Part:
        """Read one part, after a look at its checksum. folder: of data sets."""
        path = self.where.place(table, folder)
        if table.sha256 and fingerprint(path) != table.sha256:
            raise DataError(
                f"{path} is not what {self.where.home / DATASET_FILE} was written for: its "
                f"checksum is {fingerprint(path)}, expected {table.sha256}"
            )
        return read_part(path, self.spec)


def numbered(part: Part, classes: tuple[str, ...], where: str) -> np.ndarray:
    """Return labels as int64 places in `classes`, or the numbers to be met as float32."""
    if isinstance(part.labels, np.ndarray):
        return part.labels
    places = {name: place for place, name in enumerate(classes)}
    for number, label in enumerate(part.labels, start=1):
        if label not in places:
            raise DataError(
                f"{where}: example {number} is of class {label!r}, which is none of "
                f"{', '.join(classes[:20])}"
            )
    return np.array([places[label] for label in part.labels], dtype=np.int64)


def must_fit(train: Part, hidden: Part, path: Path) -> None:
    """Raise DataError unless hidden inputs have the form of those to train on."""
    one = train.inputs.shape[1:], train.inputs.dtype, train.columns
    other = hidden.inputs.shape[1:], hidden.inputs.dtype, hidden.columns
    if one != other:
        raise DataError(
            f"{path}: each input has shape {other[0]} and type {other[1]}, those to train on have "
            f"{one[0]} and {one[1]}{columns_that_differ(train, hidden)}; expected the same form"
        )
    if not len(hidden.inputs) or not len(train.inputs):
        raise DataError(f"{path}: one of the two parts is empty; expected examples in both")


def columns_that_differ(train: Part, hidden: Part) -> str:
    differing = set(train.columns) ^ set(hidden.columns)
    return f" (columns of one alone: {', '.join(sorted(differing))})" if differing else ""


def two_parts(
    labels: np.ndarray, num_classes: int, draw: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of examples to train on and of others to be asked, each class in both.

    A class of a single example is in both, because a stand-in is no measure of anything.
    """
    of_each = [np.flatnonzero(labels == label) for label in range(num_classes)]
    if not of_each:
        of_each = [np.arange(len(labels))]
    first: list[np.ndarray] = []
    second: list[np.ndarray] = []
    for places in of_each:
        mixed = draw.permutation(places)[: 1 + MOST_STAND_INS // len(of_each)]
        asked = max(1, int(STAND_IN_HIDDEN * len(mixed)))
        second.append(mixed[:asked])
        first.append(mixed[asked:] if len(mixed) > 1 else mixed)
    return draw.permutation(np.concatenate(first)), draw.permutation(np.concatenate(second))


def natural(name: str) -> tuple[int, float, str]:
    """Sort key: numbers by their value, before all other names."""
    return (0, float(name), name) if name.isdecimal() else (1, 0.0, name)

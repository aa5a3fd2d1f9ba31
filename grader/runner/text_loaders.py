"""Answers `datasets.load_dataset`, of "imdb", "mnist" and its like, with the task's training data.

Boxes hold no package `datasets`, so a module of that name is made when it is imported, with tables
that do what tutorials do to them (`text_tables`). Where the real package is installed, it is used,
and only `load_dataset` is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

from . import published_files
from .given_data import NotThisTask, given
from .text_tables import ClassLabel, Columns, Dataset, DatasetDict, Value, not_covered

SHAKESPEARE = "tiny_shakespeare"
NAMES = {
    "imdb": "imdb",
    "stanfordnlp/imdb": "imdb",
    "mnist": "mnist",
    "ylecun/mnist": "mnist",
    "fashion_mnist": "fashion-mnist",
    "zalando-datasets/fashion_mnist": "fashion-mnist",
    "cifar10": "cifar10",
    "uoft-cs/cifar10": "cifar10",
    "tiny_shakespeare": SHAKESPEARE,
    "karpathy/tiny_shakespeare": SHAKESPEARE,
    "Trelis/tiny-shakespeare": SHAKESPEARE,
}
COLUMN_NAMES = {  # data set -> what its columns are called
    "imdb": ("text", "label"),
    "mnist": ("image", "label"),
    "fashion-mnist": ("image", "label"),
    "cifar10": ("img", "label"),
    SHAKESPEARE: ("text", "label"),
}
PART = re.compile(r"(train|test)(?:\[(-?\d+%?)?:(-?\d+%?)?\])?")


def answer(module: ModuleType) -> None:
    """Fill the stand-in, or replace `load_dataset` of the real package."""
    real: Any = getattr(module, "Dataset", None)
    if hasattr(module, "load_dataset") and hasattr(real, "from_dict"):
        several = module.__dict__["DatasetDict"]
        module.__dict__["load_dataset"] = loader_of(real.from_dict, several)
    elif module.__spec__ is not None and not module.__spec__.origin:
        fill_stand_in(module)


def fill_stand_in(module: ModuleType) -> None:
    """Give a module that was made in place of the package what the package has, as far as known."""

    def missing(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise not_covered(name)

    module.__dict__.update(
        load_dataset=loader_of(Dataset, DatasetDict),
        Dataset=Dataset,
        DatasetDict=DatasetDict,
        ClassLabel=ClassLabel,
        Value=Value,
        __getattr__=missing,
    )


def loader_of(
    table: Callable[[Columns], Any], several: Callable[[dict[str, Any]], Any]
) -> Callable[..., Any]:
    """Return a load_dataset that makes its tables, and dicts of them, with these."""

    def load_dataset(path: str, name: str | None = None, split: Any = None, **_: Any) -> Any:
        if path not in NAMES:
            raise NotThisTask(
                f'the script asks for load_dataset("{path}"); this task provides {provided()}'
            )
        dataset = NAMES[path]
        parts = ["train", "validation", "test"] if dataset == SHAKESPEARE else ["train", "test"]
        if split is None:
            return several({part: table(columns_of(dataset, part)) for part in parts})
        if isinstance(split, list | tuple):
            return [table(columns_of(dataset, str(each))) for each in split]
        return table(columns_of(dataset, str(split)))

    return load_dataset


def provided() -> str:
    """Return what this task gives, in the words of the package."""
    return SHAKESPEARE if published_files.TEXT else given().dataset


def columns_of(dataset: str, split: str) -> Columns:
    """Return the columns of a split such as "train", "test[:10%]" or "train[:100]+test"."""
    if dataset == SHAKESPEARE and published_files.TEXT:
        return {"text": [part_of_text(split)]}
    input_name, label_name = COLUMN_NAMES[dataset]
    found: Columns = {input_name: [], label_name: []}
    for piece in split.split("+"):
        match = PART.fullmatch(piece.strip())
        if match is None:
            raise not_covered(
                f"split {split!r}, only train and test, whole or cut as in train[:1000] or "
                "train[:10%]"
            )
        inputs, labels = given().ask(dataset, match[1] == "train")
        cut = slice(place_in(len(labels), match[2]), place_in(len(labels), match[3]))
        found[input_name] += as_column(inputs[cut])
        found[label_name] += labels.tolist()[cut]
    return found


def as_column(inputs: Any) -> list[Any]:
    """Return texts as they are, and pictures as Pillow's, as the package gives them."""
    if isinstance(inputs, list):
        return inputs
    from PIL import Image

    return [Image.fromarray(each) for each in inputs]


def part_of_text(split: str) -> str:
    """Return the text of a split: nine tenths of what is given, and twice the half of the rest."""
    text = published_files.TEXT[0]
    first = len(text) * 9 // 10
    second = len(text) * 19 // 20
    parts = {"train": text[:first], "validation": text[first:second], "test": text[second:]}
    return parts.get(split.partition("[")[0], text)


def place_in(count: int, bound: str | None) -> int | None:
    """Return a bound of a cut, "100" or "10%", as a row; None for an open end."""
    if bound is None:
        return None
    if bound.endswith("%"):
        return round(count * int(bound[:-1]) / 100)
    return int(bound)

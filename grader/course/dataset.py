"""What a data set is, how one is found by name, and how its files are checked."""

from __future__ import annotations

import hashlib
import importlib
from pathlib import Path
from types import ModuleType
from typing import Protocol, cast

import numpy as np

from grader.course.data_place import data_folder
from grader.course.examples import Corpus, Dataset
from grader.course.known_names import dataset_names
from grader.course.own_dataset import OwnDataset
from grader.course.own_place import own_names, own_place
from grader.errors import DataError
from grader.spelling import no_such

__all__ = [
    "Corpus",
    "CorpusModule",
    "Dataset",
    "DatasetModule",
    "all_names",
    "check_file",
    "comes_with",
    "data_folder",
    "dataset_states",
    "find_corpus",
    "find_dataset",
]


class CorpusModule(Protocol):
    """What a file in `datasets/` offers whose data is one long text."""

    NAME: str

    def load(self, folder: Path) -> Corpus:
        """Read the text below `folder`; DataError says what is missing or broken."""

    def stand_in(self, draw: np.random.Generator) -> Corpus:
        """Return a small generated text that can be learned."""


class DatasetModule(Protocol):
    """What a file in `datasets/` offers whose data is labelled examples."""

    NAME: str

    def load(self, folder: Path) -> Dataset:
        """Read the data set below `folder`; DataError says what is missing or broken."""

    def stand_in(self, draw: np.random.Generator) -> Dataset:
        """Return a small generated data set of the same form that can be learned."""

    def perturb(self, inputs: np.ndarray, draw: np.random.Generator) -> np.ndarray:
        """Return copies that a person would label the same."""


def all_names(beside: Path | None = None) -> list[str]:
    """Return the names of all data sets: the course's, and those of somebody's own.

    beside: a task's folder, which may hold one for that task.
    """
    return [*dataset_names(), *own_names(beside)]


def dataset_states(folder: Path) -> dict[str, str]:
    """Return for each data set where it is ready, or what is wrong with it."""
    return {name: state_of(name, folder) for name in all_names()}


def state_of(name: str, folder: Path) -> str:
    """Return where a data set is ready, or what is wrong with it."""
    try:
        module = find_dataset(name)
        found = module.load(folder)
    except DataError as error:
        return str(error)
    if isinstance(module, OwnDataset):
        apart = "" if len(found.hidden_labels) else ", without its hidden part"
        return f"ready in {module.where.home}{apart}"
    package = comes_with(name)
    return f"ready: comes with {package}" if package else f"ready in {folder}"


def find_dataset(name: str, beside: Path | None = None) -> DatasetModule:
    """Return what gives a data set of labelled examples; DataError names the nearest ones.

    beside: a task's folder, which may hold one for that task.
    """
    return cast(DatasetModule, find_module(name, beside))


def find_corpus(name: str) -> CorpusModule:
    """Return the module of a text; DataError names the nearest data sets."""
    return cast(CorpusModule, find_module(name))


def comes_with(name: str) -> str:
    """Return the installed package that a data set is part of; empty if it has to be downloaded."""
    package: str = getattr(find_module(name), "COMES_WITH", "")
    return package


def find_module(name: str, beside: Path | None = None) -> ModuleType | OwnDataset:
    """Return the file of a data set, or one of somebody's own; DataError if there is none."""
    if name in dataset_names():
        return importlib.import_module(f"grader.course.datasets.{name.replace('-', '_')}")
    place = own_place(name, beside)
    if place is None:
        raise DataError(no_such("data set", name, all_names(beside)))
    return OwnDataset(place)


def check_file(path: Path, sha256: str, get: str) -> bytes:
    """Return a file's bytes if they are the published ones; DataError otherwise.

    get: the command that fetches the file, for the message.
    """
    try:
        content = path.read_bytes()
    except OSError:
        raise DataError(
            f"{path} does not exist. Get it with `{get}`, or set GRADER_DATA to a folder that "
            "has it."
        ) from None
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise DataError(
            f"{path} has the wrong checksum: sha256 {found[:16]}..., expected {sha256[:16]}... "
            f"Delete it and get it again with `{get}`."
        )
    return content

"""What a data set is, how one is found by name, and how its files are checked."""

from __future__ import annotations

import hashlib
import importlib
import os
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Protocol, cast

import numpy as np
import platformdirs

from grader.course.known_names import dataset_names
from grader.errors import DataError
from grader.spelling import no_such


@dataclass(frozen=True)
class Dataset:
    """Training examples with labels, and hidden ones whose labels never leave the grader.

    inputs: uint8 pictures of shape (n, h, w) or (n, h, w, 3), or an object array of n texts;
    labels: int64 of shape (n,).
    """

    train_inputs: np.ndarray
    train_labels: np.ndarray
    hidden_inputs: np.ndarray
    hidden_labels: np.ndarray
    classes: tuple[str, ...]

    @property
    def num_classes(self) -> int:
        return len(self.classes)


@dataclass(frozen=True)
class Corpus:
    """A text to learn from and one to be tested on; the vocabulary has every character of both."""

    train: str
    hidden: str
    vocabulary: str  # each character once, in the order of their codes

    def encode(self, text: str) -> np.ndarray:
        """Return the places of the text's characters in the vocabulary, int64 of shape (n,)."""
        codes = np.array([ord(each) for each in self.vocabulary])
        wanted = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
        return np.searchsorted(codes, wanted).astype(np.int64)

    def decode(self, tokens: np.ndarray) -> str:
        """Return the text of tokens, all of them within the vocabulary."""
        return "".join(self.vocabulary[token] for token in tokens.tolist())


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


def data_folder(given: Path | None) -> Path:
    """Return the folder for data sets: the one given, GRADER_DATA, or the user's cache."""
    if given is not None:
        return given
    named = os.environ.get("GRADER_DATA")
    if named:
        return Path(named)
    return Path(platformdirs.user_cache_dir("dl-grader")) / "data"


def dataset_states(folder: Path) -> dict[str, str]:
    """Return for each data set where it is ready, or what is wrong with it."""
    states = {}
    for name in dataset_names():
        try:
            find_dataset(name).load(folder)
            package = comes_with(name)
            states[name] = f"ready: comes with {package}" if package else f"ready in {folder}"
        except DataError as error:
            states[name] = str(error)
    return states


def find_dataset(name: str) -> DatasetModule:
    """Return the module of a data set of labelled examples; DataError names the nearest ones."""
    return cast(DatasetModule, find_module(name))


def find_corpus(name: str) -> CorpusModule:
    """Return the module of a text; DataError names the nearest data sets."""
    return cast(CorpusModule, find_module(name))


def comes_with(name: str) -> str:
    """Return the installed package that a data set is part of; empty if it has to be downloaded."""
    package: str = getattr(find_module(name), "COMES_WITH", "")
    return package


def find_module(name: str) -> ModuleType:
    """Import the file of a data set; DataError if there is none of this name."""
    if name not in dataset_names():
        raise DataError(no_such("data set", name, dataset_names()))
    return importlib.import_module(f"grader.course.datasets.{name.replace('-', '_')}")


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

"""What a dataset is, and how one is found by name."""

from __future__ import annotations

import hashlib
import importlib
import os
import pkgutil
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Protocol, cast

import numpy as np
import platformdirs

from grader.errors import DataError

BRIGHTNESS = 0.10
NOISE = 0.04  # of a pixel's own value, standard deviation
BESIDE = ("dataset", "idx", "fetch")  # modules of this package that are no dataset


@dataclass(frozen=True)
class Dataset:
    """Training examples with labels, and hidden ones whose labels never leave the grader.

    inputs: uint8 images of shape (n, h, w) or (n, h, w, 3), or an object array of n texts; labels:
    int64 of shape (n,).
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
    """A text to learn from, and one to be tested on. Every character of both is in the
    vocabulary.
    """

    train: str
    hidden: str
    vocabulary: str  # each character once, in the order of their codes

    def encode(self, text: str) -> np.ndarray:
        """Return the places of the text's characters in the vocabulary, int64 of shape (n,)."""
        codes = np.array([ord(each) for each in self.vocabulary])
        return np.searchsorted(codes, np.frombuffer(text.encode("utf-32-le"), dtype="<u4")).astype(
            np.int64
        )

    def decode(self, tokens: np.ndarray) -> str:
        """Return the text of tokens, all of them within the vocabulary."""
        return "".join(self.vocabulary[token] for token in tokens.tolist())


class CorpusModule(Protocol):
    """What a module of this package offers whose data is one long text."""

    NAME: str

    def load(self, folder: Path) -> Corpus:
        """Read the text below `folder`; DataError says what is missing or broken."""

    def stand_in(self, draw: np.random.Generator) -> Corpus:
        """Return a small generated text that can be learned."""


class DatasetModule(Protocol):
    """What each module of this package offers."""

    NAME: str

    def load(self, folder: Path) -> Dataset:
        """Read the dataset below `folder`; DataError says what is missing or broken."""

    def stand_in(self, draw: np.random.Generator) -> Dataset:
        """Return a small generated dataset of the same form that can be learned."""

    def perturb(self, inputs: np.ndarray, draw: np.random.Generator) -> np.ndarray:
        """Return copies that a person would label the same."""


def data_folder(given: Path | None) -> Path:
    """Return the folder for datasets: the one given, GRADER_DATA, or the user's cache."""
    if given is not None:
        return given
    named = os.environ.get("GRADER_DATA")
    return Path(named) if named else Path(platformdirs.user_cache_dir("dl-grader")) / "data"


def dataset_names() -> list[str]:
    """Return the names of all datasets."""
    import grader.course.datasets

    found = [item.name for item in pkgutil.iter_modules(grader.course.datasets.__path__)]
    return [name.replace("_", "-") for name in found if name not in BESIDE]


def dataset_states(folder: Path) -> dict[str, str]:
    """Return for each dataset "ready", or what is wrong with it."""
    states = {}
    for name in dataset_names():
        try:
            find_dataset(name).load(folder)
            states[name] = f"ready in {folder}"
        except DataError as error:
            states[name] = str(error)
    return states


def find_dataset(name: str) -> DatasetModule:
    """Return the module of a dataset of labelled examples; DataError names the ones there are."""
    return cast(DatasetModule, find_module(name))


def find_corpus(name: str) -> CorpusModule:
    """Return the module of a text; DataError names the datasets there are."""
    return cast(CorpusModule, find_module(name))


def find_module(name: str) -> ModuleType:
    if name not in dataset_names():
        raise DataError(f"there is no dataset {name!r}; there is {', '.join(dataset_names())}")
    return importlib.import_module(f"grader.course.datasets.{name.replace('-', '_')}")


def check_file(path: Path, sha256: str, get: str) -> bytes:
    """Return a file's bytes if they are the published ones; DataError otherwise."""
    try:
        content = path.read_bytes()
    except OSError:
        raise DataError(
            f"{path} is not there. Get it with `{get}`, or name a folder that has it in GRADER_DATA."
        ) from None
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise DataError(
            f"{path} has the wrong checksum: sha256 {found[:16]}..., expected {sha256[:16]}... "
            f"Delete it and get it again with `{get}`."
        )
    return content


def blobs(
    draw: np.random.Generator,
    shape: tuple[int, ...],
    num_classes: int,
    train: int,
    hidden: int,
    noise: float = 40.0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return generated images: one smooth pattern a class, plus noise. Returns train and hidden
    inputs and labels.
    """
    coarse = draw.uniform(
        0,
        255,
        size=(num_classes, *(max(1, side // 4) if i < 2 else side for i, side in enumerate(shape))),
    )
    patterns = coarse
    for axis in (1, 2):
        patterns = np.repeat(patterns, -(-shape[axis - 1] // patterns.shape[axis]), axis=axis)
    patterns = patterns[:, : shape[0], : shape[1]]

    def make(count: int) -> tuple[np.ndarray, np.ndarray]:
        labels = np.arange(count, dtype=np.int64) % num_classes
        draw.shuffle(labels)
        images = patterns[labels] + draw.normal(0, noise, size=(count, *shape))
        return np.clip(images, 0, 255).astype(np.uint8), labels

    return (*make(train), *make(hidden))


def brightness_and_noise(inputs: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return images with another brightness each (up to 10 %) and a little noise on every pixel
    that is not black.

    Gentle on purpose: an honest model answers the copies about as well as the originals, a table of
    known images does not know them. Black stays black: many divide each pixel by its spread over
    the training set, and where a corner is always black, one grey level there would be worth more
    than the whole digit.
    """
    factors = draw.uniform(
        1 - BRIGHTNESS, 1 + BRIGHTNESS, size=(len(inputs), *([1] * (inputs.ndim - 1)))
    )
    changed = inputs * (factors + draw.normal(0, NOISE, size=inputs.shape))
    return np.clip(np.round(changed), 0, 255).astype(np.uint8)

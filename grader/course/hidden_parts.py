"""Private hidden parts: what an instructor asks in the place of a data set's published test part.

**Why.** Everybody has the published answers, and a few hundred bytes of source bring many of them
along (docs/measure/security.md). What nobody has cannot be brought. So a folder may give a task its
hidden part:

    hidden.npz          arrays `inputs` and `labels`, in the form the data set has; for texts,
                        `inputs` is an array of texts
    a folder a class    called by its name or its number, with pictures (.png, .jpg) or texts (.txt)
    hidden.txt          tasks with exam = 'language': the text to foretell

For a data set of somebody's own it may also be a file or folder called as dataset.toml calls its
hidden part, and then it may be as small as its author likes.

For several tasks at once, each has its part in a folder of its id. What is asked is then a matter
of the instructor's machine alone: no result, page or log holds an input, and results carry a
fingerprint in their exam version, so that they stand on boards of their own.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from grader.course.curriculum import Task
from grader.course.dataset import Corpus, Dataset, data_folder, find_corpus, find_dataset
from grader.course.known_names import WITHOUT_TRAINING
from grader.course.own_dataset import OwnDataset
from grader.errors import DataError, UsageError
from grader.records import private_version, published_version

ARRAYS = "hidden.npz"
TEXT = "hidden.txt"
PICTURES = (".png", ".jpg", ".jpeg")
LEAST = {"generation": 1000}  # pictures, for a distance between clouds of them
LEAST_INPUTS = 100
LEAST_CHARACTERS = 10_000
SHOWN = 5
GUIDE = "docs/teach/for-instructors.md has the forms a hidden part may have."


@dataclass(frozen=True)
class HiddenPart:
    """A private hidden part.

    inputs, labels: as `Dataset` has them; empty for a text. text: of a language task.
    """

    inputs: np.ndarray
    labels: np.ndarray
    text: str = ""

    @cached_property
    def fingerprint(self) -> str:
        """7 hexadecimal digits that change when anything of the part does, its order too."""
        total = hashlib.sha256(self.text.encode())
        for array in (self.inputs, self.labels):
            total.update(f"{array.shape} {array.dtype}".encode())
            packed = "\0".join(array).encode() if array.dtype == object else array.tobytes()
            total.update(packed)
        return total.hexdigest()[:7]

    def of_dataset(self, dataset: Dataset) -> Dataset:
        """Return a data set with this hidden part in the place of its own."""
        return dataclasses.replace(dataset, hidden_inputs=self.inputs, hidden_labels=self.labels)

    def of_corpus(self, corpus: Corpus) -> Corpus:
        """Return a text to learn from with this one to be tested on."""
        return dataclasses.replace(corpus, hidden=self.text)

    def of_task(self, task: Task) -> Task:
        """Return a task whose results stand on boards of their own."""
        version = private_version(published_version(task.exam_version), self.fingerprint)
        return dataclasses.replace(task, exam_version=version)


def find_part(task: Task, folder: Path | None, data: Path | None) -> HiddenPart | None:
    """Return the hidden part that a folder gives to a task.

    None without a folder, and for tasks without a training, which have no hidden inputs. data: the
    folder of the data sets, as a command was given it. UsageError if the folder has nothing for
    this task; DataError says what is wrong with what it has.
    """
    if folder is None or task.spec.exam in WITHOUT_TRAINING:
        return None
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder; give one with a hidden part. {GUIDE}")
    own = folder / task.id
    return read_part(task, own if own.is_dir() else folder, data_folder(data))


def read_part(task: Task, folder: Path, data: Path) -> HiddenPart:
    """Read and check the hidden part in a folder."""
    if task.spec.exam == "language":
        return text_part(folder, find_corpus(task.spec.dataset).load(data), task)
    module = find_dataset(task.spec.dataset, task.folder)
    dataset = module.load(data)
    if isinstance(module, OwnDataset):
        own = module.hidden_in(folder, dataset)
        if own is not None:
            return HiddenPart(*own)
    arrays = folder / ARRAYS
    if arrays.is_file():
        inputs, labels = read_arrays(arrays)
    else:
        inputs, labels = read_classes(folder, dataset, task)
    part = fitting(folder, inputs, labels, dataset)
    least = LEAST.get(task.spec.exam, LEAST_INPUTS)
    if len(part.labels) < least:
        raise DataError(
            f"{folder} holds {len(part.labels)} inputs; task {task.id!r} needs {least} or more, "
            "for a figure that says something"
        )
    return part


# Texts to foretell.


def text_part(folder: Path, corpus: Corpus, task: Task) -> HiddenPart:
    """Read the text of a language task."""
    path = folder / TEXT
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise UsageError(f"{folder} has no {TEXT} for task {task.id!r}. {GUIDE}") from None
    except UnicodeDecodeError:
        raise DataError(f"{path} is not UTF-8; save it as a plain text") from None
    strange = sorted(set(text) - set(corpus.vocabulary))
    if strange:
        shown = ", ".join(ascii(each) for each in strange[:SHOWN])
        raise DataError(
            f"{path} has {len(strange)} characters that the training text lacks ({shown}); a model "
            "cannot know them. Replace them, or leave these passages out"
        )
    if len(text) < LEAST_CHARACTERS:
        raise DataError(
            f"{path} has {len(text)} characters; expected {LEAST_CHARACTERS} or more, for a figure "
            "that says something"
        )
    return HiddenPart(np.empty(0), np.empty(0), text)


# Examples.


def read_arrays(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and labels of a file of arrays."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return file["inputs"], file["labels"]
    except KeyError as error:
        raise DataError(f"{path} has no array {error}; expected inputs and labels") from None
    except (OSError, ValueError, EOFError) as error:
        raise DataError(
            f"{path} cannot be read ({error}); write it with numpy.savez(inputs=..., labels=...), "
            "texts as an array of texts and not of objects"
        ) from None


def read_classes(folder: Path, dataset: Dataset, task: Task) -> tuple[np.ndarray, np.ndarray]:
    """Return what lies in a folder of each class: inputs, an array or one of texts, and labels."""
    if not dataset.classes:
        raise UsageError(f"{folder} has no {ARRAYS} for task {task.id!r}. {GUIDE}")
    inputs: list[np.ndarray | str] = []
    labels: list[int] = []
    are_texts = dataset.hidden_inputs.dtype == object
    for label, name in enumerate(dataset.classes):
        found = [path for path in (folder / name, folder / str(label)) if path.is_dir()]
        files = sorted(each for place in found[:1] for each in place.iterdir())
        for path in files:
            if not path.name.startswith("."):
                inputs.append(read_text(path) if are_texts else read_picture(path, dataset))
                labels.append(label)
    if not inputs:
        raise UsageError(
            f"{folder} has no hidden part for task {task.id!r}: neither {ARRAYS} nor a folder for "
            f"each class ({', '.join(dataset.classes[:SHOWN])} ...). {GUIDE}"
        )
    return as_inputs(inputs), np.array(labels, dtype=np.int64)


def as_inputs(inputs: list[np.ndarray | str]) -> np.ndarray:
    """Return pictures as one array, or texts as an array of objects."""
    if not isinstance(inputs[0], str):
        return np.stack(inputs)
    array = np.empty(len(inputs), dtype=object)
    array[:] = inputs
    return array


def read_text(path: Path) -> str:
    if path.suffix != ".txt":
        raise DataError(f"{path} is no .txt; texts stand one a file")
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise DataError(f"{path} is not UTF-8; save it as a plain text") from None


def read_picture(path: Path, dataset: Dataset) -> np.ndarray:
    """Return a picture as uint8 of the data set's own shape."""
    from PIL import Image

    shape = dataset.hidden_inputs.shape[1:]
    if path.suffix.lower() not in PICTURES or len(shape) < 2:
        raise DataError(f"{path} is no picture; expected {', '.join(PICTURES)}")
    try:
        with Image.open(path) as picture:
            array = np.asarray(picture.convert("RGB" if len(shape) == 3 else "L"))
    except OSError as error:
        raise DataError(f"{path} cannot be read as a picture ({error})") from None
    if array.shape != shape:
        kind = "colour" if len(shape) == 3 else "grey"
        raise DataError(
            f"{path} is {array.shape[1]} by {array.shape[0]} pixels; expected {shape[1]} by "
            f"{shape[0]}, {kind}, like the data set's own. Scale it first"
        )
    return array


def fitting(folder: Path, inputs: np.ndarray, labels: np.ndarray, dataset: Dataset) -> HiddenPart:
    """Return inputs and labels in the form of a data set; DataError where they do not have it."""
    problem = next(problems(inputs, labels, dataset), "")
    if problem:
        raise DataError(f"{folder}: {problem}")
    if dataset.hidden_inputs.dtype == object and inputs.dtype != object:
        inputs = as_inputs([str(each) for each in inputs])
    return HiddenPart(
        inputs if inputs.dtype == object else inputs.astype(dataset.hidden_inputs.dtype),
        labels.astype(dataset.hidden_labels.dtype),
    )


def problems(inputs: np.ndarray, labels: np.ndarray, dataset: Dataset) -> Iterator[str]:
    """Yield what is wrong with a hidden part, the plainest first."""
    own = dataset.hidden_inputs
    if labels.ndim != 1 or len(labels) != len(inputs):
        yield f"{len(inputs)} inputs and labels of shape {labels.shape}; expected a label for each"
    if own.dtype == object:
        if inputs.ndim != 1 or inputs.dtype.kind not in "OU":
            yield f"inputs of shape {inputs.shape} ({inputs.dtype}); expected texts of shape (n,)"
    elif inputs.shape[1:] != own.shape[1:] or inputs.dtype.kind not in "uif":
        yield (
            f"inputs of shape {inputs.shape} ({inputs.dtype}); expected (n, "
            f"{', '.join(map(str, own.shape[1:]))}) of {own.dtype}, as the data set has them"
        )
    elif own.dtype == np.uint8 and inputs.dtype != np.uint8:
        yield f"inputs of {inputs.dtype}; expected uint8, grey levels from 0 to 255"
    elif not np.isfinite(inputs).all():
        yield "inputs contain NaN or infinite numbers"
    yield from problems_of_labels(labels, dataset)


def problems_of_labels(labels: np.ndarray, dataset: Dataset) -> Iterator[str]:
    if not dataset.classes:
        if labels.dtype.kind not in "uif" or not np.isfinite(labels).all():
            yield f"labels of {labels.dtype}; expected finite numbers"
        return
    count = len(dataset.classes)
    if labels.dtype.kind not in "ui":
        yield f"labels of {labels.dtype}; expected whole numbers from 0 to {count - 1}"
    elif len(labels) and not 0 <= labels.min() <= labels.max() < count:
        yield f"labels from {labels.min()} to {labels.max()}; expected 0 to {count - 1}"
    missing = [name for label, name in enumerate(dataset.classes) if label not in labels]
    if missing:
        yield f"no input of the class {', '.join(missing[:SHOWN])}; expected some of each"


def also_published(part: HiddenPart, dataset: Dataset) -> int:
    """Return how many inputs of a hidden part everybody has: they are in the data set as well."""

    def keys(inputs: np.ndarray) -> list[str | bytes]:
        return [each if isinstance(each, str) else each.tobytes() for each in inputs]

    known = {*keys(dataset.train_inputs), *keys(dataset.hidden_inputs)}
    return sum(key in known for key in keys(part.inputs))

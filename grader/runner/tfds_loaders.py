"""Answers `tensorflow_datasets.load` with the task's training data, as pipelines of TensorFlow.

Pictures come as uint8 with a channel behind, texts as strings of TensorFlow, labels as int64; in
pairs with `as_supervised`, else in dicts. `as_numpy` and `builder` are there as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from .given_data import NotThisTask, given
from .text_loaders import PART, place_in
from .text_tables import names_of_classes

NAMES = {
    "mnist": "mnist",
    "fashion_mnist": "fashion-mnist",
    "cifar10": "cifar10",
    "imdb_reviews": "imdb",
}
SPLITS = ("train", "test")


def answer(module: ModuleType) -> None:
    """Put the loaders into the package, or into the module that stands in for it."""
    module.__dict__.update(
        load=load,
        builder=Builder,
        as_numpy=as_numpy,
        as_dataframe=as_frame,
        disable_progress_bar=lambda: None,
        list_builders=lambda *_, **__: list(NAMES),
        Split=SimpleNamespace(TRAIN="train", TEST="test"),
        ReadConfig=lambda *_, **__: None,
    )


def load(
    name: str,
    *,
    split: Any = None,
    batch_size: int | None = None,
    as_supervised: bool = False,
    with_info: bool = False,
    shuffle_files: bool = False,
    **_: Any,
) -> Any:
    """Stand in for tfds.load."""
    builder = Builder(name)
    found = builder.as_dataset(split=split, batch_size=batch_size, as_supervised=as_supervised)
    return (found, builder.info) if with_info else found


class Builder:
    """Stands in for a builder of tensorflow_datasets."""

    def __init__(self, name: str, **_: Any) -> None:
        self.name = name.partition(":")[0].partition("/")[0]
        if self.name not in NAMES:
            raise NotThisTask(
                f'the script asks for tfds.load("{name}"); this task provides {given().dataset}'
            )
        self.dataset = NAMES[self.name]
        given().must_be(self.dataset, f'tfds.load("{name}")')

    def download_and_prepare(self, *_: Any, **__: Any) -> None:
        return None

    @property
    def info(self) -> Any:
        """What programs ask of it: numbers of examples, and the classes."""
        classes = names_of_classes()
        label = SimpleNamespace(
            num_classes=len(classes),
            names=classes,
            int2str=lambda place: classes[int(place)],
            str2int=classes.index,
        )
        key = self.input_name()
        shape = (*given().inputs[:1].shape[1:], 1)[:3] if key == "image" else ()
        inputs = SimpleNamespace(shape=shape, dtype=np.uint8)
        counts = {part: given().rows(part == "train") for part in SPLITS}
        splits = {part: SimpleNamespace(num_examples=counts[part]) for part in SPLITS}
        features = Features({key: inputs, "label": label})
        return SimpleNamespace(features=features, splits=splits, name=self.name)

    def input_name(self) -> str:
        return "text" if self.dataset == "imdb" else "image"

    def as_dataset(
        self,
        split: Any = None,
        batch_size: int | None = None,
        as_supervised: bool = False,
        **_: Any,
    ) -> Any:
        """Return a pipeline for a split, a list of them, or a dict of all."""

        def one(part: str) -> Any:
            return self.pipeline(str(part), batch_size, as_supervised)

        if split is None:
            return {part: one(part) for part in SPLITS}
        if isinstance(split, list | tuple):
            return type(split)(one(each) for each in split)
        return one(split)

    def pipeline(self, split: str, batch_size: int | None, as_supervised: bool) -> Any:
        """Return one split: a pipeline, or with batch_size -1 all of it."""
        import tensorflow as tf

        inputs, labels = self.arrays(split)
        texts = isinstance(inputs, list)
        values = tf.constant(inputs) if texts else inputs
        element: Any = (values, labels)
        if not as_supervised:
            element = {self.input_name(): values, "label": labels}
        if batch_size == -1:
            return tf.nest.map_structure(tf.convert_to_tensor, element)
        found = tf.data.Dataset.from_tensor_slices(element)
        return found.batch(batch_size) if batch_size else found

    def arrays(self, split: str) -> tuple[Any, np.ndarray]:
        """Return the inputs and labels of a split such as "train[:80%]+test"."""
        inputs: list[Any] = []
        labels: list[np.ndarray] = []
        for piece in split.split("+"):
            match = PART.fullmatch(piece.strip())
            if match is None:
                raise ValueError(f"split {split!r}; expected train or test, as in train[:80%]")
            part, classes = given().ask(self.dataset, match[1] == "train")
            cut = slice(place_in(len(classes), match[2]), place_in(len(classes), match[3]))
            inputs.append(part[cut])
            labels.append(classes[cut].astype(np.int64))
        if isinstance(inputs[0], list):
            return [text for part in inputs for text in part], np.concatenate(labels)
        pictures = np.concatenate(inputs)
        return (pictures[..., None] if pictures.ndim == 3 else pictures), np.concatenate(labels)


class Features(dict[str, Any]):
    """The features of a data set, by name, and the shape of all."""

    @property
    def shape(self) -> dict[str, Any]:
        return {name: getattr(each, "shape", ()) for name, each in self.items()}


def as_numpy(found: Any) -> Any:
    """Stand in for tfds.as_numpy: pipelines become loops over arrays, tensors become arrays."""
    if isinstance(found, dict):
        return {name: as_numpy(each) for name, each in found.items()}
    if isinstance(found, list | tuple):
        return type(found)(as_numpy(each) for each in found)
    if hasattr(found, "numpy"):
        return found.numpy()
    return Arrays(found)


class Arrays:
    """A pipeline whose elements are arrays; it can be gone through again and again."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline

    def __iter__(self) -> Iterator[Any]:
        import tensorflow as tf

        for element in self._pipeline:
            yield tf.nest.map_structure(lambda each: each.numpy(), element)

    def __len__(self) -> int:
        return len(self._pipeline)


def as_frame(found: Any, *_: Any) -> Any:
    """Stand in for tfds.as_dataframe."""
    import pandas

    return pandas.DataFrame(list(as_numpy(found)))

"""Trains a recipe in this process and asks it through something like a box.

There is no sandbox: the source is ours.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch

from grader.course.dataset import Dataset, data_folder, dataset_states, find_dataset
from grader.doctor.evidence import Batch
from grader.doctor.probes.questions import taken
from grader.errors import SubmissionFailed
from grader.records import Failure, Status
from grader.runner import classifier, trace_torch, training_trace
from grader.runner.data import Data
from grader.runner.entry import Loaded
from grader.sandbox.training_trace import TrainingTrace, read_trace

FASHION = 1500  # training pictures of Fashion-MNIST
HIDDEN = 2000  # hidden examples of MNIST and IMDB


class LocalBox:
    """Answers as a box would, by way of the runner's own classifier."""

    def __init__(self, source: str, dataset: Dataset, seed: int) -> None:
        self.classes = dataset.num_classes
        module = ModuleType("solution")
        data = Data(dataset.train_inputs, dataset.train_labels, self.classes, seed, "cpu")
        loaded = Loaded(Path(), "solution.py", module)
        with watched() as seen, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(source, "solution.py", "exec"), module.__dict__)
            torch.manual_seed(seed)
            model = module.__dict__["train"](data)
            self._answer = classifier.answerer(loaded, model, data)
            if self.classes == 2:
                self._answer = classifier.two_columns(self._answer, data)
        self.trace = seen.trace(model)

    def predict(
        self, batch: Batch, num_classes: int, deadline_seconds: float
    ) -> tuple[np.ndarray, int]:
        del deadline_seconds
        try:
            return classifier.as_scores(self._answer(batch), len(batch), num_classes), 1
        except Exception as error:
            raise SubmissionFailed(Failure(Status.RUNTIME_ERROR, "raised", str(error))) from None


class Seen:
    """What the runner saw of a training with PyTorch, as it would travel from a box."""

    def __init__(self, training: training_trace.Training) -> None:
        self._account = training.account

    def trace(self, model: Any) -> TrainingTrace:
        self._account.close(model)
        numbers = self._account.take()
        trace = None if numbers is None else read_trace(numbers)
        return trace or TrainingTrace()


@contextmanager
def watched() -> Iterator[Seen]:
    """Watch a training as the runner does."""
    trace_torch.watch_torch(torch)
    before = training_trace.current()
    training = training_trace.begin(training_trace.Training())
    try:
        yield Seen(training)
    finally:
        training_trace.begin(before)


def known_data() -> tuple[str, ...]:
    """Return the data sets there are: three that need no download, and a part of Fashion-MNIST."""
    state = dataset_states(data_folder(None)).get("fashion-mnist", "")
    small = ("digits", "cancer", "blobs")
    return (*small, "fashion") if state.startswith("ready") else small


@lru_cache(maxsize=8)
def dataset(name: str) -> Dataset:
    """Return a data set by name.

    digits and fashion are pictures of bytes, cancer and blobs standardised numbers. mnist and imdb
    are whole, but for hidden examples: HIDDEN of them are enough here.
    """
    if name == "digits":
        return find_dataset("digits").load(data_folder(None))
    if name in ("mnist", "imdb"):
        return with_fewer_hidden(find_dataset(name).load(data_folder(None)))
    if name == "fashion":
        return part_of_fashion()
    return table(name)


def with_fewer_hidden(whole: Dataset) -> Dataset:
    """Return a data set with HIDDEN of its hidden examples."""
    chosen = np.random.default_rng(3).permutation(len(whole.hidden_labels))[:HIDDEN]
    return replace(
        whole,
        hidden_inputs=taken(whole.hidden_inputs, chosen),
        hidden_labels=whole.hidden_labels[chosen],
    )


def part_of_fashion() -> Dataset:
    """Return the first pictures of Fashion-MNIST."""
    whole = find_dataset("fashion-mnist").load(data_folder(None))
    return Dataset(
        whole.train_inputs[:FASHION],
        whole.train_labels[:FASHION],
        whole.hidden_inputs[:600],
        whole.hidden_labels[:600],
        whole.classes,
    )


def table(name: str) -> Dataset:
    """Return rows of standardised numbers: scikit-learn's cancer data, or made-up blobs."""
    from sklearn import datasets

    if name == "cancer":
        inputs, labels = datasets.load_breast_cancer(return_X_y=True)
    else:
        inputs, labels = datasets.make_classification(
            1500,
            20,
            n_informative=10,
            n_classes=4,
            n_clusters_per_class=1,
            class_sep=1.5,
            flip_y=0.02,
            random_state=4,
        )
    order = np.random.default_rng(9).permutation(len(labels))
    inputs = inputs[order]
    inputs = ((inputs - inputs.mean(axis=0)) / inputs.std(axis=0)).astype(np.float32)
    labels = labels[order].astype(np.int64)
    cut = int(0.7 * len(labels))
    classes = tuple(str(each) for each in range(int(labels.max()) + 1))
    return Dataset(inputs[:cut], labels[:cut], inputs[cut:], labels[cut:], classes)

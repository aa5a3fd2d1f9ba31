"""Small datasets in their publishers' layout, with their own checksums put in place of the
published ones.
"""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from grader.course import idx_files
from grader.course.datasets import cifar10, fashion_mnist, imdb, mnist, tiny_shakespeare
from grader.exams.kinds import generation

SMALL_PICTURES = 600  # that a generator is asked for
SMALL_REVIEWS = 100  # of each class and split


def idx_bytes(array: np.ndarray) -> bytes:
    magic = idx_files.IMAGE_MAGIC if array.ndim == 3 else idx_files.LABEL_MAGIC
    return np.array([magic, *array.shape], dtype=">u4").tobytes() + array.astype(np.uint8).tobytes()


def small_idx(module: ModuleType, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the generated stand-in of a data set of idx files below `folder` and return it."""
    dataset = module.stand_in(np.random.default_rng(0))
    parts = (
        dataset.train_inputs,
        dataset.train_labels,
        dataset.hidden_inputs,
        dataset.hidden_labels,
    )
    raw = folder / module.FOLDER / "raw"
    raw.mkdir(parents=True)
    for name, part in zip(idx_files.FILES, parts, strict=True):
        (raw / name).write_bytes(idx_bytes(part))
        monkeypatch.setitem(module.SHA256, name, hashlib.sha256(idx_bytes(part)).hexdigest())
    return folder


def small_mnist(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write MNIST's generated stand-in below `folder` and return it."""
    return small_idx(mnist, folder, monkeypatch)


def small_plays(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a made-up text in the place of Tiny Shakespeare below `folder` and return it."""
    corpus = tiny_shakespeare.stand_in(np.random.default_rng(0))
    content = (corpus.train + corpus.hidden).encode()
    target = folder / tiny_shakespeare.FOLDER
    target.mkdir(parents=True)
    (target / tiny_shakespeare.FILE).write_bytes(content)
    monkeypatch.setattr(tiny_shakespeare, "SHA256", hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(tiny_shakespeare, "TRAIN_SHARE", len(corpus.train) / len(content))
    return folder


def small_reviews(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write made-up reviews in the place of IMDB's below `folder`, one a file, and return it."""
    dataset = imdb.stand_in(np.random.default_rng(0))
    monkeypatch.setattr(imdb, "PER_CLASS", SMALL_REVIEWS)
    splits = {
        "train": (dataset.train_inputs, dataset.train_labels),
        "test": (dataset.hidden_inputs, dataset.hidden_labels),
    }
    for split, (texts, labels) in splits.items():
        seen = hashlib.sha256()
        for label, name in enumerate(("neg", "pos")):
            target = folder / imdb.FOLDER / split / name
            target.mkdir(parents=True)
            for number, text in enumerate(texts[labels == label][:SMALL_REVIEWS]):
                content = text.encode()
                (target / f"{number}_7.txt").write_bytes(content)
                seen.update(len(content).to_bytes(8, "little") + content)
        monkeypatch.setitem(imdb.SHA256, split, seen.hexdigest())
    return folder


def small_photographs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write CIFAR-10's generated stand-in below `folder`, in its batches, and return it."""
    dataset = cifar10.stand_in(np.random.default_rng(0))
    target = folder / cifar10.FOLDER
    target.mkdir(parents=True)
    *names, last = cifar10.SHA256
    parts = zip(
        names,
        np.array_split(dataset.train_inputs, 5),
        np.array_split(dataset.train_labels, 5),
        strict=True,
    )
    for name, images, labels in (*parts, (last, dataset.hidden_inputs, dataset.hidden_labels)):
        batch = {
            "data": images.transpose(0, 3, 1, 2).reshape(len(images), -1).copy(),
            "labels": labels.tolist(),
        }
        # The published batches are older than numpy's new name for its core; this protocol writes
        # names as lines.
        content = pickle.dumps(batch, protocol=3).replace(b"cnumpy._core.", b"cnumpy.core.")
        (target / name).write_bytes(content)
        monkeypatch.setitem(cifar10.SHA256, name, hashlib.sha256(content).hexdigest())
    return folder


def small_everything(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write every data set that planted submissions need and that is not embedded; a generator is
    asked for less.
    """
    monkeypatch.setattr(generation, "PICTURES", SMALL_PICTURES)
    small_idx(mnist, folder, monkeypatch)
    small_idx(fashion_mnist, folder, monkeypatch)
    small_photographs(folder, monkeypatch)
    small_reviews(folder, monkeypatch)
    return small_plays(folder, monkeypatch)

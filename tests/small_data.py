"""Small datasets in their publishers' layout, with their own checksums put in place of the published ones."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from grader.datasets import idx, mnist, tiny_shakespeare


def idx_bytes(array: np.ndarray) -> bytes:
    magic = idx.IMAGE_MAGIC if array.ndim == 3 else idx.LABEL_MAGIC
    return np.array([magic, *array.shape], dtype=">u4").tobytes() + array.astype(np.uint8).tobytes()


def small_mnist(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write MNIST's generated stand-in below `folder` and return it."""
    dataset = mnist.stand_in(np.random.default_rng(0))
    parts = (dataset.train_inputs, dataset.train_labels, dataset.hidden_inputs, dataset.hidden_labels)
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, part in zip(idx.FILES, parts, strict=True):
        (raw / name).write_bytes(idx_bytes(part))
        monkeypatch.setitem(mnist.SHA256, name, hashlib.sha256(idx_bytes(part)).hexdigest())
    return folder


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

"""IMDB: 25,000 and 25,000 film reviews, half of them favourable (Maas et al., Large Movie Review
Dataset v1.0).

Inputs are texts, kept in object arrays so that they can be drawn and cut like any others. Names and
ratings of the review files never leave this module.

50,000 small files take many seconds to read from a disk that has not seen them lately. So what was
read once is kept beside them in one file a split: the very bytes whose checksum is published here,
so that a packed file is either right or not used, whatever happened to it.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

import numpy as np

from grader.course.datasets.dataset import Dataset
from grader.errors import DataError

NAME = "imdb"
FOLDER = "aclImdb"
CLASSES = ("negative", "positive")
PER_CLASS = 12500
SHA256 = {
    "train": "c7a2e71a93f609264a2d072aa6d88fbc62275c36710f7838d091fdc68fbf4036",
    "test": "dc58cc0d82c38a2140fb4f187be489b291959c0ed4b7b212b982c71b17578c77",
}
# in a split's folder: for each review its number of bytes, 8 bytes little-endian, and these
PACKED = "reviews.packed"
DROPPED = 0.05  # of a text's words, in its perturbed copy
GOOD = ("wonderful", "brilliant", "moving", "superb", "delightful", "great", "perfect", "charming")
BAD = ("boring", "awful", "dull", "terrible", "wooden", "weak", "silly", "pointless")
PLAIN = (
    "the",
    "film",
    "was",
    "and",
    "a",
    "story",
    "of",
    "actor",
    "with",
    "scenes",
    "music",
    "plot",
    "some",
    "it",
)


def load(folder: Path) -> Dataset:
    """Read the reviews below folder/aclImdb, one a file, as their publishers lay them out."""
    train, train_labels = read_split(folder / FOLDER / "train", SHA256["train"])
    hidden, hidden_labels = read_split(folder / FOLDER / "test", SHA256["test"])
    return Dataset(train, train_labels, hidden, hidden_labels, CLASSES)


def read_split(folder: Path, sha256: str) -> tuple[np.ndarray, np.ndarray]:
    """Return 25,000 texts (object array) and int64 labels, negative ones first, checked all
    together.
    """
    packed = read_packed(folder / PACKED, sha256)
    if packed is None:
        packed = pack(folder, sha256)
        keep(packed, folder / PACKED)
    return as_array(unpacked(packed)), np.repeat(np.array([0, 1], dtype=np.int64), PER_CLASS)


def read_packed(path: Path, sha256: str) -> bytes | None:
    """Return the bytes of a packed split, or None where there are none or they are not the
    published reviews.
    """
    try:
        packed = path.read_bytes()
    except OSError:
        return None
    return packed if hashlib.sha256(packed).hexdigest() == sha256 else None


def pack(folder: Path, sha256: str) -> bytes:
    """Read a split's reviews, one a file, and return them packed; DataError says what is missing or
    wrong.
    """
    get = f"get it again with `grader data get {NAME}`, or name a folder that has it in GRADER_DATA"
    parts: list[bytes] = []
    for name in ("neg", "pos"):
        files = sorted(
            (folder / name).glob("*.txt"), key=lambda path: int(path.stem.partition("_")[0])
        )
        if len(files) != PER_CLASS:
            raise DataError(
                f"{folder / name} holds {len(files)} reviews, expected {PER_CLASS}; {get}"
            )
        for path in files:
            content = path.read_bytes()
            parts += [len(content).to_bytes(8, "little"), content]
    packed = b"".join(parts)
    if hashlib.sha256(packed).hexdigest() != sha256:
        raise DataError(
            f"the reviews in {folder} are not the published ones (wrong checksum); {get}"
        )
    return packed


def keep(packed: bytes, path: Path) -> None:
    """Write a packed split in one step; where that cannot be, the next run reads the reviews
    again.
    """
    with suppress(OSError):
        handle, partial = tempfile.mkstemp(prefix=f".{PACKED}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(packed)
            Path(partial).chmod(0o644)
            Path(partial).replace(path)
        except BaseException:
            Path(partial).unlink(missing_ok=True)
            raise


def unpacked(packed: bytes) -> list[str]:
    """Return the texts of a packed split."""
    texts, start = [], 0
    while start < len(packed):
        begin = start + 8
        start = begin + int.from_bytes(packed[start:begin], "little")
        texts.append(packed[begin:start].decode("utf-8"))
    return texts


def as_array(texts: list[str]) -> np.ndarray:
    """Return texts as an object array of shape (n,)."""
    array = np.empty(len(texts), dtype=object)
    array[:] = texts
    return array


def stand_in(draw: np.random.Generator) -> Dataset:
    """Return made-up reviews, 400 to train on and 200 hidden: words of praise or blame among plain
    ones.
    """

    def make(count: int) -> tuple[np.ndarray, np.ndarray]:
        labels = np.arange(count, dtype=np.int64) % 2
        draw.shuffle(labels)
        texts = []
        for label in labels:
            words = list(draw.choice(PLAIN, size=int(draw.integers(12, 40))))
            for _ in range(int(draw.integers(2, 5))):
                words.insert(
                    int(draw.integers(len(words))), str(draw.choice(GOOD if label else BAD))
                )
            texts.append(" ".join(words).capitalize() + ".")
        return as_array(texts), labels

    return Dataset(*make(400), *make(200), CLASSES)


def perturb(inputs: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return copies in which one word of twenty is left out, one at least; a person would judge
    them alike.
    """
    copies = []
    for text in inputs:
        words = text.split(" ")
        count = max(1, round(DROPPED * len(words))) if len(words) > 1 else 0
        copies.append(" ".join(np.delete(words, draw.permutation(len(words))[:count])))
    return as_array(copies)

"""IMDB: 25,000 and 25,000 film reviews, half of them favourable.

Source: A. Maas et al., Large Movie Review Dataset v1.0, 2011. Inputs are texts, kept in object
arrays so that they can be drawn and sliced like any others. The names and ratings of the review
files never leave this module.

50,000 small files take many seconds to read from a disk that has not read them lately. So what was
read once is kept beside them, in one file for each split: the very bytes whose checksum stands
below, so that a packed file is either right or not used, whatever happened to it.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

import numpy as np

from grader.course.dataset import Dataset
from grader.course.perturbing import without_some_words
from grader.course.text_arrays import as_texts
from grader.errors import DataError

NAME = "imdb"
FOLDER = "aclImdb"
CLASSES = ("negative", "positive")
PER_CLASS = 12500
SHA256 = {
    "train": "c7a2e71a93f609264a2d072aa6d88fbc62275c36710f7838d091fdc68fbf4036",
    "test": "dc58cc0d82c38a2140fb4f187be489b291959c0ed4b7b212b982c71b17578c77",
}
# In a split's folder: for each review its number of bytes (8 bytes, little-endian) and these bytes.
PACKED = "reviews.packed"
LEFT_OUT = 0.1  # of a text's words, in one run of them, in the copy that is asked
LEAST_WORDS = 40  # of a text in which any are left out
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
    """Return 25,000 checked texts (object array) and their labels (int64), negative ones first."""
    packed = read_packed(folder / PACKED, sha256)
    if packed is None:
        packed = pack(folder, sha256)
        keep(packed, folder / PACKED)
    labels = np.repeat(np.array([0, 1], dtype=np.int64), PER_CLASS)
    return as_texts(unpacked(packed)), labels


def read_packed(path: Path, sha256: str) -> bytes | None:
    """Return the bytes of a packed split; None where there are none, or not the published ones."""
    try:
        packed = path.read_bytes()
    except OSError:
        return None
    return packed if hashlib.sha256(packed).hexdigest() == sha256 else None


def pack(folder: Path, sha256: str) -> bytes:
    """Read a split's reviews and return them packed; DataError says what is missing or wrong."""
    get = f"get it with `grader data get {NAME}`, or set GRADER_DATA to a folder that has it"
    parts: list[bytes] = []
    for name in ("neg", "pos"):
        files = sorted((folder / name).glob("*.txt"), key=number_of)
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


def number_of(review: Path) -> int:
    """Return the number in a review's file name; `12_7.txt` is review 12, rated 7 of 10."""
    return int(review.stem.partition("_")[0])


def keep(packed: bytes, path: Path) -> None:
    """Write a packed split in one step; where that fails, the next run reads the reviews again."""
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
    texts = []
    place = 0
    while place < len(packed):
        begin = place + 8
        end = begin + int.from_bytes(packed[place:begin], "little")
        texts.append(packed[begin:end].decode("utf-8"))
        place = end
    return texts


def stand_in(draw: np.random.Generator) -> Dataset:
    """Return made-up reviews, words of praise or blame among plain ones: 400 and 200 hidden."""

    def make(count: int) -> tuple[np.ndarray, np.ndarray]:
        labels = np.arange(count, dtype=np.int64) % 2
        draw.shuffle(labels)
        texts = [made_up_review(draw, GOOD if label else BAD) for label in labels]
        return as_texts(texts), labels

    return Dataset(*make(400), *make(200), CLASSES)


def made_up_review(draw: np.random.Generator, opinions: tuple[str, ...]) -> str:
    """Return a review of 12 to 39 plain words, with two to four opinions among them."""
    words = list(draw.choice(PLAIN, size=int(draw.integers(12, 40))))
    for _ in range(int(draw.integers(2, 5))):
        place = int(draw.integers(len(words)))
        words.insert(place, str(draw.choice(opinions)))
    return " ".join(words).capitalize() + "."


perturb = without_some_words


def vary(inputs: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return copies in which a tenth of the words is missing, in one piece; short ones stay whole.

    The piece begins at any word, so that neither how a text begins nor how it ends is always there.
    """
    copies = []
    for text in inputs:
        words = text.split(" ")
        count = round(LEFT_OUT * len(words)) if len(words) >= LEAST_WORDS else 0
        first = int(draw.integers(len(words) - count + 1))
        copies.append(" ".join(words[:first] + words[first + count :]))
    return as_texts(copies)

"""The idx files of MNIST and Fashion-MNIST, as torchvision lays them out: <folder>/<name>/raw/."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader.course.dataset import Dataset, check_file
from grader.course.pictures import blobs
from grader.errors import DataError

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
# The first four bytes of a file: 8-bit numbers in three dimensions, or in one.
IMAGE_MAGIC = 2051
LABEL_MAGIC = 2049


@dataclass(frozen=True)
class IdxFiles:
    """A data set of 28 by 28 pictures in four idx files; its methods are what `datasets/` offers.

    sha256: file name -> checksum of its unpacked bytes. get: the command that fetches the files.
    """

    folder: str
    classes: tuple[str, ...]
    sha256: dict[str, str]
    get: str

    def load(self, folder: Path) -> Dataset:
        """Read the four files below `folder`, in torchvision's layout, and check them."""
        raw = folder / self.folder / "raw"
        parts = [read_idx(unpacked(raw / file), self.sha256[file], self.get) for file in FILES]
        return Dataset(parts[0], parts[1], parts[2], parts[3], self.classes)

    def stand_in(self, draw: np.random.Generator) -> Dataset:
        """Return generated pictures of one pattern a class: 600 to train on, 200 hidden."""
        return Dataset(*blobs(draw, (28, 28), len(self.classes), 600, 200), self.classes)


def unpacked(path: Path) -> Path:
    """Return the plain file, after unpacking it beside itself where only the .gz is there."""
    packed = path.with_name(f"{path.name}.gz")
    if path.exists() or not packed.exists():
        return path
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_bytes(gzip.decompress(packed.read_bytes()))
        partial.replace(path)
    except (OSError, EOFError, zlib.error) as error:
        partial.unlink(missing_ok=True)
        raise DataError(
            f"{packed} cannot be unpacked ({error}); delete it and get it again"
        ) from None
    return path


def read_idx(path: Path, sha256: str, get: str) -> np.ndarray:
    """Return pictures as uint8 (n, 28, 28), or labels as int64 (n,)."""
    content = check_file(path, sha256, get)
    magic, count = np.frombuffer(content, dtype=">u4", count=2).tolist()
    if magic == IMAGE_MAGIC:
        rows, columns = np.frombuffer(content, dtype=">u4", count=2, offset=8).tolist()
        return np.frombuffer(content, dtype=np.uint8, offset=16).reshape(count, rows, columns)
    if magic == LABEL_MAGIC:
        return np.frombuffer(content, dtype=np.uint8, offset=8).astype(np.int64)
    raise DataError(f"{path} is not an idx file of pictures or labels; get it again with `{get}`")

"""The idx files of MNIST and Fashion-MNIST, as torchvision lays them out: <folder>/<name>/raw/."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import numpy as np

from grader.course.datasets.dataset import Dataset, blobs, check_file
from grader.errors import DataError

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
IMAGE_MAGIC, LABEL_MAGIC = 2051, 2049


def load_idx(
    folder: Path, name: str, checksums: dict[str, str], classes: tuple[str, ...], get: str
) -> Dataset:
    """Read the four files below folder/name/raw, checked against the SHA-256 of their unpacked
    bytes.
    """
    raw = folder / name / "raw"
    parts = [read_idx(unpacked(raw / file), checksums[file], get) for file in FILES]
    return Dataset(parts[0], parts[1], parts[2], parts[3], classes)


def unpacked(path: Path) -> Path:
    """Return the plain file; where only the .gz is there, unpack it beside itself first."""
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
    """Return images as uint8 (n, 28, 28), or labels as int64 (n,)."""
    content = check_file(path, sha256, get)
    magic, count = (int(number) for number in np.frombuffer(content, dtype=">u4", count=2))
    if magic == IMAGE_MAGIC:
        rows, columns = (
            int(number) for number in np.frombuffer(content, dtype=">u4", count=2, offset=8)
        )
        return np.frombuffer(content, dtype=np.uint8, offset=16).reshape(count, rows, columns)
    if magic == LABEL_MAGIC:
        return np.frombuffer(content, dtype=np.uint8, offset=8).astype(np.int64)
    raise DataError(f"{path} is not an idx file of images or labels")


def stand_in(draw: np.random.Generator, classes: tuple[str, ...]) -> Dataset:
    """Return generated 28 by 28 images of ten patterns: 600 to train on, 200 hidden."""
    return Dataset(*blobs(draw, (28, 28), len(classes), 600, 200), classes)

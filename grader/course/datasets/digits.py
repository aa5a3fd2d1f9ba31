"""1,797 real handwritten digits of 8 by 8 pixels, as they come with scikit-learn: no download.

Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI repository, test
part. Grey levels 0 to 16 are stretched to 0 to 255. The split is stratified and fixed: 1,197 to
train on, 600 hidden.
"""

from __future__ import annotations

import gzip
import importlib.util
from pathlib import Path

import numpy as np

from grader.course.datasets.dataset import Dataset, blobs, brightness_and_noise
from grader.errors import DataError

NAME = "digits"
CLASSES = tuple(str(digit) for digit in range(10))
HIDDEN_PER_CLASS = 60
SPLIT_SEED = 1797


def load(folder: Path) -> Dataset:
    """Read the digits out of the installed scikit-learn; `folder` is not used."""
    spec = importlib.util.find_spec("sklearn")
    if spec is None or not spec.submodule_search_locations:
        raise DataError(
            "scikit-learn is not installed; the digits are part of it: pip install scikit-learn"
        )
    path = Path(spec.submodule_search_locations[0]) / "datasets" / "data" / "digits.csv.gz"
    try:
        with gzip.open(path, "rt") as lines:
            table = np.loadtxt(lines, delimiter=",", dtype=np.int64)
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error}); install scikit-learn again") from None
    inputs = np.round(table[:, :64] * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8)
    labels = table[:, 64]
    draw = np.random.default_rng(SPLIT_SEED)
    hidden = np.concatenate(
        [
            draw.permutation(np.flatnonzero(labels == digit))[:HIDDEN_PER_CLASS]
            for digit in range(10)
        ]
    )
    mask = np.zeros(len(labels), dtype=bool)
    mask[hidden] = True
    return Dataset(inputs[~mask], labels[~mask], inputs[mask], labels[mask], CLASSES)


def stand_in(draw: np.random.Generator) -> Dataset:
    """Return generated 8 by 8 images of ten patterns: 200 to train on, 100 hidden."""
    return Dataset(*blobs(draw, (8, 8), 10, 200, 100), CLASSES)


def perturb(inputs: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return copies of another brightness with a little noise."""
    return brightness_and_noise(inputs, draw)

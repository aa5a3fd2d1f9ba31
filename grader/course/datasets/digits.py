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

from grader.course.dataset import Dataset
from grader.course.pictures import blobs, brightness_and_noise
from grader.course.warps import warped
from grader.errors import DataError

NAME = "digits"
COMES_WITH = "scikit-learn"  # so nothing is downloaded
CLASSES = tuple(str(digit) for digit in range(10))
HIDDEN_PER_CLASS = 60
SPLIT_SEED = 1797


def load(folder: Path) -> Dataset:
    """Read the digits out of the installed scikit-learn; `folder` is not used."""
    table = read_table(digits_file())
    inputs = np.round(table[:, :64] * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8)
    labels = table[:, 64]
    is_hidden = hidden_part(labels)
    return Dataset(
        inputs[~is_hidden], labels[~is_hidden], inputs[is_hidden], labels[is_hidden], CLASSES
    )


def digits_file() -> Path:
    """Return scikit-learn's file, found without importing scikit-learn, which takes a second."""
    spec = importlib.util.find_spec("sklearn")
    if spec is None or not spec.submodule_search_locations:
        raise DataError(
            "scikit-learn is not installed, and the digits are part of it; "
            "run `pip install scikit-learn`"
        )
    return Path(spec.submodule_search_locations[0]) / "datasets" / "data" / "digits.csv.gz"


def read_table(path: Path) -> np.ndarray:
    """Return a row for each digit, int64 (1797, 65): 64 grey levels and the label."""
    try:
        with gzip.open(path, "rt") as lines:
            return np.loadtxt(lines, delimiter=",", dtype=np.int64)
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error}); install scikit-learn again") from None


def hidden_part(labels: np.ndarray) -> np.ndarray:
    """Return which digits are hidden, bool (n,): the same number of each class, drawn once."""
    draw = np.random.default_rng(SPLIT_SEED)
    is_hidden = np.zeros(len(labels), dtype=bool)
    for digit in range(len(CLASSES)):
        of_digit = np.flatnonzero(labels == digit)
        is_hidden[draw.permutation(of_digit)[:HIDDEN_PER_CLASS]] = True
    return is_hidden


def stand_in(draw: np.random.Generator) -> Dataset:
    """Return generated 8 by 8 pictures of ten patterns: 200 to train on, 100 hidden."""
    return Dataset(*blobs(draw, (8, 8), 10, 200, 100), CLASSES)


perturb = brightness_and_noise
vary = warped

"""442 patients with diabetes, as they come with scikit-learn: no download.

Ten measurements of each patient, and how far the disease had gone a year later, a number from 25 to
346. Source: B. Efron, T. Hastie, I. Johnstone and R. Tibshirani, "Least Angle Regression", Annals
of Statistics 32, 2004. The split is fixed: 300 to train on, 142 hidden.
"""

from __future__ import annotations

import gzip
import importlib.util
from pathlib import Path

import numpy as np

from grader.course.dataset import Dataset
from grader.course.perturbing import measured_again
from grader.errors import DataError

NAME = "diabetes"
COMES_WITH = "scikit-learn"  # so nothing is downloaded
MEASUREMENTS = (
    "age",
    "sex",
    "body mass index",
    "blood pressure",
    "cholesterol",
    "low-density lipoproteins",
    "high-density lipoproteins",
    "cholesterol ratio",
    "triglycerides",
    "blood sugar",
)
HIDDEN = 142
SPLIT_SEED = 442
STAND_INS = 60  # to train on, and half as many hidden


def load(folder: Path) -> Dataset:
    """Read the patients out of the installed scikit-learn; `folder` is not used.

    Inputs: float32 (n, 10), in the units they were measured in. Labels: float32 (n,). DataError if
    scikit-learn or its files are not there.
    """
    inputs = read_table("diabetes_data_raw.csv.gz")
    targets = read_table("diabetes_target.csv.gz").reshape(-1)
    order = np.random.default_rng(SPLIT_SEED).permutation(len(targets))
    hidden = order[:HIDDEN]
    train = order[HIDDEN:]
    return Dataset(inputs[train], targets[train], inputs[hidden], targets[hidden], (), MEASUREMENTS)


def read_table(name: str) -> np.ndarray:
    """Return one of scikit-learn's tables of numbers, float32 (rows, columns)."""
    spec = importlib.util.find_spec("sklearn")
    if spec is None or not spec.submodule_search_locations:
        raise DataError(
            "scikit-learn is not installed, and the diabetes data is part of it; "
            "pip install scikit-learn"
        )
    path = Path(spec.submodule_search_locations[0]) / "datasets" / "data" / name
    try:
        with gzip.open(path, "rt") as lines:
            return np.loadtxt(lines, dtype=np.float32, ndmin=2)
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error}); install scikit-learn again") from None


def stand_in(draw: np.random.Generator) -> Dataset:
    """Return made-up patients whose disease follows a straight line of the measurements."""
    count = STAND_INS + STAND_INS // 2
    inputs = draw.normal(50, 10, size=(count, len(MEASUREMENTS))).astype(np.float32)
    weights = draw.normal(0, 1, size=len(MEASUREMENTS))
    targets = (150 + (inputs - 50) @ weights + draw.normal(0, 5, size=count)).astype(np.float32)
    train = slice(0, STAND_INS)
    hidden = slice(STAND_INS, count)
    return Dataset(inputs[train], targets[train], inputs[hidden], targets[hidden], (), MEASUREMENTS)


perturb = measured_again

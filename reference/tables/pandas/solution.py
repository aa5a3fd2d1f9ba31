"""From raw rows to a batch and a picture, with pandas where there is a table.

Claim: right in every group of cases, to a relative tolerance of 1e-7.
Evidence: `grader run reference/tables/pandas --task tables`: 100 points.
Machine: any; nothing here is timed. Importing pandas takes about a second.
"""

import io

import numpy as np
import pandas as pd


def read_numbers(text, column):
    """Return a column with its gaps filled by the median, which pandas takes without them."""
    numbers = pd.read_csv(io.StringIO(text))[column]
    return numbers.fillna(numbers.median()).to_numpy(dtype=float)


def read_categories(text, column):
    """Return the words and their one-hot columns; get_dummies sorts, and leaves gaps at zero."""
    table = pd.get_dummies(pd.read_csv(io.StringIO(text))[column], dtype=float)
    return table.columns.tolist(), table.to_numpy()


def standardize(train, test):
    """Return both, scaled by what was learned from train alone.

    pandas divides by n - 1 unless it is told ddof=0.
    """
    frame = pd.DataFrame(train)
    centre, scale = frame.mean(), frame.std(ddof=0).replace(0.0, 1.0)
    return ((frame - centre) / scale).to_numpy(), ((pd.DataFrame(test) - centre) / scale).to_numpy()


def batch(X, y, order, size, number):
    """Return the rows of one piece of the order, of X and y alike."""
    rows = order[number * size : (number + 1) * size]
    return X[rows], y[rows]


def picture(values, bins, width):
    """Return counts and bars.

    np.histogram closes every bin on the left, and the last one on both sides.
    """
    counts, _ = np.histogram(values, bins)
    return counts, ["#" * (count * width // counts.max()) for count in counts.tolist()]

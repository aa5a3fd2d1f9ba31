"""From raw rows to a batch and a picture with the csv module and NumPy, without pandas.

Claim: right in every group of cases, to a relative tolerance of 1e-7.
Evidence: `grader run reference/tables/numpy --task tables`: 100 points.
Machine: any; nothing here is timed.
"""

import csv
import io

import numpy as np


def cells(text, column):
    """Return the texts of one column. Cutting lines at commas would break quoted cells."""
    return [row[column] for row in csv.DictReader(io.StringIO(text))]


def read_numbers(text, column):
    """Return a column of floats, with gaps filled by the median of the rest."""
    numbers = np.array([float(cell or "nan") for cell in cells(text, column)])
    return np.where(np.isnan(numbers), np.nanmedian(numbers), numbers)


def read_categories(text, column):
    """Return the words, and one column for each.

    Comparing a column of texts with a row of texts gives a table.
    """
    words = np.array(cells(text, column))
    names = np.unique(words[words != ""])
    return names.tolist(), (words[:, None] == names).astype(float)


def standardize(train, test):
    """Return both, scaled by what was learned from train alone."""
    centre, scale = train.mean(axis=0), train.std(axis=0)
    scale[scale == 0] = 1
    return (train - centre) / scale, (test - centre) / scale


def batch(X, y, order, size, number):
    """Return the rows of one piece of the order, of X and y alike."""
    rows = order[number * size : (number + 1) * size]
    return X[rows], y[rows]


def picture(values, bins, width):
    """Return counts and bars."""
    counts = np.histogram(values, bins)[0]
    return counts, ["#" * int(length) for length in counts * width // counts.max()]

"""From raw rows to a batch and a picture. pandas may be used, and need not be."""

import numpy as np


def read_numbers(text: str, column: str) -> np.ndarray:
    """Return one column of a table as floats, shape (n,), gaps filled with the median of the
    numbers that are there.

    text: the whole table as CSV: a line with the names of the columns, then one line for each of n
    rows
    column: the name of the column;  an empty cell is a gap
    """
    # pandas.read_csv(io.StringIO(text)) reads it; without pandas:
    # csv.DictReader(io.StringIO(text)).
    raise NotImplementedError


def read_categories(text: str, column: str) -> tuple[list[str], np.ndarray]:
    """Return (names, one_hot): the different words of a column by the alphabet, and floats of shape
    (n, len(names)).

    Each row has a 1.0 under its word and 0.0 elsewhere; a row with a gap has zeros only.
    """
    raise NotImplementedError


def standardize(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (train, test), each column minus the mean of *train*, divided by the standard
    deviation of *train*.

    train: shape (n, d);  test: shape (m, d)
    The standard deviation is the square root of the mean squared deviation; where it is 0, divide
    by 1.
    """
    raise NotImplementedError


def batch(
    X: np.ndarray, y: np.ndarray, order: np.ndarray, size: int, number: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return (X, y) of one batch: the examples in a shuffled order, cut into pieces.

    X: shape (n, d);  y: their classes, shape (n,);  order: which row comes first, second ..., shape
                      (n,)
    size: examples in a batch; the last one may be smaller;  number: which batch, counted from 0
    """
    raise NotImplementedError


def picture(values: np.ndarray, bins: int, width: int) -> tuple[np.ndarray, list[str]]:
    """Return (counts, lines): a histogram, and a bar of "#" for each bin.

    bins: how many, equally wide, from the smallest value to the largest
    counts: whole numbers, shape (bins,); a value on an edge belongs to the bin above, the largest
    value to the last bin
    lines: one text a bin; the longest has `width` characters, the others in proportion, rounded
    down
    """
    raise NotImplementedError

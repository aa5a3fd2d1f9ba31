"""From raw rows to a batch and a picture. You may use pandas, but need not."""

import numpy as np


def read_numbers(text: str, column: str) -> np.ndarray:
    """Return one column of a table as floats, shape (n,).

    Gaps are filled with the median of the numbers that are there; an empty cell is a gap.

    text: the whole table as CSV: one line with the names of the columns, then n lines of cells
    column: the name of the column
    """
    # With pandas: pandas.read_csv(io.StringIO(text)).
    # Without: csv.DictReader(io.StringIO(text)).
    raise NotImplementedError


def read_categories(text: str, column: str) -> tuple[list[str], np.ndarray]:
    """Return (names, one_hot): the different words of a column, and which row has which.

    text, column: as in read_numbers

    names: a list of the words in alphabetical order; a gap is not a word
    one_hot: floats of shape (n, len(names)), 1.0 under the word of a row and 0.0 elsewhere;
        a row with a gap has only zeros
    """
    raise NotImplementedError


def standardize(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (train, test), with each column scaled by what *train* shows.

    Subtract the mean of *train*, then divide by the standard deviation of *train*: the square root
    of the mean squared deviation. Where that is 0, divide by 1.

    train: shape (n, d)
    test: shape (m, d)
    """
    raise NotImplementedError


def batch(
    X: np.ndarray, y: np.ndarray, order: np.ndarray, size: int, number: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return (X, y) of one batch: the examples in a shuffled order, cut into pieces.

    X: shape (n, d)
    y: the classes of the examples, shape (n,)
    order: which row comes first, which second, and so on, shape (n,)
    size: how many examples a batch has; the last one may be smaller
    number: which batch to return, counted from 0
    """
    raise NotImplementedError


def picture(values: np.ndarray, bins: int, width: int) -> tuple[np.ndarray, list[str]]:
    """Return (counts, lines): a histogram, and a bar of "#" for each bin.

    values: numbers, shape (n,)
    bins: how many bins there are, all of the same width, from the smallest value to the largest
    width: how many characters the longest bar has

    counts: whole numbers, shape (bins,); a value on an edge belongs to the bin above,
        the largest value to the last bin
    lines: a list of texts, one per bin; the shorter bars are in proportion, rounded down
    """
    raise NotImplementedError

"""Cases and right answers for `tables`: from the text of a table to numbers, a batch, a picture.

Whether a learner uses pandas, NumPy or plain Python makes no difference to the answers, and those
here need no pandas.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from grader import Function, Group

Array = np.ndarray
Case = tuple[Any, ...]
# From the name of a column to its cells.
Table = dict[str, list[str]]

SPECIES = ("auk", "crane", "gull", "heron", "ibis", "owl")


def cells(text: str, column: str) -> list[str]:
    return [row[column] for row in csv.DictReader(io.StringIO(text))]


def known(text: str, column: str) -> Array:
    """Return the numbers of a column, and NaN in its gaps."""
    return np.array([float(cell) if cell else np.nan for cell in cells(text, column)])


def filled(text: str, column: str, value: Any = np.median) -> Array:
    numbers = known(text, column)
    return np.where(np.isnan(numbers), value(numbers[~np.isnan(numbers)]), numbers)


def read_numbers(text: str, column: str) -> Array:
    return filled(text, column)


def one_hot(words: Sequence[str], names: Sequence[str]) -> Array:
    return np.array([[float(word == name) for name in names] for word in words])


def read_categories(text: str, column: str) -> tuple[list[str], Array]:
    words = cells(text, column)
    names = sorted(set(words) - {""})
    return names, one_hot(words, names)


def spread(columns: Array, ddof: int = 0) -> Array:
    """Return the standard deviation of each column, or 1 where it is 0."""
    deviation = columns.std(axis=0, ddof=ddof)
    return np.where(deviation > 0, deviation, 1.0)


def standardize(train: Array, test: Array) -> tuple[Array, Array]:
    centre, scale = train.mean(axis=0), spread(train)
    return (train - centre) / scale, (test - centre) / scale


def batch(X: Array, y: Array, order: Array, size: int, number: int) -> tuple[Array, Array]:
    rows = order[number * size : (number + 1) * size]
    return X[rows], y[rows]


def bars(counts: Array, width: int) -> list[str]:
    return ["#" * int(count * width // counts.max()) for count in counts]


def picture(values: Array, bins: int, width: int) -> tuple[Array, list[str]]:
    counts, _ = np.histogram(values, bins=bins)
    return counts, bars(counts, width)


def as_text(table: Table, end: str = "\n") -> str:
    """Return a table as CSV: one line of names, then one line per row.

    Cells with a comma are quoted.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator=end)
    writer.writerow(table)
    writer.writerows(zip(*table.values(), strict=True))
    return stream.getvalue()


def gaps(draw: np.random.Generator, rows: int, count: int) -> list[bool]:
    """Return which rows have a gap; the first one never has."""
    places = draw.choice(np.arange(1, rows), size=count, replace=False)
    return [row in places for row in range(rows)]


def birds(draw: np.random.Generator, rows: int, missing: int) -> Table:
    """Return a table of birds with gaps, its columns in random order."""
    species = [str(name) for name in draw.permutation(SPECIES)[: min(rows, 4)]]
    words = [*species, *(str(draw.choice(species)) for _ in range(rows - len(species)))]
    table = {
        "species": words,
        "mass_g": [f"{value:.1f}" for value in draw.lognormal(5.0, 1.0, size=rows)],
        "wing_cm": [f"{value:.2f}" for value in draw.uniform(5.0, 90.0, size=rows)],
        "year": [str(value) for value in draw.integers(1990, 2025, size=rows)],
    }
    for column, values in table.items():
        holes = gaps(draw, rows, missing)
        table[column] = ["" if hole else value for hole, value in zip(holes, values, strict=True)]
    return {name: table[name] for name in draw.permutation(list(table)).tolist()}


def small_table() -> str:
    return "species,mass_g\nowl,300\ngull,\nowl,420\ngull,900\n"


def numbers_to_read(draw: np.random.Generator) -> Iterator[Case]:
    yield small_table(), "mass_g"
    for rows, missing, column in (
        (5, 1, "wing_cm"),
        (7, 3, "mass_g"),
        (12, 4, "mass_g"),
        (40, 9, "year"),
    ):
        yield as_text(birds(draw, rows, missing)), column


def numbers_read_with_care(draw: np.random.Generator) -> Iterator[Case]:
    yield "place,depth_m\nlake,-2.5\nsea,\nwell,\n", "depth_m"
    yield as_text(birds(draw, 6, 0)), "mass_g"
    table = birds(draw, 9, 4)
    quoted = {"place": [f"{where}, north" for where in draw.choice(["bay", "cape"], size=9)]}
    yield as_text(quoted | table), "wing_cm"
    yield as_text(birds(draw, 8, 3), end="\r\n"), "mass_g"


def words_to_read(draw: np.random.Generator) -> Iterator[Case]:
    yield "species,mass_g\nowl,300\ngull,900\n,250\nowl,420\n", "species"
    for rows, missing in ((5, 1), (8, 2), (30, 6)):
        yield as_text(birds(draw, rows, missing)), "species"


def words_read_with_care(draw: np.random.Generator) -> Iterator[Case]:
    yield "kind,n\nowl,1\nowl,2\n", "kind"
    yield "size,kind\nlarge,auk\nsmall,auk\n,owl\n", "size"
    table = birds(draw, 8, 0)
    table["place"] = [f"{where}, north" for where in draw.permutation(["bay", "cape"] * 4)]
    yield as_text(table), "place"
    yield as_text(birds(draw, 9, 3), end="\r\n"), "species"


def splits(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([[1.0, 10.0], [3.0, 30.0], [5.0, 80.0]]), np.array([[3.0, 50.0]])
    for n, m, d in ((4, 2, 3), (6, 5, 2), (20, 8, 5)):
        size = draw.uniform(0.1, 100.0, size=d)
        yield size * draw.normal(loc=2.0, size=(n, d)), size * draw.normal(loc=3.0, size=(m, d))


def unusual_splits(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([[2.0, 7.0], [4.0, 7.0]]), np.array([[2.0, 9.0]])
    yield np.full((1, 3), 2.5), draw.normal(size=(2, 3))
    yield 1e5 + draw.normal(size=(5, 2)), 1e5 + draw.normal(size=(3, 2))


def examples(draw: np.random.Generator, n: int, d: int) -> Case:
    """Return X, y and an order that is not its own inverse."""
    order = np.roll(draw.permutation(n), 1)
    while np.array_equal(np.argsort(order), order) or np.array_equal(order, np.arange(n)):
        order = draw.permutation(n)
    return draw.normal(size=(n, d)), draw.permutation(n) % 4, order


def batches(draw: np.random.Generator) -> Iterator[Case]:
    X, y = np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([0, 1, 1, 0])
    yield X, y, np.array([2, 0, 3, 1]), 2, 1
    for n, d, size, number in ((6, 2, 2, 0), (9, 3, 3, 2), (20, 4, 5, 1)):
        yield *examples(draw, n, d), size, number


def unusual_batches(draw: np.random.Generator) -> Iterator[Case]:
    for n, d, size, number in ((5, 2, 2, 2), (4, 1, 10, 0), (7, 3, 1, 4), (10, 2, 4, 2)):
        yield *examples(draw, n, d), size, number


def pictures(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([1.0, 1.5, 2.5, 4.5, 4.75, 5.0, 4.25]), 4, 8
    for size, bins, width in ((12, 3, 10), (30, 5, 20), (200, 8, 40)):
        yield draw.normal(loc=3.0, scale=2.0, size=size), bins, width


def pictures_on_edges(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([0.0, 1.0, 2.0, 2.0, 4.0]), 4, 6
    for bins in (4, 8):
        inner = draw.integers(0, bins + 1, size=20)
        yield np.concatenate([[0, bins], inner]).astype(np.float64), bins, 30
    yield np.array([-1.0, 0.0, 0.0, 0.0, 7.0]), 8, 5


def without_gaps(text: str, column: str) -> Array:
    numbers = known(text, column)
    return numbers[~np.isnan(numbers)]


def last_known(text: str, column: str) -> Array:
    numbers = known(text, column)
    for row in range(1, len(numbers)):
        if np.isnan(numbers[row]):
            numbers[row] = numbers[row - 1]
    return numbers


def gap_as_a_word(text: str, column: str) -> tuple[list[str], Array]:
    words = cells(text, column)
    return sorted(set(words)), one_hot(words, sorted(set(words)))


def as_they_came(text: str, column: str) -> tuple[list[str], Array]:
    words = cells(text, column)
    names = [name for name in dict.fromkeys(words) if name]
    return names, one_hot(words, names)


def rows_dropped(text: str, column: str) -> tuple[list[str], Array]:
    words = [word for word in cells(text, column) if word]
    return sorted(set(words)), one_hot(words, sorted(set(words)))


def changed_categories(change: Any) -> Any:
    """Return read_categories with its array passed through `change`."""

    def wrong(text: str, column: str) -> tuple[list[str], Any]:
        names, table = read_categories(text, column)
        return names, change(table)

    return wrong


def standardized_with(
    train: Array, test: Array, centre: Array, scale: Array
) -> tuple[Array, Array]:
    return (train - centre) / scale, (test - centre) / scale


def over_both(train: Array, test: Array) -> tuple[Array, Array]:
    both = np.vstack([train, test])
    return standardized_with(train, test, both.mean(axis=0), spread(both))


def each_by_itself(train: Array, test: Array) -> tuple[Array, Array]:
    return standardize(train, train)[0], standardize(test, test)[0]


def drawn_otherwise(counts: Any, lines: Any = bars) -> Any:
    """Return picture with other counts, or other lines for the right ones."""

    def wrong(values: Array, bins: int, width: int) -> tuple[Array, list[str]]:
        found = counts(values, bins)
        return found, lines(found, width)

    return wrong


def right_counts(values: Array, bins: int) -> Array:
    return np.histogram(values, bins=bins)[0]


def closed_on_the_right(values: Array, bins: int) -> Array:
    """Count as pandas.cut does: a value on an edge belongs to the bin below."""
    edges = np.linspace(values.min(), values.max(), bins + 1)
    places = np.clip(np.searchsorted(edges, values, side="left") - 1, 0, bins - 1)
    return np.bincount(places, minlength=bins)


def largest_lost(values: Array, bins: int) -> Array:
    counts = right_counts(values, bins)
    counts[-1] -= np.count_nonzero(values == values.max())
    return counts


FUNCTIONS = [
    Function(
        name="read_numbers",
        answer=read_numbers,
        returns=("numbers",),
        groups=[
            Group("typical", numbers_to_read, "tables of four to forty rows, with gaps"),
            Group(
                "edge",
                numbers_read_with_care,
                "no gap, one number, quoted commas, Windows line ends",
            ),
        ],
        mistakes={
            "gaps were filled with the mean, not the median": lambda text, column: filled(
                text, column, np.mean
            ),
            "gaps were filled with 0": lambda text, column: filled(
                text, column, lambda numbers: 0.0
            ),
            "gaps stayed NaN": known,
            "rows with a gap were dropped": without_gaps,
            "gaps were filled with the number above": last_known,
            "gaps counted as 0 when the median was taken": lambda text, column: np.where(
                np.isnan(known(text, column)),
                np.median(np.nan_to_num(known(text, column))),
                known(text, column),
            ),
        },
    ),
    Function(
        name="read_categories",
        answer=read_categories,
        returns=("names", "one_hot"),
        groups=[
            Group("typical", words_to_read, "tables of four to thirty rows, with gaps"),
            Group("edge", words_read_with_care, "one category, quoted commas, Windows line ends"),
        ],
        mistakes={
            "a gap became a category of its own": gap_as_a_word,
            "the categories stand in the order in which they came, not by the alphabet": (
                as_they_came
            ),
            "rows with a gap were dropped": rows_dropped,
            "booleans were returned, as pandas.get_dummies does without dtype=float": (
                changed_categories(lambda table: table.astype(bool))
            ),
            "whole numbers were returned, not floats": changed_categories(
                lambda table: table.astype(np.int64)
            ),
            "the number of each category was returned, not one-hot": changed_categories(
                lambda table: np.where(table.any(axis=1), table.argmax(axis=1), -1)
            ),
            "the first category has no column": changed_categories(lambda table: table[:, 1:]),
            "the result is transposed: one row a table row, one column a category": (
                changed_categories(lambda table: table.T)
            ),
        },
    ),
    Function(
        name="standardize",
        answer=standardize,
        returns=("train", "test"),
        axes=("n d", "m d"),
        groups=[
            Group("typical", splits, "two to five columns of different sizes"),
            Group(
                "edge", unusual_splits, "a column without any spread, one row, numbers near 100,000"
            ),
        ],
        mistakes={
            "a column without any spread was divided by 0": lambda train, test: standardized_with(
                train, test, train.mean(axis=0), train.std(axis=0)
            ),
            (
                "mean and spread were taken over train and test together: "
                "the test leaked into training"
            ): over_both,
            "test was scaled by its own mean and spread; it gets those of train": each_by_itself,
            "the spread was divided by n - 1, as pandas does: give ddof=0": lambda train, test: (
                standardized_with(
                    train, test, train.mean(axis=0), spread(train, ddof=min(1, len(train) - 1))
                )
            ),
            "the variance was divided by, not its square root": lambda train, test: (
                standardized_with(train, test, train.mean(axis=0), spread(train) ** 2)
            ),
            "the mean was not subtracted": lambda train, test: standardized_with(
                train, test, 0.0 * train[0], spread(train)
            ),
            "the results were returned in the other order": lambda train, test: standardize(
                train, test
            )[::-1],
            "1e-8 was added to the spread, which falsifies what follows": lambda train, test: (
                standardized_with(train, test, train.mean(axis=0), train.std(axis=0) + 1e-8)
            ),
        },
    ),
    Function(
        name="batch",
        answer=batch,
        returns=("X", "y"),
        axes=(". d", ".", ".", "", ""),
        groups=[
            Group("typical", batches, "four to twenty examples, batches that come out even"),
            Group(
                "edge", unusual_batches, "a last batch that is smaller, one batch, batches of one"
            ),
        ],
        mistakes={
            "y was not shuffled with X: they no longer belong together": (
                lambda X, y, order, size, number: (
                    batch(X, y, order, size, number)[0],
                    batch(X, y, np.arange(len(y)), size, number)[1],
                )
            ),
            "X was not shuffled with y": lambda X, y, order, size, number: (
                batch(X, y, np.arange(len(y)), size, number)[0],
                batch(X, y, order, size, number)[1],
            ),
            "nothing was shuffled": lambda X, y, order, size, number: batch(
                X, y, np.arange(len(y)), size, number
            ),
            "the batches were counted from 1": lambda X, y, order, size, number: batch(
                X, y, order, size, number - 1
            ),
            "number was taken as a row, not as a batch": lambda X, y, order, size, number: (
                X[order[number : number + size]],
                y[order[number : number + size]],
            ),
            "order was used the wrong way round: it says which row comes next": (
                lambda X, y, order, size, number: batch(X, y, np.argsort(order), size, number)
            ),
            "the last batch was filled up from the beginning": lambda X, y, order, size, number: (
                batch(X, y, np.resize(order, (number + 1) * size), size, number)
            ),
        },
    ),
    Function(
        name="picture",
        answer=picture,
        returns=("counts", "lines"),
        axes=("n", "", ""),
        groups=[
            Group("typical", pictures, "seven to two hundred values in three to eight bins"),
            Group("edge", pictures_on_edges, "values that lie on the edge of a bin, empty bins"),
        ],
        mistakes={
            "the largest value was lost: the last bin holds its right edge": drawn_otherwise(
                largest_lost
            ),
            "values on an edge were put into the bin below, as pandas.cut does, not above": (
                drawn_otherwise(closed_on_the_right)
            ),
            "the bins began at 0, not at the smallest value": drawn_otherwise(
                lambda values, bins: np.histogram(
                    values, bins=bins, range=(0.0, float(values.max()))
                )[0]
            ),
            "the bars have the length of the counts, not scaled to the width": drawn_otherwise(
                right_counts, lambda counts, width: ["#" * int(count) for count in counts]
            ),
            "the bars were scaled by the sum of the counts, not by the largest": drawn_otherwise(
                right_counts,
                lambda counts, width: [
                    "#" * int(count * width // counts.sum()) for count in counts
                ],
            ),
            "the bars were rounded to the nearest length, not down": drawn_otherwise(
                right_counts,
                lambda counts, width: [
                    "#" * round(count * width / counts.max()) for count in counts
                ],
            ),
        },
    ),
]

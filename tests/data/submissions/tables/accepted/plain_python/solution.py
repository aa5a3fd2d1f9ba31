"""Right in plain Python, without pandas or NumPy: a reader of its own, sorted lists, nested lists as answers."""

import bisect
import math


def rows_of(text):
    """Yield the cells of each line; a comma between quotation marks belongs to its cell."""
    for line in text.splitlines():
        found, quoted, cell = [], False, ""
        for letter in line:
            if letter == '"':
                quoted = not quoted
            elif letter == "," and not quoted:
                found.append(cell)
                cell = ""
            else:
                cell += letter
        yield [*found, cell]


def cells(text, column):
    names, *rows = rows_of(text)
    return [row[names.index(column)] for row in rows]


def read_numbers(text, column):
    words = cells(text, column)
    known = sorted(float(word) for word in words if word)
    median = (known[(len(known) - 1) // 2] + known[len(known) // 2]) / 2
    return [float(word) if word else median for word in words]


def read_categories(text, column):
    words = cells(text, column)
    names = sorted({word for word in words if word})
    return {"one_hot": [[1.0 if word == name else 0.0 for name in names] for word in words], "names": names}


def standardize(train, test):
    scaled = []
    for of_train, of_test in zip(train.T.tolist(), test.T.tolist(), strict=True):
        mean = math.fsum(of_train) / len(of_train)
        spread = math.sqrt(math.fsum((value - mean) ** 2 for value in of_train) / len(of_train)) or 1.0
        scaled.append([[(value - mean) / spread for value in column] for column in (of_train, of_test)])
    return [list(zip(*(pair[part] for pair in scaled), strict=True)) for part in (0, 1)]


def batch(X, y, order, size, number):
    rows = [int(row) for row in order][number * size :][:size]
    return [X[row].tolist() for row in rows], [int(y[row]) for row in rows]


def picture(values, bins, width):
    low, high = min(values), max(values)
    edges = [low + (high - low) * number / bins for number in range(1, bins)]
    counts = [0] * bins
    for value in values:
        counts[bisect.bisect_right(edges, value)] += 1
    return counts, ["#" * (count * width // max(counts)) for count in counts]

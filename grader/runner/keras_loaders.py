"""Answers `keras.datasets.*.load_data()` with the task's training data.

Everything comes in the shapes and types that Keras gives. Keras' IMDB comes as numbers, each the
rank of a word by how often it occurs. Here the ranks are those of the task's own training texts;
every option of `load_data` means what it means there. The encoding is kept: hidden texts go through
it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from .given_data import NotThisTask, given

PICTURES = {  # module -> data set
    "mnist": "mnist",
    "fashion_mnist": "fashion-mnist",
    "cifar10": "cifar10",
}
IMDB = "imdb"
# What Keras' own word counting removes; the apostrophe stays.
BETWEEN_WORDS = str.maketrans(dict.fromkeys('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', " "))

Split = tuple[np.ndarray, np.ndarray]


def answer(module: ModuleType) -> None:
    """Replace `load_data`, and IMDB's `get_word_index`, of one module of keras.datasets."""
    name = module.__name__.rpartition(".")[2]
    changed: dict[str, Any] = {"load_data": other(name)}
    if name in PICTURES:
        changed = {"load_data": pictures(PICTURES[name])}
    elif name == IMDB:
        changed = {"load_data": load_imdb, "get_word_index": word_index}
    for function, replacement in changed.items():
        setattr(module, function, replacement)


def other(name: str) -> Callable[..., Any]:
    """Return a load_data for a data set that no task gives."""

    def load_data(*_: Any, **__: Any) -> Any:
        raise NotThisTask(
            f"the script asks for keras.datasets.{name}; this task provides {given().dataset}"
        )

    return load_data


def pictures(dataset: str) -> Callable[..., tuple[Split, Split]]:
    """Return a load_data that gives uint8 pictures and uint8 labels.

    Labels are of shape (n,), or (n, 1) for CIFAR-10.
    """

    def load_data(path: str = "") -> tuple[Split, Split]:
        return one(True), one(False)

    def one(train: bool) -> Split:
        inputs, labels = given().ask(dataset, train)
        labels = labels.astype(np.uint8)
        if inputs.ndim == 4:
            labels = labels[:, None]
        return inputs.copy(), labels

    return load_data


def words_of(text: str) -> list[str]:
    """Return the words of a text as Keras cuts them: lower case, without punctuation."""
    return text.lower().translate(BETWEEN_WORDS).split()


def word_index(path: str = "") -> dict[str, int]:
    """Return each word of the training texts with its rank, from 1 for the most frequent one."""
    task = given()
    if task.dataset != IMDB:
        raise NotThisTask(f"the script asks for {IMDB}; this task provides {task.dataset}")
    counts = Counter(word for text in task.inputs for word in words_of(text))
    return {word: rank for rank, (word, _) in enumerate(counts.most_common(), start=1)}


def load_imdb(
    path: str = "",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
    **_: Any,
) -> tuple[Split, Split]:
    """Return ((x_train, y_train), (x_test, y_test)): lists of word numbers, and int64 labels.

    The lists stand in object arrays. The texts are shuffled with `seed`; those with `maxlen`
    numbers or more are left out.
    """
    encode = Encoding(word_index(), num_words, skip_top, start_char, oov_char, index_from)
    given().encoders.append(encode)

    def one(train: bool) -> Split:
        texts, labels = given().ask(IMDB, train, seed=seed)
        known: dict[str, list[int]] = {}  # a filled part has the same texts again
        for text in texts:
            if text not in known:
                known[text] = encode.encode(text)
        rows = [list(known[text]) for text in texts]
        most = maxlen or math.inf
        kept = [place for place, row in enumerate(rows) if len(row) < most]
        if not kept:
            raise ValueError(f"no text has fewer than maxlen={maxlen} words; increase maxlen")
        sequences = np.empty(len(kept), dtype=object)
        sequences[:] = [rows[place] for place in kept]
        return sequences, labels[kept]

    return one(True), one(False)


class Encoding:
    """Texts -> lists of word numbers, with the options of `load_data`.

    A word that was never seen is skipped.
    """

    def __init__(
        self,
        ranks: dict[str, int],
        num_words: int | None,
        skip_top: int,
        start_char: int | None,
        oov_char: int | None,
        index_from: int,
    ) -> None:
        shift = index_from if start_char is not None or index_from else 0
        limit = num_words or len(ranks) + shift + 1

        def number_of(number: int) -> int | None:
            """Return a number if it is in use, else the one for words that are left out."""
            return number if skip_top <= number < limit else oov_char

        self.numbers: dict[str, int] = {}
        for word, rank in ranks.items():
            number = number_of(rank + shift)
            if number is not None:
                self.numbers[word] = number
        first = None if start_char is None else number_of(start_char)
        self.start: list[int] = [] if first is None else [first]

    def __call__(self, texts: list[str]) -> list[list[int]]:
        return [self.encode(text) for text in texts]

    def encode(self, text: str) -> list[int]:
        """Return the numbers of one text, after the number that starts every text."""
        numbers = self.numbers
        return self.start + [numbers[word] for word in words_of(text) if word in numbers]

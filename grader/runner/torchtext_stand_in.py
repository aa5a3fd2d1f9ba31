"""Stands in for torchtext, whose compiled part fits no PyTorch of today.

Programs of its time need little of it: a tokenizer, a vocabulary, and the film reviews as pairs of
label and text. Labels are 1 for unfavourable and 2 for favourable, as in its last versions. What it
had in its very first ones, fields and iterators, is named with the way to do it now.
"""

from __future__ import annotations

import importlib
import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import ModuleType
from typing import Any

from . import imports
from .frames import Trouble
from .given_data import given
from .problem import Problem

REPLACED = [
    (re.compile(r"\'"), " '  "),
    (re.compile(r"\""), ""),
    (re.compile(r"\."), " . "),
    (re.compile(r"<br \/>"), " "),
    (re.compile(r","), " , "),
    (re.compile(r"\("), " ( "),
    (re.compile(r"\)"), " ) "),
    (re.compile(r"\!"), " ! "),
    (re.compile(r"\?"), " ? "),
    (re.compile(r"\;"), " "),
    (re.compile(r"\:"), " "),
    (re.compile(r"\s+"), " "),
]
NEGATIVE = 1  # torchtext counts labels from here


class Missing(Problem, AttributeError):
    """Something of torchtext that the stand-in lacks; `hasattr` understands it."""


def fill(module: ModuleType) -> None:
    """Give a module what torchtext has in it, as far as programs of today need it."""

    def missing(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        part = f"{module.__name__}.{name}"
        if part in imports.STAND_INS:  # torchtext imported its parts by itself
            return importlib.import_module(part)
        raise Missing(
            Trouble.NOT_DEFINED,
            f"{module.__name__}.{name}: torchtext is no longer developed, and this box has a small "
            "stand-in with get_tokenizer, build_vocab_from_iterator, vocab and datasets.IMDB. For "
            'Field, LabelField and BucketIterator, use load_dataset("imdb"), a dict of words to '
            "numbers, and a DataLoader with a collate_fn that calls "
            "torch.nn.utils.rnn.pad_sequence",
        )

    module.__dict__.update(KNOWN.get(module.__name__, {}), __getattr__=missing)
    module.__dict__["__version__"] = "0.18.0"


def basic_english(line: str) -> list[str]:
    """Return the words of a line, in lower case, with punctuation as words of their own."""
    line = line.lower()
    for pattern, by in REPLACED:
        line = pattern.sub(by, line)
    return line.split()


def get_tokenizer(tokenizer: Any = None, language: str = "en") -> Callable[[str], list[str]]:
    """Stand in for torchtext.data.utils.get_tokenizer."""
    if callable(tokenizer):
        given_one: Callable[[str], list[str]] = tokenizer
        return given_one
    return str.split if tokenizer is None else basic_english


class Vocab:
    """Words and their numbers."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = list(words)
        self._numbers = {word: number for number, word in enumerate(self._words)}
        self._default: int | None = None

    def __len__(self) -> int:
        return len(self._words)

    def __contains__(self, word: str) -> bool:
        return word in self._numbers

    def __getitem__(self, word: str) -> int:
        number = self._numbers.get(word, self._default)
        if number is None:
            raise RuntimeError(f"Token {word} not found and default index is not set")
        return number

    def __call__(self, words: Iterable[str]) -> list[int]:
        return [self[word] for word in words]

    forward = lookup_indices = __call__

    def set_default_index(self, index: int | None) -> None:
        self._default = index

    def get_default_index(self) -> int | None:
        return self._default

    def get_stoi(self) -> dict[str, int]:
        return dict(self._numbers)

    def get_itos(self) -> list[str]:
        return list(self._words)

    def lookup_token(self, number: int) -> str:
        return self._words[number]

    def lookup_tokens(self, numbers: Iterable[int]) -> list[str]:
        return [self._words[number] for number in numbers]

    def append_token(self, word: str) -> None:
        self.insert_token(word, len(self._words))

    def insert_token(self, word: str, place: int) -> None:
        self._words.insert(place, word)
        self._numbers = {word: number for number, word in enumerate(self._words)}


def vocab(
    ordered: Any,
    min_freq: int = 1,
    specials: Sequence[str] | None = None,
    special_first: bool = True,
) -> Vocab:
    """Stand in for torchtext.vocab.vocab: words in the order of a dict of counts."""
    first = list(specials or [])
    frequent = [word for word, count in ordered.items() if count >= min_freq]
    words = [word for word in frequent if word not in first]
    return Vocab([*first, *words] if special_first else [*words, *first])


def build_vocab_from_iterator(
    iterator: Iterable[Iterable[str]],
    min_freq: int = 1,
    specials: Sequence[str] | None = None,
    special_first: bool = True,
    max_tokens: int | None = None,
) -> Vocab:
    """Stand in for torchtext.vocab.build_vocab_from_iterator."""
    counts: Counter[str] = Counter()
    for words in iterator:
        counts.update(words)
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    if max_tokens is not None:
        ordered = ordered[: max_tokens - len(specials or [])]
    return vocab(OrderedDict(ordered), min_freq, specials, special_first)


class Reviews:
    """Pairs of label and text; can be gone through again, and asked for its length."""

    def __init__(self, train: bool) -> None:
        self._texts, labels = given().ask("imdb", train)
        self._labels = [NEGATIVE + label for label in labels.tolist()]

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return iter(list(zip(self._labels, self._texts, strict=True)))

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, place: int) -> tuple[int, str]:
        return self._labels[place], self._texts[place]


def imdb(root: Any = ".data", split: Any = ("train", "test"), **_: Any) -> Any:
    """Stand in for torchtext.datasets.IMDB."""
    if isinstance(split, str):
        return Reviews(split == "train")
    return tuple(Reviews(part == "train") for part in split)


def to_map_style_dataset(iterator: Iterable[Any]) -> list[Any]:
    return list(iterator)


KNOWN: dict[str, dict[str, Any]] = {
    "torchtext.data.utils": {"get_tokenizer": get_tokenizer},
    "torchtext.data": {"get_tokenizer": get_tokenizer},
    "torchtext.data.functional": {"to_map_style_dataset": to_map_style_dataset},
    "torchtext.datasets": {"IMDB": imdb},
    "torchtext.vocab": {
        "Vocab": Vocab,
        "vocab": vocab,
        "build_vocab_from_iterator": build_vocab_from_iterator,
    },
    "torchtext": {"disable_torchtext_deprecation_warning": lambda: None},
}

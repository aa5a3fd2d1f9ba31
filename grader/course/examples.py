"""What is learned from and asked: labelled examples, or one long text; both with a hidden part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Dataset:
    """Training examples with labels, and hidden ones whose labels never leave the grader.

    inputs: uint8 pictures of shape (n, h, w) or (n, h, w, 3), an object array of n texts, or
    float32 of shape (n, ...). labels: int64 of shape (n,), or float32 numbers without classes.
    columns: what the numbers of a row are, for tables. is_private: no page may show a hidden input.
    """

    train_inputs: np.ndarray
    train_labels: np.ndarray
    hidden_inputs: np.ndarray
    hidden_labels: np.ndarray
    classes: tuple[str, ...]
    columns: tuple[str, ...] = ()
    is_private: bool = False

    @property
    def num_classes(self) -> int:
        return len(self.classes)


@dataclass(frozen=True)
class Corpus:
    """A text to learn from and one to be tested on; the vocabulary has every character of both."""

    train: str
    hidden: str
    vocabulary: str  # each character once, in the order of their codes

    def encode(self, text: str) -> np.ndarray:
        """Return the places of the text's characters in the vocabulary, int64 of shape (n,)."""
        codes = np.array([ord(each) for each in self.vocabulary])
        wanted = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
        return np.searchsorted(codes, wanted).astype(np.int64)

    def decode(self, tokens: np.ndarray) -> str:
        """Return the text of tokens, all of them within the vocabulary."""
        return "".join(self.vocabulary[token] for token in tokens.tolist())

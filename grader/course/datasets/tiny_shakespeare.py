"""Tiny Shakespeare: 1,115,394 characters of plays, collected by A. Karpathy for char-rnn.

The last tenth is hidden.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from grader.course.dataset import Corpus, check_file

NAME = "tiny-shakespeare"
FOLDER = "tinyshakespeare"
FILE = "input.txt"
SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
TRAIN_SHARE = 0.9
STAND_IN_WORDS = (
    "the",
    "king",
    "speaks",
    "and",
    "all",
    "men",
    "hear",
    "no",
    "sword",
    "was",
    "ever",
    "so",
    "bright",
)
TRAIN_CHARACTERS = 24_000  # of the stand-in
HIDDEN_CHARACTERS = 6_000


def load(folder: Path) -> Corpus:
    """Read the text below folder/tinyshakespeare."""
    content = check_file(folder / FOLDER / FILE, SHA256, f"grader data get {NAME}")
    text = content.decode("ascii")
    cut = int(len(text) * TRAIN_SHARE)
    return Corpus(text[:cut], text[cut:], "".join(sorted(set(text))))


def stand_in(draw: np.random.Generator) -> Corpus:
    """Return made-up lines of a few words; within a word, each letter predicts the next."""

    def make(characters: int) -> str:
        lines: list[str] = []
        while sum(len(line) for line in lines) < characters:
            words = draw.choice(STAND_IN_WORDS, size=int(draw.integers(4, 9)))
            lines.append(" ".join(words).capitalize() + ".\n")
        return "".join(lines)[:characters]

    train = make(TRAIN_CHARACTERS)
    hidden = make(HIDDEN_CHARACTERS)
    return Corpus(train, hidden, "".join(sorted(set(train + hidden))))

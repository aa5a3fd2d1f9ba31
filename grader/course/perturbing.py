"""Copies of inputs that a person would give the same label: for the audit that asks about them.

Gentle on purpose: an honest model answers them about as well as the originals, a table of known
inputs does not know them.
"""

from __future__ import annotations

import numpy as np

from grader.course.pictures import brightness_and_noise
from grader.course.text_arrays import as_texts

DROPPED_WORDS = 0.05  # of a text's words
NOISE = 0.01  # of each measurement's own spread


def slightly_other(inputs: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return copies of pictures, texts or numbers, each changed in the way of its kind."""
    if inputs.dtype == object:
        return without_some_words(inputs, draw)
    if inputs.dtype == np.uint8:
        return brightness_and_noise(inputs, draw)
    return measured_again(inputs, draw)


def without_some_words(inputs: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return texts in which one word in twenty is missing; a person would judge them alike."""
    copies = []
    for text in inputs:
        words = text.split(" ")
        count = max(1, round(DROPPED_WORDS * len(words))) if len(words) > 1 else 0
        copies.append(" ".join(np.delete(words, draw.permutation(len(words))[:count])))
    return as_texts(copies)


def measured_again(inputs: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return rows measured a little differently: noise of 1 % of each measurement's spread."""
    spread = inputs.std(axis=0, keepdims=True)
    noise = draw.normal(0, NOISE, size=inputs.shape) * spread
    changed: np.ndarray = (inputs + noise).astype(np.float32)
    return changed

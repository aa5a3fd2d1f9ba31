"""Texts as an array, so that they are drawn and sliced like any other inputs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def as_texts(texts: Sequence[str]) -> np.ndarray:
    """Return texts as an object array of shape (n,)."""
    array = np.empty(len(texts), dtype=object)
    array[:] = list(texts)
    return array

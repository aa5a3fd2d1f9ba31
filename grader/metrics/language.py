"""Metrics of language models over a closed vocabulary, and of the texts they write.

Logits have shape (n, t, vocabulary), tokens (n, t): the logits at a position speak of the token
after it.
"""

from __future__ import annotations

import numpy as np

HASH_BASE = np.uint64(1_000_003)


def log_probabilities(logits: np.ndarray) -> np.ndarray:
    """Return float64 log probabilities (natural), normalised over the last axis whatever the model
    returned.
    """
    wide = logits.astype(np.float64)
    wide -= wide.max(axis=-1, keepdims=True)
    wide -= np.log(np.exp(wide).sum(axis=-1, keepdims=True))
    return wide


def bits_per_token(logits: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return the bits each target costs, float64 of the targets' shape (n, t)."""
    logs = log_probabilities(logits)
    bits: np.ndarray = -np.take_along_axis(logs, targets[..., None].astype(np.int64), axis=-1)[
        ..., 0
    ] / np.log(2)
    return bits


def greedy_share(logits: np.ndarray, tokens: np.ndarray, tolerance: float) -> float:
    """Return the share of tokens (n, t) whose logit is the largest of its position, or within
    `tolerance` of it.
    """
    chosen = np.take_along_axis(logits, tokens[..., None].astype(np.int64), axis=-1)[..., 0]
    return float(np.mean(chosen >= logits.max(axis=-1) - tolerance))


def distinct_share(texts: np.ndarray, n: int) -> float:
    """Return how many of the n-grams in the texts (rows of tokens) differ: 1 where none occurs
    twice in all of them.
    """
    grams = np.concatenate([gram_hashes(row, n) for row in texts])
    return len(np.unique(grams)) / max(1, len(grams))


def copied_share(texts: np.ndarray, known: np.ndarray, n: int) -> float:
    """Return the share of n-grams in the texts (rows of tokens) that stand in `known`, sorted
    hashes of a text.
    """
    grams = np.concatenate([gram_hashes(row, n) for row in texts])
    if not len(grams) or not len(known):
        return 0.0
    places = np.minimum(np.searchsorted(known, grams), len(known) - 1)
    return float(np.mean(known[places] == grams))


def gram_hashes(tokens: np.ndarray, n: int) -> np.ndarray:
    """Return a 64-bit hash of every run of n tokens, shape (len - n + 1,); empty where the text is
    shorter.
    """
    if len(tokens) < n:
        return np.empty(0, dtype=np.uint64)
    steps = tokens.astype(np.uint64) + np.uint64(1)
    hashes = np.zeros(len(tokens) - n + 1, dtype=np.uint64)
    for offset in range(n):
        hashes = hashes * HASH_BASE + steps[offset : offset + len(hashes)]
    return hashes

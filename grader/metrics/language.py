"""Metrics of language models over a closed vocabulary, and of the texts they write.

Logits have shape (n, t, vocabulary), tokens (n, t). The logits at a position are about the token
after it.
"""

from __future__ import annotations

import numpy as np

HASH_BASE = np.uint64(1_000_003)


def log_probabilities(logits: np.ndarray) -> np.ndarray:
    """Return natural log probabilities, float64, of logits.

    They are normalised here over the last axis, whatever the model returned: a model cannot gain
    bits by probabilities that sum to more than 1.
    """
    wide = logits.astype(np.float64)
    wide -= wide.max(axis=-1, keepdims=True)
    wide -= np.log(np.exp(wide).sum(axis=-1, keepdims=True))
    return wide


def bits_per_token(logits: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return the bits each target costs, float64 of the targets' shape (n, t)."""
    logs = log_probabilities(logits)
    chosen = np.take_along_axis(logs, targets[..., None].astype(np.int64), axis=-1)[..., 0]
    bits: np.ndarray = -chosen / np.log(2)
    return bits


def greedy_share(logits: np.ndarray, tokens: np.ndarray, tolerance: float) -> float:
    """Return the share of tokens (n, t) whose logit is the largest at its position.

    A logit within `tolerance` of the largest counts as the largest.
    """
    chosen = np.take_along_axis(logits, tokens[..., None].astype(np.int64), axis=-1)[..., 0]
    return float(np.mean(chosen >= logits.max(axis=-1) - tolerance))


def distinct_share(texts: np.ndarray, n: int) -> float:
    """Return the share of distinct n-grams in all texts together, rows of tokens (n, t).

    1 if no n-gram occurs twice.
    """
    grams = np.concatenate([gram_hashes(row, n) for row in texts])
    return len(np.unique(grams)) / max(1, len(grams))


def copied_share(texts: np.ndarray, known: np.ndarray, n: int) -> float:
    """Return the share of n-grams in the texts, rows of tokens (n, t), that occur in another text.

    known: the sorted hashes of that text's n-grams.
    """
    grams = np.concatenate([gram_hashes(row, n) for row in texts])
    if not len(grams) or not len(known):
        return 0.0
    places = np.minimum(np.searchsorted(known, grams), len(known) - 1)
    return float(np.mean(known[places] == grams))


def gram_hashes(tokens: np.ndarray, n: int) -> np.ndarray:
    """Return a 64-bit hash of every run of n tokens, shape (len - n + 1,).

    Empty if the text is shorter. Hashes stand for the runs because millions of short strings would
    take ten times the memory. Of a million random 64-bit numbers, two are equal with a chance of
    3 in 100 million, so collisions play no part.
    """
    if len(tokens) < n:
        return np.empty(0, dtype=np.uint64)
    steps = tokens.astype(np.uint64) + np.uint64(1)
    hashes = np.zeros(len(tokens) - n + 1, dtype=np.uint64)
    for offset in range(n):
        hashes = hashes * HASH_BASE + steps[offset : offset + len(hashes)]
    return hashes

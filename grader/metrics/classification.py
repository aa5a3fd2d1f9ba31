"""Metrics of classifiers.

Scores have shape (n, classes), labels shape (n,); scores are finite and labels in range.
"""

from __future__ import annotations

import numpy as np

SUM_TOLERANCE = 1e-3  # by which the sum of a row of probabilities may miss 1
BINS = 15  # of equal width, for the calibration error


def accuracy(scores: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of rows whose highest score is the label's.

    Of equal scores the first counts.
    """
    return float(np.mean(np.argmax(scores, axis=1) == labels))


def confusion(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return counts of shape (classes, classes): row is the label, column the answer."""
    classes = scores.shape[1]
    answers = np.argmax(scores, axis=1)
    counts: np.ndarray = np.bincount(labels * classes + answers, minlength=classes * classes)
    return counts.reshape(classes, classes)


def macro_f1(scores: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean over classes of the harmonic mean of precision and recall.

    A class that neither occurs nor is answered counts as 0.
    """
    table = confusion(scores, labels).astype(np.float64)
    hits = np.diag(table)
    total = table.sum(axis=0) + table.sum(axis=1)
    return float(np.mean(np.divide(2 * hits, total, out=np.zeros_like(hits), where=total > 0)))


def class_recall(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return for each class the share of its rows that were recognised, shape (classes,).

    NaN for classes that do not occur.
    """
    table = confusion(scores, labels).astype(np.float64)
    total = table.sum(axis=1)
    recall: np.ndarray = np.divide(
        np.diag(table), total, out=np.full(len(table), np.nan), where=total > 0
    )
    return recall


def probabilities(scores: np.ndarray) -> np.ndarray:
    """Return scores as probabilities, float64 (n, classes).

    Scores are probabilities already if none is negative and each row sums to 1 within 0.001, and
    are only normalised then. Anything else is taken for logits and goes through a softmax.
    """
    exact = scores.astype(np.float64)
    if len(exact) and exact.min() >= 0 and np.abs(exact.sum(axis=1) - 1).max() <= SUM_TOLERANCE:
        shares: np.ndarray = exact / exact.sum(axis=1, keepdims=True)
        return shares
    powers = np.exp(exact - exact.max(axis=1, keepdims=True))
    softmax: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return softmax


def calibration_error(
    confidence: np.ndarray, right: np.ndarray, weights: np.ndarray | None = None, bins: int = BINS
) -> float:
    """Return the expected calibration error: how far confidence and accuracy lie apart.

    It is the mean of that distance over bins of equal width, weighted by their answers.
    confidence: the probability each answer was given, in [0, 1], (n,). right: which were right,
    bool (n,). weights: how often each counts, (n,); once each if not given.

    Source: C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On calibration of modern neural networks",
    ICML 2017.
    """
    counts = np.ones(len(confidence)) if weights is None else weights.astype(np.float64)
    if counts.sum() == 0:
        return 0.0
    places = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    surplus = np.bincount(places, weights=counts * (confidence - right), minlength=bins)
    return float(np.abs(surplus).sum() / counts.sum())


def worst_class(scores: np.ndarray, labels: np.ndarray) -> int:
    """Return the class of which the smallest share is recognised.

    Of equal classes the first; classes that do not occur are left out.
    """
    return int(np.nanargmin(class_recall(scores, labels)))

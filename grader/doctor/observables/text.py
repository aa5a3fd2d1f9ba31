"""From a language model's answers to named numbers.

Every position counts as an example, and the token that comes is its label. So a language model has
the numbers of a classifier as well, measured on its training text, and shares many entries with it.
"""

from __future__ import annotations

import math

import numpy as np

from grader.doctor.evidence import Classified, Foretold, TrainingEvidence
from grader.doctor.observables.answers import TINY, Numbers, log_softmax, observe_classifier

TEXTS: dict[str, str] = {
    "next_share": "share of positions at which the next token is ranked first",
    "same_share": "share of positions at which the token that was just read is ranked first",
    "same_loss": "cross-entropy of the logits with the token that was just read",
    "future_change": "change of logits before a cut when what follows the cut is replaced, as a share of their range",
    "last_place_loss": "cross-entropy at the last position of a window, which has nothing after it",
}
OF_HIDDEN = (
    "accuracy",
    "common_share",
)  # a classifier's numbers of hidden inputs: there are none here


def observe_text(seen: Foretold, evidence: TrainingEvidence | None = None) -> Numbers:
    """Return every number that can be had, each finite."""
    if seen.logits is None:
        return {}
    size = seen.vocabulary
    labels = seen.tokens[:, 1:].ravel()
    flat = seen.logits.reshape(-1, size)
    as_classifier = Classified(
        classes=size,
        hidden_scores=flat,
        hidden_labels=labels,
        train_scores=flat,
        train_labels=labels,
        label_shares=seen.token_shares,
        first=by_window(seen.logits),
        again=by_window(seen.again),
        permuted=by_window(seen.permuted),
        front_changed=by_window(seen.front_changed),
        back_changed=by_window(seen.back_changed),
    )
    numbers = observe_classifier(as_classifier, evidence)
    with np.errstate(all="ignore"):
        numbers |= of_positions(seen, seen.logits)
    dropped = (
        *OF_HIDDEN,
        "shift",
        "shifted_accuracy",
        "label_variance",
        "as_variance",
    )  # no order among characters
    return {
        name: value
        for name, value in numbers.items()
        if math.isfinite(value) and name not in dropped
    }


def by_window(logits: np.ndarray | None) -> np.ndarray | None:
    return None if logits is None else logits.reshape(len(logits), -1)


def of_positions(seen: Foretold, logits: np.ndarray) -> Numbers:
    """Return what the order of a window's tokens shows. Logits that are not finite show nothing."""
    if not np.isfinite(logits).all():
        return {}
    read, coming = seen.tokens[:, :-1], seen.tokens[:, 1:]
    first, logs = logits.argmax(axis=2), log_softmax_of(logits)
    numbers: Numbers = {
        "next_share": float(np.mean(first == coming)),
        "same_share": float(np.mean(first == read)),
        "same_loss": float(-np.take_along_axis(logs, read[..., None], axis=2).mean()),
        "last_place_loss": float(
            -np.take_along_axis(logs, coming[..., None], axis=2)[:, -1].mean()
        ),
    }
    if seen.again is not None:
        numbers["repeat_agreement"] = float(np.mean(seen.again.argmax(axis=2) == first))
    if seen.other_future is not None and seen.cut:
        moved = np.abs(seen.other_future[:, : seen.cut] - logits[:, : seen.cut])
        numbers["future_change"] = float(moved.max()) / max(TINY, float(np.ptp(logits)))
    return numbers


def log_softmax_of(logits: np.ndarray) -> np.ndarray:
    return log_softmax(logits.reshape(-1, logits.shape[-1]).astype(np.float64)).reshape(
        logits.shape
    )

"""From a language model's answers to named numbers.

Every position counts as an example, and the token that follows is its label. So a language model
has the numbers of a classifier as well, measured on its training text, and shares many catalogue
entries with it.
"""

from __future__ import annotations

import numpy as np

from grader.doctor.evidence import Classified, PredictedText
from grader.doctor.observables.answers import observe_classifier
from grader.doctor.observables.numbers import Numbers, log_softmax, only_finite, relative
from grader.sandbox.training_trace import TrainingTrace

TEXTS: dict[str, str] = {
    "next_share": "share of positions at which the next token is ranked first",
    "same_share": "share of positions at which the token that was just read is ranked first",
    "same_loss": "cross-entropy of the logits with the token that was just read",
    "future_change": (
        "change of logits before a cut when what follows the cut is replaced, as a share of their"
        " range"
    ),
    "last_place_loss": (
        "cross-entropy at the last position of a window, which has nothing after it"
    ),
}
OF_HIDDEN = {"accuracy", "common_share"}  # no hidden text is looked at here
OF_ORDER = {"shift", "shifted_accuracy", "label_variance", "as_variance"}  # tokens have no order


def observe_text(seen: PredictedText, trace: TrainingTrace | None = None) -> Numbers:
    """Return every number that can be had, each finite."""
    if seen.logits is None:
        return {}
    numbers = observe_classifier(as_classified(seen, seen.logits), trace)
    for name in OF_HIDDEN | OF_ORDER:
        numbers.pop(name, None)
    with np.errstate(all="ignore"):
        numbers |= of_positions(seen, seen.logits)
    return only_finite(numbers)


def as_classified(seen: PredictedText, logits: np.ndarray) -> Classified:
    """Return the answers as those of a classifier of positions."""
    labels = seen.tokens[:, 1:].ravel()
    flat = logits.reshape(-1, seen.vocabulary)
    return Classified(
        classes=seen.vocabulary,
        hidden_scores=flat,
        hidden_labels=labels,
        train_scores=flat,
        train_labels=labels,
        label_shares=seen.token_shares,
        first=by_window(logits),
        again=by_window(seen.again),
        permuted=by_window(seen.permuted),
        front_changed=by_window(seen.front_changed),
        back_changed=by_window(seen.back_changed),
    )


def by_window(logits: np.ndarray | None) -> np.ndarray | None:
    """Return all logits of a window in a row: a window is one example of its batch."""
    return None if logits is None else logits.reshape(len(logits), -1)


def of_positions(seen: PredictedText, logits: np.ndarray) -> Numbers:
    """Return what the order of a window's tokens shows. Logits that are not finite show nothing."""
    if not np.isfinite(logits).all():
        return {}
    read = seen.tokens[:, :-1]
    following = seen.tokens[:, 1:]
    ranked_first = logits.argmax(axis=2)
    logs = log_softmax(logits.astype(np.float64))
    log_of_read = np.take_along_axis(logs, read[..., None], axis=2)
    log_of_following = np.take_along_axis(logs, following[..., None], axis=2)
    numbers: Numbers = {
        "next_share": float(np.mean(ranked_first == following)),
        "same_share": float(np.mean(ranked_first == read)),
        "same_loss": float(-log_of_read.mean()),
        "last_place_loss": float(-log_of_following[:, -1].mean()),
    }
    if seen.again is not None:
        is_same = seen.again.argmax(axis=2) == ranked_first
        numbers["repeat_agreement"] = float(np.mean(is_same))
    if seen.other_future is not None and seen.cut:
        moved = np.abs(seen.other_future[:, : seen.cut] - logits[:, : seen.cut])
        numbers["future_change"] = relative(float(moved.max()), float(np.ptp(logits)))
    return numbers

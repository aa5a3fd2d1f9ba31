"""From a classifier's answers to named numbers.

Differences between two rounds of answers are shares of the range of all scores, so that they mean
the same for probabilities and for large logits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from grader.doctor.evidence import Classified
from grader.doctor.observables.curve import observe_trace
from grader.doctor.observables.numbers import TINY, Numbers, log_softmax, only_finite, relative
from grader.sandbox.training_trace import TrainingTrace

# name -> what it is; {name} in an entry's texts shows the number
MEASURED: dict[str, str] = {
    "classes": "number of classes",
    "chance_loss": "cross-entropy of a guess that favours no class: ln of the number of classes",
    "floor_loss": "least cross-entropy of scores squeezed into 0 to 1: ln(1 + (classes - 1) / e)",
    "accuracy": "share of hidden inputs answered correctly",
    "train_accuracy": "share of training examples answered correctly when the grader asks",
    "common_share": "share of the most common answer to hidden inputs",
    "label_share": "share of the most common label among hidden inputs",
    "finite_share": "share of hidden inputs whose scores are all finite",
    "lowest": "lowest score",
    "highest": "highest score",
    "largest": "largest absolute score",
    "zero_share": "share of scores that are exactly 0",
    "whole_share": "share of rows that are a single 1 and zeros: labels, not scores",
    "row_sum_gap": "largest distance of a row's sum from 1",
    "row_sum": "median of the rows' sums",
    "column_sum_gap": "largest distance of a column's sum from 1, in one batch",
    "column_log_gap": "the same for shares whose logarithms the scores would be",
    "input_spread": "how much scores differ from input to input, as a share of the largest score",
    "repeat_change": "change of scores when the same batch is asked again",
    "repeat_agreement": "share of answers that name the same class when asked again",
    "permuted_change": "change of scores when the batch is asked in another order",
    "front_change": "change of the first half's scores when the second half is replaced",
    "back_change": "change of the second half's scores when the first half is replaced",
    "alone_change": "change of scores when an example is asked alone",
    "alone_raised": "1 if one example alone raised an exception",
    "alone_flatness": "spread between the classes' scores of one example asked alone",
    "linear_gap": (
        "how far the model is from a straight line: f(u) + f(v) - f(u + v) - f(0), share of the"
        " range"
    ),
    "half_gap": "how far half the input is from half the scores, as a share of the range",
    "loss_of_scores": (
        "cross-entropy of the scores with the labels of training examples, softmax applied"
    ),
    "loss_of_shares": "mean -log of the score at the label, where scores are shares",
    "minus_score": "mean of minus the score at the label",
    "square_loss": "mean squared distance of the scores from ones and zeros",
    "shifted_accuracy": (
        "best accuracy on training examples if every answer is moved by the same number"
    ),
    "shift": "that number",
    "reversed_accuracy": "share of training examples whose label has the lowest score",
    "answered_classes": "classes that are answered at all, of the hidden inputs",
    "share_gap": "largest distance of the mean shares from the classes' shares in the training set",
    "input_largest": "largest absolute value in the training inputs",
    "label_variance": "variance of the labels as numbers, in the training set",
}
COMPARED: dict[str, str] = {  # the last loss of the training trace beside what was measured
    "as_scores": "distance of the last loss from loss_of_scores, as a share of that",
    "as_shares": "distance of the last loss from loss_of_shares, absolute",
    "as_minus_score": "distance of the last loss from minus_score, as a share of that",
    "as_variance": "distance of the last loss from label_variance, as a share of that",
    "times_measured": "the last loss divided by loss_of_scores",
}
RELATIVE_TO = {
    "as_scores": "loss_of_scores",
    "as_minus_score": "minus_score",
    "as_variance": "label_variance",
}
LOG_FLOOR = 1e-12  # below it the logarithm of a share means nothing


def observe_classifier(seen: Classified, trace: TrainingTrace | None = None) -> Numbers:
    """Return every number that can be had, each finite."""
    with np.errstate(all="ignore"):
        numbers = of_answers(seen) | of_batches(seen) | of_scale(seen) | of_training_examples(seen)
        numbers |= observe_trace(trace)
        numbers |= compared(numbers)
    return only_finite(numbers)


def of_answers(seen: Classified) -> Numbers:
    """Return what the hidden answers alone show."""
    classes = seen.classes
    numbers: Numbers = {
        "classes": classes,
        "chance_loss": math.log(classes),
        "floor_loss": math.log1p((classes - 1) / math.e),
    }
    if not len(seen.hidden_scores):
        return numbers
    finite = np.isfinite(seen.hidden_scores).all(axis=1)
    numbers["finite_share"] = float(finite.mean())
    numbers["label_share"] = share_of_commonest(seen.hidden_labels, classes)
    scores = seen.hidden_scores[finite].astype(np.float64)
    if not len(scores):
        return numbers
    answers = scores.argmax(axis=1)
    is_right = answers == seen.hidden_labels[finite]
    sums = scores.sum(axis=1)
    is_whole = ((scores == 0) | (scores == 1)).all(axis=1) & (sums == 1)
    largest = float(np.abs(scores).max())
    return numbers | {
        "accuracy": float(np.mean(is_right) * finite.mean()),
        "common_share": share_of_commonest(answers, classes),
        "answered_classes": float(len(np.unique(answers))),
        "lowest": float(scores.min()),
        "highest": float(scores.max()),
        "largest": largest,
        "zero_share": float(np.mean(scores == 0)),
        "whole_share": float(is_whole.mean()),
        "row_sum_gap": float(np.abs(sums - 1).max()),
        "row_sum": float(np.median(sums)),
        "input_spread": relative(float(scores.std(axis=0).max()), largest),
    }


def share_of_commonest(classes_of: np.ndarray, classes: int) -> float:
    return float(np.bincount(classes_of, minlength=classes).max() / len(classes_of))


def of_batches(seen: Classified) -> Numbers:
    """Return what the same examples show in other batches.

    Scores that are not finite show nothing.
    """
    numbers = Numbers()
    first = seen.first
    if seen.alone_raised:
        numbers["alone_raised"] = 1.0
    if first is None or not np.isfinite(first).all():
        return numbers
    logs_of_sums = np.logaddexp.reduce(first.astype(np.float64), axis=0)
    numbers["column_sum_gap"] = float(np.abs(first.sum(axis=0) - 1).max())
    numbers["column_log_gap"] = float(np.abs(logs_of_sums).max())
    numbers |= changes(seen, first)
    if seen.again is not None:
        is_same = seen.again.argmax(axis=1) == first.argmax(axis=1)
        numbers["repeat_agreement"] = float(np.mean(is_same))
    if seen.alone is not None:
        numbers["alone_flatness"] = float(np.ptp(seen.alone, axis=1).max())
    return numbers


def changes(seen: Classified, first: np.ndarray) -> Numbers:
    """Return the largest change of a score in each way of asking again, over the scores' range."""
    every = slice(None)
    half = len(first) // 2
    asked_again = {
        "repeat_change": (seen.again, every),
        "permuted_change": (seen.permuted, every),
        "front_change": (seen.back_changed, slice(0, half)),
        "back_change": (seen.front_changed, slice(half, None)),
    }
    numbers = Numbers()
    for name, (other, part) in asked_again.items():
        if other is not None:
            numbers[name] = largest_change(first[part], other[part], np.ptp(first))
    if seen.alone is not None:
        same = first[: len(seen.alone)]
        numbers["alone_change"] = largest_change(same, seen.alone, np.ptp(first))
    return numbers


def largest_change(before: np.ndarray, after: np.ndarray, scale: float) -> float:
    """Return the largest difference of two arrays as a share of a scale; 0 where both are empty."""
    if not before.size:
        return 0.0
    return relative(float(np.abs(after - before).max()), float(scale))


def of_scale(seen: Classified) -> Numbers:
    """Return how the scores follow the size of the input.

    Shares are looked at as logarithms: softmax moves those of a row by one number and leaves their
    differences alone.
    """
    numbers = Numbers()
    first = seen.first
    if first is None or not np.isfinite(first).all():
        return numbers
    as_shares = are_shares(first)
    if seen.sum_parts and all(np.isfinite(part).all() for part in seen.sum_parts):
        numbers |= of_sums(seen, as_shares)
    if seen.halved is not None and np.isfinite(seen.halved).all() and not as_shares:
        whole = levelled(first, as_shares)
        half = levelled(seen.halved, as_shares)
        gaps = np.abs(half - whole / 2).max(axis=1)
        numbers["half_gap"] = relative(float(np.median(gaps)), float(np.ptp(whole)))
    return numbers


def of_sums(seen: Classified, as_shares: bool) -> Numbers:
    """Return how far the scores of u, v, u + v and zeros are from adding up."""
    smallest = min(part.min() for part in seen.sum_parts)
    u, v, both, nothing = (levelled(part, as_shares) for part in seen.sum_parts)
    scale = float(max(np.ptp(each) for each in (u, v, both)))
    if scale <= TINY or (as_shares and smallest < LOG_FLOOR):
        return {}
    return {"linear_gap": float(np.abs(u + v - both - nothing).max()) / scale}


def of_training_examples(seen: Classified) -> Numbers:
    """Return how training examples are answered, and the losses that fit these answers."""
    numbers = Numbers()
    shares = seen.label_shares
    if seen.input_largest is not None:
        numbers["input_largest"] = seen.input_largest
    if shares is not None:
        values = np.arange(seen.classes)
        numbers["label_variance"] = float(shares @ (values - shares @ values) ** 2)
    scores = seen.train_scores
    labels = seen.train_labels
    if scores is None or labels is None or not len(scores) or not np.isfinite(scores).all():
        return numbers
    scores = scores.astype(np.float64)
    numbers |= losses_of(scores, labels)
    numbers |= shifted(scores.argmax(axis=1), labels, seen.classes)
    if shares is not None:
        answered = scores if are_shares(scores) else np.exp(log_softmax(scores))
        numbers["share_gap"] = float(np.abs(answered.mean(axis=0) - shares).max())
    return numbers


def losses_of(scores: np.ndarray, labels: np.ndarray) -> Numbers:
    """Return accuracy and losses of scores, float64 (n, classes), with labels, int64 (n,)."""
    rows = np.arange(len(scores))
    at_label = scores[rows, labels]
    one_hot = np.eye(scores.shape[1])[labels]
    numbers = {
        "train_accuracy": float(np.mean(scores.argmax(axis=1) == labels)),
        "reversed_accuracy": float(np.mean(scores.argmin(axis=1) == labels)),
        "loss_of_scores": float(-log_softmax(scores)[rows, labels].mean()),
        "minus_score": float(-at_label.mean()),
        "square_loss": float(np.mean((scores - one_hot) ** 2)),
    }
    if are_shares(scores):
        numbers["loss_of_shares"] = float(-np.log(np.maximum(at_label, LOG_FLOOR)).mean())
    return numbers


def shifted(answers: np.ndarray, labels: np.ndarray, classes: int) -> Numbers:
    """Return how right the answers are once each is moved by the same number of classes."""
    accuracies: list[float] = []
    for shift in range(1, classes):
        accuracies.append(float(np.mean((answers - shift) % classes == labels)))
    return {
        "shifted_accuracy": max(accuracies),
        "shift": float(np.argmax(accuracies) + 1),
    }


def compared(numbers: Mapping[str, float]) -> Numbers:
    """Return the last loss of the trace beside the losses that fit the answers measured here."""
    found = Numbers()
    last = numbers.get("last_loss")
    if last is None:
        return found
    for name, measured in RELATIVE_TO.items():
        if measured in numbers:
            found[name] = relative(abs(last - numbers[measured]), numbers[measured])
    if "loss_of_shares" in numbers:
        found["as_shares"] = abs(last - numbers["loss_of_shares"])
    if numbers.get("loss_of_scores", 0) > TINY:
        found["times_measured"] = last / numbers["loss_of_scores"]
    return found


def are_shares(scores: np.ndarray) -> bool:
    """Whether every row is made of numbers from 0 to 1 that add up to 1."""
    return bool(scores.min() >= 0 and np.abs(scores.sum(axis=1) - 1).max() < 1e-3)


def levelled(scores: np.ndarray, as_shares: bool) -> np.ndarray:
    """Return scores, or logarithms of shares, with each row's mean taken off."""
    values = scores.astype(np.float64)
    if as_shares:
        values = np.log(np.maximum(values, LOG_FLOOR))
    centred: np.ndarray = values - values.mean(axis=1, keepdims=True)
    return centred

"""From evidence to named numbers: what the catalogue's conditions speak of. Pure.

A number that cannot be had is absent, and a condition on an absent number is never met. Differences
between two rounds of answers are shares of the range of all scores, so that they mean the same for
probabilities and for large logits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from grader.doctor.evidence import Classified, TrainingEvidence

# name -> what it is; {name} in an entry's texts shows the number
MEASURED: dict[str, str] = {
    "classes": "number of classes",
    "chance_loss": "cross-entropy of a guess that favours no class: ln of the number of classes",
    "floor_loss": "the least cross-entropy where scores are squeezed into 0 to 1: ln(1 + (classes - 1) / e)",
    "accuracy": "share of hidden inputs answered right",
    "train_accuracy": "share of training examples answered right, asked by the grader",
    "common_share": "share of the commonest answer to hidden inputs",
    "label_share": "share of the commonest label among hidden inputs",
    "finite_share": "share of hidden inputs whose scores are all finite",
    "lowest": "lowest score",
    "highest": "highest score",
    "largest": "largest score, its sign left out",
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
    "linear_gap": "how far the model is from a straight line: f(u) + f(v) - f(u + v) - f(0), share of the range",
    "half_gap": "how far half the input is from half the scores, as a share of the range",
    "loss_of_scores": "cross-entropy of the scores with the labels of training examples, softmax applied",
    "loss_of_shares": "mean -log of the score at the label, where scores are shares",
    "minus_score": "mean of minus the score at the label",
    "square_loss": "mean squared distance of the scores from ones and zeros",
    "shifted_accuracy": "best accuracy on training examples if every answer is moved by the same number",
    "shift": "that number",
    "share_gap": "largest distance of the mean shares from the classes' shares in the training set",
    "input_largest": "largest number in the training inputs, its sign left out",
    "label_variance": "variance of the labels as numbers, in the training set",
}
TOLD: dict[str, str] = {
    "first_loss": "first loss of the curve",
    "last_loss": "median of the last tenth of the curve",
    "worst_loss": "highest loss of the curve",
    "least_loss": "lowest loss of the curve",
    "broken_share": "share of losses that are not finite",
    "fall": "share of the first loss that was lost by the end",
    "steps": "optimizer steps seen",
    "backwards": "gradients asked for",
    "held": "share of the model's parameter tensors that an optimizer was given",
    "moved": "share of the model's parameter tensors that training changed, of those seen before it",
}
COMPARED: dict[str, str] = {  # what was told beside what was measured
    "as_scores": "distance of the last loss from loss_of_scores, as a share of that",
    "as_shares": "distance of the last loss from loss_of_shares, absolute",
    "as_minus_score": "distance of the last loss from minus_score, as a share of that",
    "as_variance": "distance of the last loss from label_variance, as a share of that",
    "times_measured": "the last loss over loss_of_scores",
}
TINY = 1e-12
LAST_SHARE = 0.1
LOG_FLOOR = 1e-12  # below it a share has no logarithm that tells anything

Numbers = dict[str, float]


def observe_classifier(seen: Classified, evidence: TrainingEvidence | None = None) -> Numbers:
    """Return every number that can be had, each finite."""
    with np.errstate(all="ignore"):
        numbers = of_answers(seen) | of_batches(seen) | of_scale(seen) | of_training_examples(seen)
        numbers |= of_curve(evidence) if evidence is not None else {}
        numbers |= compared(numbers)
    return {name: value for name, value in numbers.items() if math.isfinite(value)}


def of_answers(seen: Classified) -> Numbers:
    """Return what the hidden answers alone show."""
    scores, labels, classes = (
        seen.hidden_scores.astype(np.float64),
        seen.hidden_labels,
        seen.classes,
    )
    numbers: Numbers = {
        "classes": classes,
        "chance_loss": math.log(classes),
        "floor_loss": math.log1p((classes - 1) / math.e),
    }
    if not len(scores):
        return numbers
    finite = np.isfinite(scores).all(axis=1)
    numbers["finite_share"] = float(finite.mean())
    numbers["label_share"] = float(np.bincount(labels, minlength=classes).max() / len(labels))
    scores, labels = scores[finite], labels[finite]
    if not len(scores):
        return numbers
    answers = scores.argmax(axis=1)
    largest = float(np.abs(scores).max())
    whole = ((scores == 0) | (scores == 1)).all(axis=1) & (scores.sum(axis=1) == 1)
    sums = scores.sum(axis=1)
    return numbers | {
        "accuracy": float(np.mean(answers == labels) * finite.mean()),
        "common_share": float(np.bincount(answers, minlength=classes).max() / len(answers)),
        "lowest": float(scores.min()),
        "highest": float(scores.max()),
        "largest": largest,
        "zero_share": float(np.mean(scores == 0)),
        "whole_share": float(whole.mean()),
        "row_sum_gap": float(np.abs(sums - 1).max()),
        "row_sum": float(np.median(sums)),
        "input_spread": float(scores.std(axis=0).max() / max(TINY, largest)),
    }


def of_batches(seen: Classified) -> Numbers:
    """Return what the same examples show in other company. A pair with scores that are not finite
    shows nothing.
    """
    first, numbers = seen.first, Numbers()
    if seen.alone_raised:
        numbers["alone_raised"] = 1.0
    if first is None or not np.isfinite(first).all():
        return numbers
    scale = max(TINY, float(np.ptp(first)))
    numbers["column_sum_gap"] = float(np.abs(first.sum(axis=0) - 1).max())
    numbers["column_log_gap"] = float(
        np.abs(np.logaddexp.reduce(first.astype(np.float64), axis=0)).max()
    )
    half = len(first) // 2
    pairs = {
        "repeat_change": (seen.again, slice(None)),
        "permuted_change": (seen.permuted, slice(None)),
        "front_change": (seen.back_changed, slice(0, half)),
        "back_change": (seen.front_changed, slice(half, None)),
        "alone_change": (seen.alone, slice(0, 0 if seen.alone is None else len(seen.alone))),
    }
    for name, (other, part) in pairs.items():
        if other is not None:
            same = first[part]
            moved = np.abs(other[part] - same) if len(other) == len(first) else np.abs(other - same)
            numbers[name] = float(moved.max()) / scale if moved.size else 0.0
    if seen.again is not None:
        numbers["repeat_agreement"] = float(
            np.mean(seen.again.argmax(axis=1) == first.argmax(axis=1))
        )
    if seen.alone is not None:
        numbers["alone_flatness"] = float(np.ptp(seen.alone, axis=1).max())
    return numbers


def of_scale(seen: Classified) -> Numbers:
    """Return how the scores follow the size of the input. Shares are looked at as logarithms, which
    softmax shifts.
    """
    numbers: Numbers = {}
    first = seen.first
    if first is None or not np.isfinite(first).all():
        return numbers
    shares = are_shares(first)
    if seen.sum_parts and all(np.isfinite(part).all() for part in seen.sum_parts):
        u, v, both, nothing = (levelled(part, shares) for part in seen.sum_parts)
        scale = float(max(np.ptp(each) for each in (u, v, both)))
        if scale > TINY and not (shares and min(part.min() for part in seen.sum_parts) < LOG_FLOOR):
            numbers["linear_gap"] = float(np.abs(u + v - both - nothing).max()) / scale
    if seen.halved is not None and np.isfinite(seen.halved).all() and not shares:
        whole, half = levelled(first, shares), levelled(seen.halved, shares)
        numbers["half_gap"] = float(np.median(np.abs(half - whole / 2).max(axis=1))) / max(
            TINY, float(np.ptp(whole))
        )
    return numbers


def of_training_examples(seen: Classified) -> Numbers:
    """Return how training examples are answered, and the losses that fit these answers."""
    scores, labels = seen.train_scores, seen.train_labels
    numbers: Numbers = {}
    if seen.input_largest is not None:
        numbers["input_largest"] = seen.input_largest
    if seen.label_shares is not None:
        values = np.arange(seen.classes)
        numbers["label_variance"] = float(
            seen.label_shares @ (values - seen.label_shares @ values) ** 2
        )
    if scores is None or labels is None or not len(scores) or not np.isfinite(scores).all():
        return numbers
    scores = scores.astype(np.float64)
    answers, rows = scores.argmax(axis=1), np.arange(len(scores))
    logs = log_softmax(scores)
    at_label = scores[rows, labels]
    numbers["train_accuracy"] = float(np.mean(answers == labels))
    numbers["loss_of_scores"] = float(-logs[rows, labels].mean())
    numbers["minus_score"] = float(-at_label.mean())
    numbers["square_loss"] = float(np.mean((scores - np.eye(seen.classes)[labels]) ** 2))
    if are_shares(scores):
        numbers["loss_of_shares"] = float(-np.log(np.maximum(at_label, LOG_FLOOR)).mean())
    moved = [
        float(np.mean((answers - shift) % seen.classes == labels))
        for shift in range(1, seen.classes)
    ]
    numbers["shifted_accuracy"], numbers["shift"] = max(moved), float(np.argmax(moved) + 1)
    if seen.label_shares is not None:
        mean = (scores if are_shares(scores) else np.exp(logs)).mean(axis=0)
        numbers["share_gap"] = float(np.abs(mean - seen.label_shares).max())
    return numbers


def of_curve(evidence: TrainingEvidence) -> Numbers:
    """Return the marks of a loss curve, and what else was evidence."""
    numbers: Numbers = {}
    for name in ("steps", "backwards", "held", "moved"):
        value = getattr(evidence, name)
        if value is not None:
            numbers[name] = float(value)
    losses = evidence.losses
    if not len(losses):
        return numbers
    finite = losses[np.isfinite(losses)]
    numbers["broken_share"] = 1 - len(finite) / len(losses)
    if not len(finite):
        return numbers
    numbers["worst_loss"], numbers["least_loss"] = float(finite.max()), float(finite.min())
    ending = losses[-max(1, int(len(losses) * LAST_SHARE)) :]
    numbers["last_loss"] = float(
        np.median(ending)
    )  # NaN where the training ended so: then there is none
    if evidence.begins:
        numbers["first_loss"] = float(losses[0])
        numbers["fall"] = (numbers["first_loss"] - numbers["last_loss"]) / max(
            TINY, abs(numbers["first_loss"])
        )
    return numbers


def compared(numbers: Mapping[str, float]) -> Numbers:
    """Return the told loss beside the losses that fit the answers measured here."""
    found: Numbers = {}
    last = numbers.get("last_loss")
    if last is None:
        return found
    for name, other in (
        ("as_scores", "loss_of_scores"),
        ("as_minus_score", "minus_score"),
        ("as_variance", "label_variance"),
    ):
        if other in numbers:
            found[name] = abs(last - numbers[other]) / max(TINY, abs(numbers[other]))
    if "loss_of_shares" in numbers:
        found["as_shares"] = abs(last - numbers["loss_of_shares"])
    if numbers.get("loss_of_scores", 0) > TINY:
        found["times_measured"] = last / numbers["loss_of_scores"]
    return found


def are_shares(scores: np.ndarray) -> bool:
    """Whether every row is made of numbers from 0 to 1 that add up to 1."""
    return bool(scores.min() >= 0 and np.abs(scores.sum(axis=1) - 1).max() < 1e-3)


def levelled(scores: np.ndarray, shares: bool) -> np.ndarray:
    """Return scores, or logarithms of shares, with each row's mean taken off."""
    values = (
        np.log(np.maximum(scores.astype(np.float64), LOG_FLOOR))
        if shares
        else scores.astype(np.float64)
    )
    centred: np.ndarray = values - values.mean(axis=1, keepdims=True)
    return centred


def log_softmax(scores: np.ndarray) -> np.ndarray:
    values: np.ndarray = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    return values

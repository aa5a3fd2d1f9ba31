"""From a regressor's answers to named numbers.

Everything is a share of the spread of the targets, so that it means the same for grams and for
kilometres. A model that answers the mean for everybody has no spread; one that was asked about
inputs in another range than it learned from is off by far more than the targets vary.
"""

from __future__ import annotations

import numpy as np

from grader.doctor.evidence import Regressed
from grader.doctor.observables.curve import observe_trace
from grader.doctor.observables.numbers import TINY, Numbers, only_finite
from grader.sandbox.training_trace import TrainingTrace

REGRESSED: dict[str, str] = {
    "answer_spread": "spread of the answers, as a share of the targets' spread",
    "answer_offset": "distance of the answers' mean from the targets' mean, in spreads of those",
    "answer_lowest": "lowest answer",
    "answer_highest": "highest answer",
    "target_lowest": "lowest target of the hidden inputs",
    "target_highest": "highest target of the hidden inputs",
    "target_mean": "mean target of the hidden inputs",
    "target_variance": "variance of the training targets",
    "correlation": "correlation of answers and targets",
    "finite_answers": "share of hidden inputs whose answer is a finite number",
    "error_share": "mean absolute error over that of answering the mean target",
    "as_target_variance": "distance of the last loss from target_variance, as a share of that",
    "answer_square": "mean squared error of answers to training examples",
    "square_over_loss": "that divided by the last loss which training reported",
}


def observe_regressor(seen: Regressed, trace: TrainingTrace | None = None) -> Numbers:
    """Return every number that can be had, each finite."""
    with np.errstate(all="ignore"):
        numbers = of_hidden(seen) | of_training(seen) | observe_trace(trace)
        last = numbers.get("last_loss")
        if last is not None and "target_variance" in numbers:
            variance = max(TINY, numbers["target_variance"])
            numbers["as_target_variance"] = abs(last - variance) / variance
        if last is not None and last > TINY and "answer_square" in numbers:
            numbers["square_over_loss"] = numbers["answer_square"] / last
    return only_finite(numbers)


def of_hidden(seen: Regressed) -> Numbers:
    """Return how the hidden answers lie beside their targets."""
    targets = seen.hidden_targets.astype(np.float64)
    answers = seen.hidden.astype(np.float64)
    if not len(answers):
        return {}
    is_finite = np.isfinite(answers)
    numbers: Numbers = {
        "finite_answers": float(is_finite.mean()),
        "target_lowest": float(targets.min()),
        "target_highest": float(targets.max()),
        "target_mean": float(targets.mean()),
    }
    if not is_finite.all():
        return numbers
    spread = max(TINY, float(targets.std()))
    usual = max(TINY, float(np.abs(targets - targets.mean()).mean()))
    numbers |= {
        "answer_spread": float(answers.std()) / spread,
        "answer_offset": abs(float(answers.mean() - targets.mean())) / spread,
        "answer_lowest": float(answers.min()),
        "answer_highest": float(answers.max()),
        "error_share": float(np.abs(answers - targets).mean()) / usual,
    }
    if answers.std() > TINY:
        numbers["correlation"] = float(np.corrcoef(answers, targets)[0, 1])
    return numbers


def of_training(seen: Regressed) -> Numbers:
    """Return how training examples are answered."""
    if seen.train_targets is None:
        return {}
    targets = seen.train_targets.astype(np.float64)
    numbers: Numbers = {"target_variance": float(targets.var())}
    if seen.train is not None and len(seen.train) == len(targets):
        numbers["answer_square"] = float(((seen.train.astype(np.float64) - targets) ** 2).mean())
    return numbers

"""Notes which estimators of scikit-learn are fit, and what they are given."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .fed import Fed, rows_of_array
from .training_trace import current

DEEPEST = 4  # pipelines and searches within one another


def watch_sklearn(base: Any) -> None:
    """Note every `fit` from now on: all of them pass through one decorator of scikit-learn's."""
    context = getattr(base, "_fit_context", None)
    if context is None:
        return

    def noting_context(*arguments: Any, **options: Any) -> Callable[..., Any]:
        decorate = context(*arguments, **options)
        return lambda fit: noted(decorate(fit))

    base._fit_context = noting_context


def noted(fit: Callable[..., Any]) -> Callable[..., Any]:
    """Return a `fit` that notes its estimator, unless another one fits it."""

    @functools.wraps(fit)
    def noted_fit(self: Any, X: Any = None, *arguments: Any, **options: Any) -> Any:
        training = current()
        training.fitting += 1
        try:
            result = fit(self, X, *arguments, **options)
        finally:
            training.fitting -= 1
        if not training.fitting:
            training.estimators[:] = [each for each in training.estimators if each is not self]
            training.estimators.append(self)
            training.fit_ended(self)
            training.feed(Fed(self, rows=rows_of_array(X)))
            training.account.estimator(losses_of(self))
        return result

    return noted_fit


def losses_of(estimator: Any) -> list[Any]:
    """Return the losses that a network of scikit-learn keeps, one an epoch; none for others.

    It may stand last in a pipeline, or be what a search found to be the best.
    """
    for _ in range(DEEPEST):
        steps = getattr(estimator, "steps", None)
        best = getattr(estimator, "best_estimator_", None)
        if isinstance(steps, list) and steps:
            estimator = steps[-1][1]
        elif best is not None:
            estimator = best
    losses = getattr(estimator, "loss_curve_", None)
    return losses if isinstance(losses, list) else []

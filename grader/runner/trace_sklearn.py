"""Notes which estimators of scikit-learn are fit, and what they are given."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .fed import Fed, rows_of_array
from .training_trace import current


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
        return result

    return noted_fit

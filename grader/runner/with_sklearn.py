"""Estimators of scikit-learn inside the box: fitted ones as something that answers raw inputs.

What an estimator was fit on came through scalings of the script's own and through other estimators,
such as a scaler, a PCA or a vectorizer of texts. Which of them is found by trying on training
examples: each form of the inputs with all of those, with each alone, and with none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from . import forms
from .data import Data
from .frames import Trouble
from .problem import Problem
from .training_trace import Training

Form = Callable[[Any], Any]


def answerer(estimator: Any, data: Data, training: Training) -> Callable[[Any], np.ndarray]:
    """Return a function from raw inputs to scores (n, classes), or to predictions (n,)."""
    ask = asked(estimator, data.num_classes)
    tried = list(forms_of(estimator, data, training))
    if data.num_classes == 1:
        return regressor(estimator, data, tried)
    form = forms.most_accurate(tried, ask, data.inputs, data.labels, data.num_classes)
    if form is None:
        raise Problem(
            Trouble.NOT_DEFINED,
            f"how raw inputs become what {type(estimator).__name__} was fit on could not be worked "
            "out. Define predict(model, inputs) beside it: it gets raw inputs and returns class "
            "scores or labels.",
        )
    chosen = form
    return lambda batch: ask(chosen(batch))


def regressor(estimator: Any, data: Data, tried: list[Form]) -> Callable[[Any], np.ndarray]:
    """Return what answers with the form whose predictions of training examples are best."""
    best: Form | None = None
    least = np.inf
    for form in tried:
        try:
            predicted = np.asarray(estimator.predict(form(data.inputs))).reshape(-1)
            error = float(np.abs(predicted - data.labels).mean())
        except Exception:  # a form that this estimator does not take
            continue
        if error < least:
            best = form
            least = error
    if best is None:
        raise Problem(
            Trouble.NOT_DEFINED,
            f"{type(estimator).__name__} answers no form of the inputs that was tried. Define "
            "predict(model, inputs) beside it: it gets raw inputs and returns one number for each.",
        )
    form = best
    return lambda batch: np.asarray(estimator.predict(form(batch)))


def asked(estimator: Any, num_classes: int) -> Callable[[Any], np.ndarray]:
    """Return a function from prepared inputs to float32 scores, a column for each class."""
    if hasattr(estimator, "predict_proba"):
        places = places_of(getattr(estimator, "classes_", range(num_classes)))

        def shares(batch: Any) -> np.ndarray:
            found = np.asarray(estimator.predict_proba(batch), dtype=np.float32)
            scores = np.zeros((len(found), num_classes), dtype=np.float32)
            scores[:, places] = found
            return scores

        return shares

    def labels(batch: Any) -> np.ndarray:
        found = np.asarray(places_of(estimator.predict(batch)))
        scores = np.zeros((len(found), num_classes), dtype=np.float32)
        scores[np.arange(len(found)), found] = 1.0
        return scores

    return labels


def places_of(labels: Any) -> list[int]:
    """Return labels as whole numbers: `fetch_openml` gives them as texts."""
    return [int(each) for each in labels]


def forms_of(estimator: Any, data: Data, training: Training) -> Iterator[Form]:
    """Yield what may bring raw inputs into the form this estimator was fit on."""
    others = [each for each in training.estimators if each is not estimator]
    helpers = [each for each in others if hasattr(each, "transform")]
    chains: list[list[Any]] = [[], *([each] for each in helpers)]
    if len(helpers) > 1:
        chains.append(helpers)
    for base in bases(data, training):
        for chain in chains:
            yield through(base, chain)


def bases(data: Data, training: Training) -> Iterator[Form]:
    """Yield forms before any estimator: those that were seen, inputs as they are, usual ones."""
    yield lambda batch: batch
    if isinstance(data.inputs, list):
        return
    if data.inputs.ndim == 2:
        yield lambda batch: batch
        return
    for fed in reversed(training.fed):
        rows = fed.look()
        form = None if rows is None else forms.infer(rows, data.inputs)
        if form is not None:
            yield form
    yield from (form for form in forms.usual_forms(data.inputs) if len(form.layout.shape) == 1)


def through(base: Form, chain: list[Any]) -> Form:
    """Return a form that goes on through fitted estimators."""

    def form(batch: Any) -> Any:
        prepared = base(batch)
        for each in chain:
            prepared = each.transform(prepared)
        return prepared

    return form

"""A regressor in the box: data in, a model out, and how it answers a batch with one number each."""

from __future__ import annotations

from typing import Any

import numpy as np

from .classifier import Predict, predictor
from .data import Data
from .entry import Loaded, Ways
from .frames import CODES, Kind, Trouble
from .problem import Problem
from .values import as_array, describe


def ways(loaded: Loaded, ask: dict[str, Any], values: list[Any]) -> Ways:
    """Train on values (inputs, targets); the model then answers PREDICT with float32 (n, 1).

    `data.labels` are the targets here, float32 of shape (n,), and `data.num_classes` is 1: the
    width of what the model answers with.
    """
    data = Data(
        inputs=values[0],
        labels=values[1],
        num_classes=1,
        seed=ask["seed"],
        device=ask["device"],
    )

    def finish(predict: Predict) -> Predict:
        return lambda batch: as_column(predict(batch), len(batch))

    return {Kind.PREDICT: predictor(loaded, data, ask["dataset"], finish, ask.get("pass_rows", 0))}


def as_column(answer: Any, count: int) -> np.ndarray:
    """Return float32 numbers of shape (count, 1); they may come as (count,) or (count, 1)."""
    array = as_array(answer)
    if array is None or array.dtype not in CODES:
        raise Problem(
            Trouble.WRONG_TYPE,
            f"the model answered with {describe(answer)}; expected an array of {count} numbers",
        )
    if array.shape not in ((count,), (count, 1)):
        raise Problem(
            Trouble.WRONG_TYPE,
            f"the model answered a batch of {count} with shape {array.shape} ({array.dtype}); "
            f"expected ({count},) or ({count}, 1): one number for each input",
        )
    return np.ascontiguousarray(array.reshape(count, 1), dtype=np.float32)

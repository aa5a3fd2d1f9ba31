"""Times Keras' `fit` in a rehearsal: seconds of a batch, times the batches of a whole epoch."""

from __future__ import annotations

import math
import statistics
import sys
from typing import Any

from .given_data import rows_of_a_pass
from .pace import FEWEST, PACE, now

BATCH = 32  # what fit takes without being told
PLACES = {"batch_size": 1, "epochs": 2}  # among fit's arguments behind x


def timing(x: Any, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Return a callback that times a fit; None outside of a rehearsal."""
    if not rows_of_a_pass():
        return None
    keras = sys.modules["keras"]
    size = int(option("batch_size", arguments, options) or BATCH)
    epochs = int(option("epochs", arguments, options) or 1)
    share = 1.0 - float(options.get("validation_split") or 0.0)
    whole = steps(options, "steps_per_epoch") or batches_of(x, size, share)
    tested = steps(options, "validation_steps")
    tested = tested or batches_of(inputs_of(options.get("validation_data")), size, 1.0)
    if share < 1:
        tested = batches_of(x, size, 1 - share)

    class Timing(keras.callbacks.Callback):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.trained: list[float] = []
            self.tested: list[float] = []
            self.began = 0.0

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            self.began = now()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.trained.append(now() - self.began)

        def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
            self.began = now()

        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            self.tested.append(now() - self.began)

        def tell(self) -> None:
            """Add what was timed; the first batch of each kind compiles and is left out."""
            seconds = typical(self.trained)
            if seconds is None or not whole:
                PACE.add_fit(None, epochs)
                return
            beside = (typical(self.tested) or 0.0) * tested
            PACE.add_fit(seconds * whole + beside, epochs)

    return Timing()


def option(name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Return an option of fit, wherever it was given."""
    place = PLACES[name]
    return options.get(name, arguments[place] if len(arguments) > place else None)


def steps(options: dict[str, Any], name: str) -> float:
    """Return a number of steps that fit was given, which may be a tensor; 0 where it was not."""
    return float(options.get(name) or 0)


def typical(seconds: list[float]) -> float | None:
    """Return what a batch takes; None where too few were timed."""
    return statistics.median(seconds[1:]) if len(seconds) > FEWEST else None


def inputs_of(given: Any) -> Any:
    """Return the inputs of what fit validates on."""
    return given[0] if isinstance(given, tuple | list) and given else given


def batches_of(source: Any, size: int, share: float) -> int:
    """Return how many batches a part of a source has; 0 where that is not known."""
    shape = getattr(source, "shape", None)
    if shape and isinstance(shape[0], int):
        return math.ceil(shape[0] * share / size)
    if hasattr(source, "cardinality"):
        return max(0, int(source.cardinality()))
    try:
        return 0 if source is None or isinstance(source, tuple | list | dict) else len(source)
    except TypeError:
        return 0

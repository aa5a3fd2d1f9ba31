"""Notes the tf.data pipelines that a loop iterates, and what gradient tapes are asked for."""

from __future__ import annotations

from typing import Any

from .fed import LOOKING, Fed
from .short_passes import shortened
from .training_trace import current

ENDLESS = -1  # what tf.data calls the length of a pipeline that repeats


def watch_tensorflow(tensorflow: Any) -> None:
    """Note training loops of TensorFlow from now on."""
    pipeline = tensorflow.data.Dataset
    tape = tensorflow.GradientTape
    iterate = pipeline.__iter__
    gradient = tape.gradient

    def noted_iter(self: Any) -> Any:
        training = current()
        if not training.fitting and not LOOKING.now:
            training.feed(Fed(source=self))
            if int(self.cardinality()) == ENDLESS:
                return iterate(self)
            return shortened(iterate(self), None)
        return iterate(self)

    def noted_gradient(self: Any, target: Any, *arguments: Any, **options: Any) -> Any:
        training = current()
        if not training.fitting:
            training.account.tape(target)
        return gradient(self, target, *arguments, **options)

    pipeline.__iter__ = noted_iter
    tape.gradient = noted_gradient

"""Notes what Keras' `fit` is given, which optimizers step, and what models are called with."""

from __future__ import annotations

import types
from typing import Any

from .fed import LOOKING, ROWS, Fed, begin_generator, fed_to, rows_of_array
from .training_trace import current

FEWEST_ROWS = 8  # a smaller batch is somebody looking at single examples


def watch_keras(keras: Any) -> None:
    """Note trainings of Keras from now on."""
    watch_fit(keras.Model)
    watch_calls(keras.Model)
    watch_steps(keras.optimizers.Optimizer)
    vectorizer = getattr(keras.layers, "TextVectorization", None)
    if vectorizer is not None:
        note_texts(vectorizer, "adapt")
        note_texts(vectorizer, "set_vocabulary")


def watch_fit(kind: Any) -> None:
    """Note what `fit` is given and returns, and what `train_on_batch` returns."""
    fit = kind.fit
    on_batch = kind.train_on_batch

    def noted_fit(self: Any, x: Any = None, *arguments: Any, **options: Any) -> Any:
        training = current()
        if isinstance(x, types.GeneratorType):
            x, rows = begin_generator(x)
            training.feed(Fed(self, rows=rows, whole=True))
        else:
            training.feed(fed_to(self, x))
        training.fitting += 1
        try:
            history = fit(self, x, *arguments, **options)
        finally:
            training.fitting -= 1
        training.account.fit(history)
        return history

    def noted_batch(self: Any, *arguments: Any, **options: Any) -> Any:
        answer = on_batch(self, *arguments, **options)
        current().account.batch(answer)
        return answer

    kind.fit = noted_fit
    kind.train_on_batch = noted_batch


def watch_calls(kind: Any) -> None:
    """Note what models are called with outside of `fit`: a training loop calls its model."""
    call = kind.__call__

    def noted_call(self: Any, *arguments: Any, **options: Any) -> Any:
        if arguments:
            note_call(self, arguments[0])
        return call(self, *arguments, **options)

    kind.__call__ = noted_call


def note_call(model: Any, inputs: Any) -> None:
    training = current()
    if training.fitting or LOOKING.now or training.rows_kept_of(model) >= ROWS:
        return
    rows = rows_of_array(inputs)
    if rows is not None and len(rows) >= FEWEST_ROWS:
        training.feed(Fed(model, rows=rows))


def watch_steps(kind: Any) -> None:
    """Note which optimizers step."""
    apply = kind.apply

    def noted_apply(self: Any, *arguments: Any, **options: Any) -> Any:
        result = apply(self, *arguments, **options)
        current().step(self)
        return result

    kind.apply = noted_apply


def watch_tokenizer(module: Any) -> None:
    """Note the tokenizers that learn their words from now on."""
    note_texts(module.Tokenizer, "fit_on_texts")


def note_texts(kind: Any, method: str) -> None:
    """Remember every object of a class once this method of it has taught it words."""
    original = getattr(kind, method)

    def noted(self: Any, *arguments: Any, **options: Any) -> Any:
        current().note_texts(self)
        return original(self, *arguments, **options)

    setattr(kind, method, noted)

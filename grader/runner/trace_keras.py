"""Notes what Keras' `fit` is given, which optimizers step, and what models are called with."""

from __future__ import annotations

import contextlib
import sys
import types
from typing import Any

from . import keras_pace, short_passes
from .fed import LOOKING, ROWS, Fed, begin_generator, fed_to, rows_of_array
from .time_up import CLOCK
from .training_trace import current

CALLBACKS_PLACE = 5  # of fit's arguments behind x
FEWEST_ROWS = 8  # a smaller batch is somebody looking at single examples


def watch_keras(keras: Any) -> None:
    """Note trainings of Keras from now on, and end them when their time is over."""
    watch_fit(keras.Model, stopper_of(keras))
    shorten_evaluation(keras.Model)
    watch_predicting(keras.Model)
    watch_calls(keras.Model)
    watch_steps(keras.optimizers.Optimizer)
    watch_loading(keras)
    vectorizer = getattr(keras.layers, "TextVectorization", None)
    if vectorizer is not None:
        note_texts(vectorizer, "adapt")
        note_texts(vectorizer, "set_vocabulary")


def stopper_of(keras: Any) -> Any:
    """Return a callback that ends `fit` when the time is over, as `stop_training` does.

    Raising would lose the weights with JAX, whose model has them back at the end of an epoch only.
    """

    class Stopper(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            current().took_steps = True
            if CLOCK.is_over:
                self.model.stop_training = True

        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            if CLOCK.is_over:
                self.model.stop_evaluating = True

    return Stopper()


def shorten_evaluation(kind: Any) -> None:
    """Let `evaluate` look at one short pass in a rehearsal."""
    evaluate = kind.evaluate

    def short_evaluate(self: Any, x: Any = None, *arguments: Any, **options: Any) -> Any:
        x, arguments, options = short_passes.fit_arguments(x, arguments, options)
        options.pop("steps_per_epoch", None)
        return evaluate(self, x, *arguments, **options)

    kind.evaluate = short_evaluate


def with_callback(options: dict[str, Any], callback: Any) -> dict[str, Any]:
    """Return fit's options with one more callback."""
    given = options.get("callbacks") or []
    if not isinstance(given, list | tuple):
        given = getattr(given, "callbacks", [given])
    return options | {"callbacks": [*given, callback]}


def watch_fit(kind: Any, stopper: Any) -> None:
    """Note what `fit` is given and returns, and what `train_on_batch` returns."""
    fit = kind.fit
    on_batch = kind.train_on_batch

    def noted_fit(self: Any, x: Any = None, *arguments: Any, **options: Any) -> Any:
        training = current()
        timing = keras_pace.timing(x, arguments, options)
        x, arguments, options = short_passes.fit_arguments(x, arguments, options)
        if len(arguments) < CALLBACKS_PLACE:
            if timing is not None:
                options = with_callback(options, timing)
            options = with_callback(options, stopper)
            options = with_callback(options, batch_look(self))
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
            training.account.fit_batch_ended()
            if timing is not None:
                timing.tell()
        training.account.fit(history)
        training.fit_ended(self)
        CLOCK.check()
        return history

    def noted_batch(self: Any, *arguments: Any, **options: Any) -> Any:
        answer = on_batch(self, *arguments, **options)
        current().account.batch(answer)
        current().took_steps = True
        CLOCK.check()
        return answer

    kind.fit = noted_fit
    kind.train_on_batch = noted_batch


def watch_predicting(kind: Any) -> None:
    """Let `predict` answer every row it was asked about, in a rehearsal too.

    It goes through its rows by pipelines of its own, which are no training to look at or cut short.
    """
    predict = kind.predict

    def whole_predict(self: Any, x: Any, *arguments: Any, **options: Any) -> Any:
        if LOOKING.now or not hasattr(x, "shape"):
            return predict(self, x, *arguments, **options)
        with LOOKING.on():
            return short_passes.predicted(
                lambda rows: predict(self, rows, *arguments, **options), x
            )

    kind.predict = whole_predict


def watch_loading(keras: Any) -> None:
    """Note which models are given trained weights."""
    load_weights = keras.Model.load_weights

    def noted_weights(self: Any, *arguments: Any, **options: Any) -> Any:
        result = load_weights(self, *arguments, **options)
        current().touch(self)
        return result

    keras.Model.load_weights = noted_weights


def watch_model_files(saving: Any) -> None:
    """Note models that come out of a file, right after the module that loads them is there."""
    load_model = saving.load_model

    def noted_model(*arguments: Any, **options: Any) -> Any:
        model = load_model(*arguments, **options)
        training = current()
        training.touch(model)
        inherit(training, model)
        return model

    saving.load_model = noted_model


def inherit(training: Any, model: Any) -> None:
    """Let a model out of a file take over what the one of the same form was trained on."""
    for fed in reversed(training.fed):
        if fed.whole and getattr(fed.model, "input_shape", None) == getattr(
            model, "input_shape", ()
        ):
            training.feed(Fed(model, rows=fed.rows, source=None, whole=True))
            return


def batch_look(model: Any) -> Any:
    """Return a callback that notes each batch's loss.

    Keras tells the mean of the epoch so far; out of two of them comes the loss of a batch. The
    first one is of the weights as they were made.
    """
    keras = sys.modules["keras"]

    class Look(keras.callbacks.Callback):  # type: ignore[misc, name-defined]
        done = 0  # batches of this epoch
        mean = 0.0

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.done = 0
            self.mean = 0.0

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            current().account.fit_batch_begins()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            loss = None
            with contextlib.suppress(Exception):  # a model of its own tells what it likes
                mean = float(logs["loss"])
                loss = mean * (self.done + 1) - self.mean * self.done
                self.mean = mean
            self.done += 1
            current().account.fit_batch(loss, name_of_loss(model))

    return Look()


def name_of_loss(model: Any) -> str | None:
    """Return what a compiled model's loss is called, None where it is none of Keras' own.

    Label smoothing and a class of the learner's count as losses of another kind.
    """
    loss = getattr(model, "loss", None)
    if getattr(loss, "label_smoothing", 0) or (callable(loss) and not hasattr(loss, "name")):
        return getattr(loss, "__name__", "other")
    return loss if isinstance(loss, str) else getattr(loss, "name", None)


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

    build = kind.build

    def noted_build(self: Any, *arguments: Any, **options: Any) -> Any:
        given = [*arguments, *options.values()]
        if given:
            current().account.hold_variables(given[0])
        return build(self, *arguments, **options)

    kind.apply = noted_apply
    kind.build = noted_build


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

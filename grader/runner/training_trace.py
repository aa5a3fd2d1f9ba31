"""What is seen of a training while it runs: which model was trained, and on what form of the data.

PyTorch's optimizers are watched, and Keras' `fit`, its optimizers, eager calls of its models and
the tf.data pipelines that are iterated. Nothing here changes what a learner's code computes, and
what cannot be looked at is left alone.
"""

from __future__ import annotations

import contextlib
import gc
import sys
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

from . import imports
from .curve import Account

ROWS = 256  # kept of what a model was given
FEWEST_ROWS = 8  # a smaller batch is somebody looking at single examples
MOST_SOURCES = 16
LARGE_ARRAY = 200  # rows; what a script keeps of this length may be its training set
MOST_BATCHES = 64  # looked at of a pipeline


@dataclass
class Fed:
    """What a model, or a loop, was given: rows that were kept, or where they can be had once
    training is over.
    """

    model: Any = None  # None where it is not known which
    rows: np.ndarray | None = None
    source: Any = None
    whole: bool = False  # given to fit: the form of every example this model was trained on

    def look(self) -> np.ndarray | None:
        """Return up to ROWS examples, shape (k, ...), or None."""
        if self.rows is None and self.source is not None:
            self.rows = rows_of_source(self.source)
        return self.rows


@dataclass
class Training:
    """What was seen of one training."""

    optimizers: list[Any] = field(default_factory=list)  # every one that took a step
    models: list[Any] = field(
        default_factory=list
    )  # what they trained, kept alive: main() drops its own at its end
    backward: bool = False  # a gradient was asked for
    fed: list[Fed] = field(default_factory=list)
    texts: list[Any] = field(default_factory=list)  # tokenizers and vectorizers that saw texts
    fitting: int = 0  # calls of fit that run now
    looking: bool = False  # the runner itself iterates
    of_script: bool = False  # its models are found by what was trained
    account: Account = field(default_factory=Account)  # losses and counts, for the host

    def parameters(self) -> set[int]:
        """Return the ids of all weights that an optimizer stepped or that belong to a model that
        was fit.
        """
        stepped = {id(each) for optimizer in self.optimizers for each in parameters_of(optimizer)}
        return stepped.union(*(weights(fed.model) for fed in self.fed if fed.whole))

    @property
    def happened(self) -> bool:
        return bool(self.optimizers) or self.backward or any(fed.whole for fed in self.fed)

    def step(self, optimizer: Any) -> None:
        """Note an optimizer's first step, and the models it steps."""
        if not any(known is optimizer for known in self.optimizers):
            self.optimizers.append(optimizer)
            if not self.fitting:
                self.models.extend(models_with({id(each) for each in parameters_of(optimizer)}))

    def feed(self, fed: Fed) -> None:
        """Note what was given; of many sources the first and the newest are kept."""
        known = any(fed.source is not None and each.source is fed.source for each in self.fed)
        if not known:
            self.fed.append(fed)
        if len(self.fed) > MOST_SOURCES:
            del self.fed[MOST_SOURCES // 2]


CURRENT: list[Training] = [Training()]


def install() -> None:
    """Watch the frameworks and tf.data from their import on. Called before any learner's code."""
    CURRENT[:] = [Training()]
    imports.after_import("torch", watch_torch)
    imports.after_import("keras", watch_keras)
    imports.after_import("keras.src.legacy.preprocessing.text", watch_tokenizer)
    imports.after_import("tensorflow", watch_tensorflow)


def watch_training() -> Training:
    """Return a fresh record that fills as a script trains."""
    seen = Training(of_script=True)
    CURRENT[:] = [seen]
    imports.after_import("torch", watch_torch)
    return seen


def watch_torch(torch: ModuleType) -> None:
    """Note gradients that are asked for, and steps of optimizers. May be called again: it is done
    once.
    """
    from torch.optim.optimizer import register_optimizer_step_post_hook

    backward, grad = torch.autograd.backward, torch.autograd.grad
    if hasattr(backward, "watched"):
        return

    def noted_backward(*arguments: Any, **options: Any) -> Any:
        seen = CURRENT[0]
        seen.backward = True
        seen.account.gradient(arguments[0] if arguments else options.get("tensors"))
        return backward(*arguments, **options)

    def noted_grad(*arguments: Any, **options: Any) -> Any:
        seen = CURRENT[0]
        seen.backward = True
        seen.account.gradient(arguments[0] if arguments else options.get("outputs"), is_loss=False)
        return grad(*arguments, **options)

    def noted_step(optimizer: Any, *_: Any) -> None:
        seen = CURRENT[0]
        seen.account.step(optimizer)
        if seen.of_script:
            seen.step(optimizer)

    noted_backward.watched = True  # type: ignore[attr-defined]
    torch.autograd.backward, torch.autograd.grad = noted_backward, noted_grad
    register_optimizer_step_post_hook(noted_step)
    scaler = getattr(torch.amp, "GradScaler", None)
    if scaler is not None:
        watch_scaler(scaler)
    imports.after_import("torch._dynamo.trace_rules", stay_out_of_graphs)


def stay_out_of_graphs(rules: Any) -> None:
    """Keep torch.compile from translating what only watches: it would do so anew with every step,
    and give up.
    """
    with contextlib.suppress(
        Exception
    ):  # it is PyTorch's own affair, and may be another one tomorrow
        rules.add(__package__)


def watch_scaler(kind: Any) -> None:
    """Note which loss a gradient scaler made larger: what a gradient is asked of then is no
    loss.
    """
    scale = kind.scale

    def noted(self: Any, outputs: Any) -> Any:
        result = scale(self, outputs)
        CURRENT[0].account.scale(outputs, result)
        return result

    kind.scale = noted


def watch_keras(keras: Any) -> None:
    """Note what `fit` is given, which optimizers step, and what models are called with outside of
    `fit`.
    """
    model_class, optimizer_class = keras.Model, keras.optimizers.Optimizer
    fit, call, apply = model_class.fit, model_class.__call__, optimizer_class.apply
    on_batch = model_class.train_on_batch

    def noted_fit(self: Any, x: Any = None, *arguments: Any, **options: Any) -> Any:
        seen = CURRENT[0]
        if isinstance(x, types.GeneratorType):
            x, rows = begin_generator(x)
            seen.feed(Fed(self, rows=rows, whole=True))
        else:
            seen.feed(fed_to(self, x))
        seen.fitting += 1
        try:
            history = fit(self, x, *arguments, **options)
        finally:
            seen.fitting -= 1
        seen.account.fit(history)
        return history

    def noted_call(self: Any, *arguments: Any, **options: Any) -> Any:
        seen = CURRENT[0]
        if not seen.fitting and not seen.looking and arguments and kept_of(seen, self) < ROWS:
            rows = rows_of_array(arguments[0])
            if rows is not None and len(rows) >= FEWEST_ROWS:
                seen.feed(Fed(self, rows=rows))
        return call(self, *arguments, **options)

    def noted_batch(self: Any, *arguments: Any, **options: Any) -> Any:
        answer = on_batch(self, *arguments, **options)
        CURRENT[0].account.batch(answer)
        return answer

    def noted_apply(self: Any, *arguments: Any, **options: Any) -> Any:
        result = apply(self, *arguments, **options)
        CURRENT[0].step(self)
        return result

    model_class.fit, model_class.__call__, optimizer_class.apply = (
        noted_fit,
        noted_call,
        noted_apply,
    )
    model_class.train_on_batch = noted_batch
    vectorizer = getattr(keras.layers, "TextVectorization", None)
    if vectorizer is not None:
        note_texts(vectorizer, "adapt")
        note_texts(vectorizer, "set_vocabulary")


def watch_tokenizer(module: Any) -> None:
    note_texts(module.Tokenizer, "fit_on_texts")


def note_texts(kind: Any, method: str) -> None:
    """Remember every object of a class once it has learned its words."""
    original = getattr(kind, method)

    def noted(self: Any, *arguments: Any, **options: Any) -> Any:
        texts = CURRENT[0].texts
        if not any(each is self for each in texts):
            texts.append(self)
        return original(self, *arguments, **options)

    setattr(kind, method, noted)


def watch_tensorflow(tensorflow: Any) -> None:
    """Note the tf.data pipelines that a loop iterates, and what gradients are asked of."""
    kind, tape = tensorflow.data.Dataset, tensorflow.GradientTape
    iterate, gradient = kind.__iter__, tape.gradient

    def noted(self: Any) -> Any:
        seen = CURRENT[0]
        if not seen.fitting and not seen.looking:
            seen.feed(Fed(source=self))
        return iterate(self)

    def noted_gradient(self: Any, target: Any, *arguments: Any, **options: Any) -> Any:
        if not CURRENT[0].fitting:
            CURRENT[0].account.tape(target)
        return gradient(self, target, *arguments, **options)

    kind.__iter__, tape.gradient = noted, noted_gradient


def kept_of(seen: Training, model: Any) -> int:
    return sum(len(fed.rows) for fed in seen.fed if fed.model is model and fed.rows is not None)


def fed_to(model: Any, given: Any) -> Fed:
    """Return what fit was given as x: some rows of an array, or a source to be looked at later."""
    if isinstance(given, np.ndarray) or hasattr(given, "shape"):
        return Fed(model, rows=rows_of_array(given), whole=True)
    if isinstance(given, list | tuple | dict) or given is None:
        return Fed(model, whole=True)
    return Fed(model, source=given, whole=True)


def rows_of_array(given: Any) -> np.ndarray | None:
    """Return copies of up to ROWS evenly spread rows of an array or tensor, or None if it is
    neither.
    """
    try:
        if type(given) is not np.ndarray:
            if not hasattr(given, "shape") or not hasattr(given, "__array__"):
                return None
            given = np.asarray(given.detach().cpu() if hasattr(given, "detach") else given)
        if given.ndim == 0 or len(given) == 0:
            return None
        if given.dtype.name == "bfloat16":
            given = given.astype(np.float32)
        return np.array(given[np.unique(np.linspace(0, len(given) - 1, ROWS).astype(int))])
    except (
        Exception
    ):  # symbolic tensors, tracers, whatever a learner's object does when it is looked at
        return None


def begin_generator(given: Iterator[Any]) -> tuple[Iterator[Any], np.ndarray | None]:
    """Return a generator that gives the same as `given`, and the rows of its first batch."""
    first = next(given, None)

    def again() -> Iterator[Any]:
        if first is not None:
            yield first
            yield from given

    return again(), rows_of_array(inputs_of(first))


def inputs_of(element: Any) -> Any:
    return element[0] if isinstance(element, tuple | list) and element else element


def rows_of_source(source: Any) -> np.ndarray | None:
    """Return up to ROWS examples of a tf.data pipeline, a PyDataset or a DataLoader; None where it
    gives none.
    """
    seen = CURRENT[0]
    seen.looking = True
    found: list[np.ndarray] = []
    try:
        for element in batches_of(source):
            rows = rows_of_array(inputs_of(element))
            if rows is None or (found and rows.shape[1:] != found[0].shape[1:]):
                break
            found.append(rows)
            if sum(map(len, found)) >= ROWS or len(found) >= MOST_BATCHES:
                break
    except Exception:  # a pipeline that cannot be run again tells nothing
        return None
    finally:
        seen.looking = False
    return np.concatenate(found)[:ROWS] if found else None


def batches_of(source: Any) -> Iterable[Any]:
    if hasattr(source, "__iter__"):
        return (element for element in source)
    return (source[place] for place in range(len(source)))


def arrays_among(names: dict[str, Any]) -> Iterator[Fed]:
    """Return the large arrays among a script's globals, as they might have been fed to its
    model.
    """
    for name, value in list(names.items()):
        try:
            large = (
                not name.startswith("_")
                and len(getattr(value, "shape", ())) >= 2
                and len(value) >= LARGE_ARRAY
            )
        except TypeError:
            continue
        if large:
            rows = rows_of_array(value)
            if rows is not None and rows.dtype.kind == "f":
                yield Fed(rows=rows)


# Models, whatever framework they are of. With Keras on PyTorch a model is of both; Keras goes
# first.


def is_keras(value: Any) -> bool:
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(value, keras.Model)


def is_torch(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.nn.Module)


def is_model(value: Any) -> bool:
    """Whether a value is a network with weights, and not a loss."""
    if is_keras(value):
        return bool(value.weights)
    torch = sys.modules.get("torch")
    if torch is None or not is_torch(value) or isinstance(value, torch.nn.modules.loss._Loss):
        return False
    return any(True for _ in value.parameters())


def weights(model: Any) -> set[int]:
    """Return the ids of a network's weights."""
    return {
        id(each) for each in (model.trainable_variables if is_keras(model) else model.parameters())
    }


def parameters_of(optimizer: Any) -> list[Any]:
    if hasattr(optimizer, "param_groups"):
        return [parameter for group in optimizer.param_groups for parameter in group["params"]]
    return list(getattr(optimizer, "_trainable_variables", ()))


def models_with(parameters: set[int]) -> list[Any]:
    """Return the outermost living networks that hold any of these weights."""
    found = []
    for value in gc.get_objects():
        try:
            if (
                is_keras(value) or issubclass(type(value), torch_module())
            ) and parameters & weights(value):
                found.append(value)
        except Exception:  # whatever a learner's object does when it is looked at
            continue
    return outermost(found)


def torch_module() -> Any:
    torch = sys.modules.get("torch")
    return torch.nn.Module if torch is not None else ()


def outermost(models: list[Any]) -> list[Any]:
    """Return the networks that are not part of another one in the list, each once."""
    unique = list({id(model): model for model in models}.values())
    parts = {id(part) for model in unique for part in parts_of(model) if part is not model}
    return [model for model in unique if id(model) not in parts]


def parts_of(model: Any) -> Iterable[Any]:
    return list(model._flatten_layers() if is_keras(model) else model.modules())

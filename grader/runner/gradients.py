"""In a rehearsal: which of a network's parameters the training never reached, as advice.

Before an optimizer's first step the parameters it holds are copied. With PyTorch each step's
gradients are looked at as well, until one that is not all zeros was seen. Once training is over,
every living network that holds one of these parameters is compared with the copies. A training
without an optimizer of PyTorch or Keras shows nothing here. Nothing of it is scored, and in a
graded training none of it runs: the copies cost memory.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import imports
from .networks import is_keras, models_with, outermost, parameters_of

MOST_NAMED = 4
MOST_MODELS = 8  # kept alive to be looked at in the end
NAME_CHARACTERS = 60


@dataclass
class Held:
    """A parameter that an optimizer holds."""

    parameter: Any  # kept alive, so that its id stays its own
    before: Any  # a copy from before the first step; None where none could be made
    has_gradients: bool  # whether they can be looked at: with PyTorch
    was_given: bool = False  # there was a gradient at a step
    was_reached: bool = False  # and not all of it was 0


@dataclass
class Looked:
    """What was found in the networks that were trained."""

    count: int = 0  # parameter tensors that may be trained
    frozen: int = 0
    missed: list[str] = field(default_factory=list)  # names of those never reached, and why


class Reach:
    """What optimizers hold, and what of it training reached. Watches from `begin` on."""

    def __init__(self) -> None:
        self.held: dict[int, Held] = {}
        self.models: list[Any] = []  # a function may drop its own at its end

    def begin(self) -> None:
        """Watch PyTorch's and Keras' optimizers, from their import on."""
        imports.after_import("torch", self._watch_torch)
        imports.after_import("keras", self._watch_keras)

    def _watch_torch(self, torch: Any) -> None:
        from torch.optim.optimizer import (
            register_optimizer_step_post_hook,
            register_optimizer_step_pre_hook,
        )

        register_optimizer_step_pre_hook(self._before_step)
        register_optimizer_step_post_hook(self._after_step)

    def _before_step(self, optimizer: Any, *_: Any) -> None:
        new = [each for each in parameters_of(optimizer) if id(each) not in self.held]
        for parameter in new:
            copy = parameter.detach().clone()
            self.held[id(parameter)] = Held(parameter, copy, has_gradients=True)
        if new and len(self.models) < MOST_MODELS:
            self.models += models_with(set(map(id, new)))

    def _after_step(self, optimizer: Any, *_: Any) -> None:
        for parameter in parameters_of(optimizer):
            held = self.held.get(id(parameter))
            if held is not None and not held.was_reached and parameter.grad is not None:
                held.was_given = True
                held.was_reached = is_not_all_zeros(parameter.grad)

    def _watch_keras(self, keras: Any) -> None:
        kind = keras.optimizers.Optimizer
        build = kind.build

        def noted(optimizer: Any, *arguments: Any, **options: Any) -> Any:
            given = [*arguments, *options.values()]
            if given:
                self._copy(given[0])
            return build(optimizer, *arguments, **options)

        kind.build = noted

    def _copy(self, variables: Iterable[Any]) -> None:
        for variable in variables:
            if id(variable) not in self.held:
                self.held[id(variable)] = Held(variable, values_of(variable), has_gradients=False)

    def report(self) -> list[str]:
        """Return names and values in turn: tensors looked at, frozen ones, those never reached."""
        if not self.held:
            return []
        looked = self._look()
        shown = ", ".join(looked.missed[:MOST_NAMED])
        left = len(looked.missed) - MOST_NAMED
        if left > 0:
            shown += f" and {left} more"
        return [
            "parameters",
            str(looked.count),
            "frozen",
            str(looked.frozen),
            "unreached",
            shown,
        ]

    def _look(self) -> Looked:
        """Look at every network that holds a parameter that was seen."""
        looked = Looked()
        models = outermost([*self.models, *models_with(set(self.held))])
        for model in models:
            prefix = f"{type(model).__name__}." if len(models) > 1 else ""
            for name, parameter in named(model):
                if is_frozen(model, parameter):
                    looked.frozen += 1
                    continue
                looked.count += 1
                why = self.why_missed(parameter)
                if why:
                    looked.missed.append(f"{prefix}{name}"[:NAME_CHARACTERS] + f" ({why})")
        return looked

    def why_missed(self, parameter: Any) -> str:
        """Return why training did not reach a parameter; empty where it did, or nobody knows."""
        held = self.held.get(id(parameter))
        if held is None:
            return "it belongs to no optimizer"
        if held.has_gradients and not held.was_given:
            return "it never got a gradient"
        if held.has_gradients and not held.was_reached:
            return "its gradient is always 0"
        return "it never changed" if is_same(held) else ""


def is_not_all_zeros(gradient: Any) -> bool:
    """Whether a gradient of PyTorch, sparse or not, has a number other than 0."""
    values = gradient.coalesce().values() if gradient.is_sparse else gradient
    return bool(values.count_nonzero())


def is_frozen(model: Any, parameter: Any) -> bool:
    """Whether a parameter of PyTorch is not to be trained; Keras lists trainable ones only."""
    return not is_keras(model) and not parameter.requires_grad


def named(model: Any) -> Iterator[tuple[str, Any]]:
    """Yield the parameter tensors of a network with their names."""
    if is_keras(model):
        for variable in model.trainable_variables:
            yield variable.path, variable
    else:
        yield from model.named_parameters()


def values_of(variable: Any) -> np.ndarray | None:
    """Return a copy of a Keras variable; None where it has no value to be read."""
    try:
        with outside_graphs():
            return np.array(sys.modules["keras"].ops.convert_to_numpy(variable))
    except Exception:  # each backend has its own kinds of refusal
        return None


def outside_graphs() -> AbstractContextManager[Any]:
    """Leave a TensorFlow graph that is being made: in there a variable has no value yet."""
    tensorflow = sys.modules.get("tensorflow")
    return nullcontext() if tensorflow is None else tensorflow.init_scope()


def is_same(held: Held) -> bool:
    """Whether a parameter is still what it was before the first step."""
    if held.before is None:
        return False
    if held.has_gradients:
        return bool((held.parameter.detach() == held.before).all())
    now = values_of(held.parameter)
    return now is not None and now.shape == held.before.shape and bool((now == held.before).all())

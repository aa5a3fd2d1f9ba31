"""In a rehearsal: which of a network's parameters the training never reached. TrainingEvidence by name, as
advice; never scored.

Before an optimizer's first step the parameters it holds are copied. With PyTorch each step's
gradients are looked at as well, until one that is not all zeros was seen. Once training is over,
every living network that holds one of these parameters is compared with the copies. A training
without an optimizer of PyTorch or Keras shows nothing here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import imports, training_trace

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


class Reach:
    """What optimizers hold, and what of it training reached. Watches from `begin` on."""

    def __init__(self) -> None:
        self.held: dict[int, Held] = {}
        self.models: list[Any] = []  # a function may drop its own at its end

    def begin(self) -> None:
        imports.after_import("torch", self._watch_torch)
        imports.after_import("keras", self._watch_keras)

    def _watch_torch(self, torch: Any) -> None:
        from torch.optim.optimizer import (
            register_optimizer_step_post_hook,
            register_optimizer_step_pre_hook,
        )

        def before(optimizer: Any, *_: Any) -> None:
            new = [
                each
                for each in training_trace.parameters_of(optimizer)
                if id(each) not in self.held
            ]
            for parameter in new:
                self.held[id(parameter)] = Held(
                    parameter, parameter.detach().clone(), has_gradients=True
                )
            if new and len(self.models) < MOST_MODELS:
                self.models += training_trace.models_with(set(map(id, new)))

        def after(optimizer: Any, *_: Any) -> None:
            for parameter in training_trace.parameters_of(optimizer):
                held = self.held.get(id(parameter))
                if held is not None and not held.was_reached and parameter.grad is not None:
                    gradient = (
                        parameter.grad.coalesce().values()
                        if parameter.grad.is_sparse
                        else parameter.grad
                    )
                    held.was_given, held.was_reached = True, bool(gradient.count_nonzero())

        register_optimizer_step_pre_hook(before)
        register_optimizer_step_post_hook(after)

    def _watch_keras(self, keras: Any) -> None:
        kind = keras.optimizers.Optimizer
        build = kind.build

        def noted(optimizer: Any, *arguments: Any, **options: Any) -> Any:
            self._copy(next(iter((*arguments, *options.values())), ()))
            return build(optimizer, *arguments, **options)

        kind.build = noted

    def _copy(self, variables: Iterable[Any]) -> None:
        for variable in variables:
            if id(variable) not in self.held:
                self.held[id(variable)] = Held(variable, values_of(variable), has_gradients=False)

    def told(self) -> list[str]:
        """Return names and values in turn: parameter tensors looked at, frozen ones, and those
        never reached.
        """
        if not self.held:
            return []
        models = training_trace.outermost(
            [*self.models, *training_trace.models_with(set(self.held))]
        )
        count, frozen, missed = 0, 0, []
        for model in models:
            prefix = f"{type(model).__name__}." if len(models) > 1 else ""
            for name, parameter in named(model):
                if not training_trace.is_keras(model) and not parameter.requires_grad:
                    frozen += 1
                    continue
                count += 1
                why = self.why_missed(parameter)
                if why:
                    missed.append(f"{prefix}{name}"[:NAME_CHARACTERS] + f" ({why})")
        left = len(missed) - MOST_NAMED
        shown = ", ".join(missed[:MOST_NAMED]) + (f" and {left} more" if left > 0 else "")
        return ["parameters", str(count), "frozen", str(frozen), "unreached", shown]

    def why_missed(self, parameter: Any) -> str:
        """Return why training did not reach a parameter; empty where it did, or where that cannot
        be told.
        """
        held = self.held.get(id(parameter))
        if held is None:
            return "no optimizer has it"
        if held.has_gradients and not held.was_given:
            return "it never got a gradient"
        if held.has_gradients and not held.was_reached:
            return "its gradient is always 0"
        return "it never changed" if is_same(held) else ""


def named(model: Any) -> Iterator[tuple[str, Any]]:
    """Return the parameter tensors of a network with their names."""
    if training_trace.is_keras(model):
        pairs: Iterable[Any] = ((variable.path, variable) for variable in model.trainable_variables)
    else:
        pairs = model.named_parameters()
    return iter(pairs)


def values_of(variable: Any) -> np.ndarray | None:
    """Return a copy of a Keras variable; None where it has no value to be read."""
    tensorflow = sys.modules.get("tensorflow")
    try:
        with (
            tensorflow.init_scope() if tensorflow is not None else nullcontext()
        ):  # out of a graph that is being made
            return np.array(sys.modules["keras"].ops.convert_to_numpy(variable))
    except Exception:  # each backend has its own kinds of refusal
        return None


def is_same(held: Held) -> bool:
    """Whether a parameter is still what it was before the first step."""
    if held.before is None:
        return False
    if held.has_gradients:
        return bool((held.parameter.detach() == held.before).all())
    now = values_of(held.parameter)
    return now is not None and now.shape == held.before.shape and bool((now == held.before).all())

"""Which of a network's parameters a training reached, whoever trains it, in a check as in a run.

Before an optimizer's first step each parameter it holds is marked with two sums, not copied: a
training that fits into memory must fit with its trace. With PyTorch each step's gradients are
looked at as well, until one that is not all zeros was seen, and later ever more rarely. When
training is over, the networks are compared with the marks. A training without an optimizer of
PyTorch or Keras shows nothing here, and nothing of it is scored.
"""

from __future__ import annotations

import math
import sys
import weakref
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .networks import (
    is_keras,
    is_torch_alone,
    models_with,
    outermost,
    parameters_of,
    parts_of,
)

MOST_NAMED = 4
MOST_MODELS = 8  # kept alive to be looked at in the end
NAME_CHARACTERS = 60
LOOKED_AT = 64  # steps whose gradients are all looked at; then those whose number is a power of 2
MOST_LISTED = 1000  # objects in a network's plain lists that are looked at

Mark = tuple[float, float]  # the sum of a parameter's numbers and their norm: has it moved?


@dataclass
class Seen:
    """A parameter that a loss was computed from, or that an optimizer holds."""

    parameter: weakref.ref[Any]
    before: Mark | None  # None where it could not be read
    is_held: bool = False
    was_given: bool = False  # there was a gradient at a step
    was_reached: bool = False  # and not all of it was 0


@dataclass
class Looked:
    """What was found in the networks that were trained."""

    count: int = 0  # parameter tensors that may be trained
    frozen: int = 0
    missed: list[str] = field(default_factory=list)  # names of those never reached, and why


class Reach:
    """What losses and optimizers were seen to hold, and what of it training reached."""

    keeps_models = False  # in a rehearsal: memory counts in a graded training

    def __init__(self) -> None:
        self.seen: dict[int, Seen] = {}
        self.models: list[Any] = []  # a function may drop its own at its end
        self._waiting: dict[int, Seen] = {}  # held by an optimizer of PyTorch and not yet reached
        self._steps = 0
        self._optimizers: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()

    # While training goes on.

    def mark(self, parameters: Iterable[Any]) -> None:
        """Remember where parameters of PyTorch are before they first move."""
        for parameter in parameters:
            self._seen(parameter, mark_of)

    def hold(self, optimizer: Any) -> None:
        """Mark what an optimizer of PyTorch is about to step for the first time."""
        groups = len(optimizer.param_groups)
        if self._optimizers.get(optimizer) == groups:
            return
        self._optimizers[optimizer] = groups
        held = parameters_of(optimizer)
        for parameter in held:
            seen = self._seen(parameter, mark_of)
            seen.is_held = True
            if not seen.was_reached:
                self._waiting[id(parameter)] = seen
        if self.keeps_models and len(self.models) < MOST_MODELS:
            self.models += models_with(set(map(id, held)))

    def look(self) -> None:
        """Look at the gradients of a step of PyTorch, as far as that is still open."""
        self._steps += 1
        if not self._waiting or (self._steps > LOOKED_AT and self._steps & (self._steps - 1)):
            return
        for key, seen in list(self._waiting.items()):
            parameter = seen.parameter()
            gradient = None if parameter is None else parameter.grad
            if gradient is not None:
                seen.was_given = True
                seen.was_reached = is_not_all_zeros(gradient)
            if parameter is None or seen.was_reached:
                del self._waiting[key]

    def hold_variables(self, variables: Iterable[Any]) -> None:
        """Mark what an optimizer of Keras is about to step."""
        for variable in variables:
            self._seen(variable, mark_of_variable).is_held = True

    def _seen(self, parameter: Any, mark: Any) -> Seen:
        known = self.get(parameter)
        if known is None:
            known = Seen(weakref.ref(parameter), mark(parameter))
            self.seen[id(parameter)] = known
        return known

    # When it is over.

    def get(self, parameter: Any) -> Seen | None:
        """Return what is known of this very object: an id may be given again."""
        known = self.seen.get(id(parameter))
        return known if known is not None and known.parameter() is parameter else None

    def networks_of(self, model: Any) -> list[Any]:
        """Return the networks to look at: the model itself, or those that were trained."""
        if is_keras(model) or is_torch_alone(model):
            return [model]
        if not self.seen:
            return []
        return models_with(set(self.seen))

    def shares(self, networks: list[Any]) -> dict[str, float]:
        """Return shares over the parameter tensors of networks; NaN where nothing is known.

        held: those that an optimizer was given. moved: of those seen before, those that changed.
        reached: of those held, those that got a gradient other than 0. frozen: those that are not
        to be trained and never moved.
        A network of which no parameter was seen is a copy of what was trained: nothing is known.
        """
        own = [each for network in whole_ones(networks) for _, each in every(network)]
        known = [seen for seen in map(self.get, own) if seen is not None]
        if not known:
            return dict.fromkeys(("held", "moved", "reached", "frozen"), math.nan)
        held = [seen for seen in known if seen.is_held]
        marked = [seen for seen in known if seen.before is not None]
        given = [seen for seen in held if is_of_torch(seen.parameter())]
        still = [each for each in filter(is_resting, own) if self.has_not_moved(each)]
        return {
            "held": len(held) / len(own),
            "moved": ratio(sum(not is_same(seen) for seen in marked), len(marked)),
            "reached": ratio(sum(seen.was_reached for seen in given), len(given)),
            "frozen": len(still) / len(own),
        }

    def has_not_moved(self, parameter: Any) -> bool:
        seen = self.get(parameter)
        return seen is None or is_same(seen)

    def report(self, networks: list[Any] | None = None) -> list[str]:
        """Return names and values in turn: tensors looked at, frozen ones, those never reached.

        networks: to look at besides those that were kept; every living one that was trained if
        None.
        """
        if not any(seen.is_held for seen in self.seen.values()):
            return []
        looked = self._look(models_with(set(self.seen)) if networks is None else networks)
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

    def _look(self, networks: list[Any]) -> Looked:
        """Look at the networks that were kept and at these, at each tensor once."""
        looked = Looked()
        models = whole_ones([*self.models, *networks])
        passed: set[int] = set()
        for model in models:
            prefix = f"{type(model).__name__}." if len(models) > 1 else ""
            for name, parameter in every(model):
                if id(parameter) in passed:
                    continue
                passed.add(id(parameter))
                if is_resting(parameter):
                    looked.frozen += 1
                    continue
                looked.count += 1
                why = self.why_missed(parameter)
                if why:
                    looked.missed.append(f"{prefix}{name}"[:NAME_CHARACTERS] + f" ({why})")
        return looked

    def why_missed(self, parameter: Any) -> str:
        """Return why training did not reach a parameter; empty where it did, or nobody knows."""
        seen = self.get(parameter)
        if seen is None or not seen.is_held:
            return "it belongs to no optimizer"
        if is_of_torch(parameter) and not seen.was_given:
            return "it never got a gradient"
        if is_of_torch(parameter) and not seen.was_reached:
            return "its gradient is always 0"
        return "it never changed" if is_same(seen) else ""


def ratio(some: int, of: int) -> float:
    return some / of if of else math.nan


def is_not_all_zeros(gradient: Any) -> bool:
    """Whether a gradient of PyTorch, sparse or not, has a number other than 0."""
    values = gradient.coalesce().values() if gradient.is_sparse else gradient
    return bool(values.count_nonzero())


def is_of_torch(parameter: Any) -> bool:
    return hasattr(parameter, "grad") and hasattr(parameter, "requires_grad")


def is_resting(parameter: Any) -> bool:
    """Whether a parameter is not to be trained."""
    if is_of_torch(parameter):
        return not parameter.requires_grad
    return not getattr(parameter, "trainable", True)


def every(model: Any) -> Iterator[tuple[str, Any]]:
    """Yield the parameter tensors of a network with their names, frozen ones too.

    Of Keras those that were made to be trained: statistics and seeds are none.
    """
    if not is_keras(model):
        yield from model.named_parameters()
        return
    passed: set[int] = set()
    for layer in model._flatten_layers():
        for variable in layer._trainable_variables:
            if id(variable) not in passed:
                passed.add(id(variable))
                yield variable.path, variable


def whole_ones(models: list[Any]) -> list[Any]:
    """Return the outermost networks without those whose parameters another one has, too.

    Keras makes a network anew with every layer that is added, and the old ones live on.
    """
    found: list[Any] = []
    covered: set[int] = set()
    sized = [
        (frozenset(id(each) for _, each in every(model)), model) for model in outermost(models)
    ]
    for ids, model in sorted(sized, key=lambda pair: -len(pair[0])):
        if not ids <= covered:
            found.append(model)
            covered |= ids
    return found


def listed_of(model: Any) -> int:
    """Return how many parameter tensors of layers in plain lists a network of PyTorch lacks."""
    if not is_torch_alone(model):
        return 0
    torch = sys.modules["torch"]
    own = set(map(id, model.parameters()))
    lost: set[int] = set()
    for part in parts_of(model):
        for value in list(vars(part).values()):
            for each in items_of(value):
                if isinstance(each, torch.nn.Module):
                    lost.update(id(p) for p in each.parameters() if id(p) not in own)
                elif isinstance(each, torch.nn.Parameter) and id(each) not in own:
                    lost.add(id(each))
    return len(lost)


def items_of(value: Any) -> list[Any]:
    """Return what a plain list, tuple or dict holds; nothing of anything else."""
    if type(value) is dict:
        value = list(value.values())
    if type(value) not in (list, tuple):
        return []
    return list(value[:MOST_LISTED])


def lag_of(model: Any, steps: int) -> float:
    """Return the largest share that batch norm's statistics still have of where they began.

    A layer that never saw a batch in training mode keeps its first statistics in training as in
    answering, and lags behind nothing. NaN without such layers.
    """
    if is_keras(model):
        kind = sys.modules["keras"].layers.BatchNormalization
        layers = [each for each in model._flatten_layers() if isinstance(each, kind)]
        trained = [each for each in layers if each.trainable]
        if not steps or not trained:
            return math.nan
        return max(float(each.momentum) ** steps for each in trained)
    shares = []
    for part in parts_of(model):
        seen = getattr(part, "num_batches_tracked", None)
        momentum = getattr(part, "momentum", None)
        if seen is not None and momentum is not None and int(seen):
            shares.append((1 - float(momentum)) ** int(seen))
    return max(shares, default=math.nan)


def mark_of(parameter: Any) -> Mark | None:
    """Return two numbers that hardly stay the same if any of a parameter's does not."""
    torch = sys.modules["torch"]
    try:
        values = parameter.detach()
        total = values.sum(dtype=torch.float64)
        norm = torch.linalg.vector_norm(values, dtype=torch.float64)
    except Exception:  # a lazy one has no values yet
        return None
    return float(total), float(norm)


def mark_of_variable(variable: Any) -> Mark | None:
    """Return the same of a Keras variable; None where it has no value to be read."""
    try:
        with outside_graphs():
            values = np.asarray(sys.modules["keras"].ops.convert_to_numpy(variable), np.float64)
    except Exception:  # each backend has its own kinds of refusal
        return None
    return float(values.sum()), float(np.sqrt((values * values).sum()))


def outside_graphs() -> AbstractContextManager[Any]:
    """Leave a TensorFlow graph that is being made: in there a variable has no value yet."""
    tensorflow = sys.modules.get("tensorflow")
    return nullcontext() if tensorflow is None else tensorflow.init_scope()


def is_same(seen: Seen) -> bool:
    """Whether a parameter is still what it was before the first step."""
    parameter = seen.parameter()
    if parameter is None or seen.before is None:
        return False
    mark = mark_of if is_of_torch(parameter) else mark_of_variable
    return mark(parameter) == seen.before

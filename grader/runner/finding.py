"""Which model a script leaves, whatever it is called and wherever it lives.

Networks of PyTorch and Keras are told by what was done to them: an optimizer stepped their weights,
`fit` trained them, or trained weights were loaded into them. Of several, a global with a name such
as `model` goes first, then a copy that is called the best or the average, then what was trained or
loaded last. Estimators, modules and parameters of JAX, and a script's own objects and functions
come after them. They are candidates in this order; the first one that answers counts.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from . import jax_models, slips
from .frames import Trouble
from .networks import Parameters, is_keras, is_model, outermost, weights
from .problem import Problem
from .script import Ran
from .signatures import parameters_of
from .time_up import CLOCK

MODEL_NAMES = ("model", "net", "network", "classifier")
# Parts of a name that says a copy is what its author wants to keep.
KEPT_COPIES = ("best", "ema", "swa", "averaged", "avg", "final")
ENSEMBLES = ("models", "ensemble", "members", "nets", "networks", "learners")
PARAMETER_NAMES = ("params", "parameters", "weights", "variables")
# Functions that may apply such parameters, those for a whole batch first.
FUNCTION_NAMES = (
    "batched_predict",
    "batch_predict",
    "predict",
    "batched_forward",
    "forward",
    "apply",
    "predict_batch",
    "forward_pass",
    "forward_prop",
    "forward_propagation",
    "feedforward",
    "feed_forward",
    "logits",
    "mlp",
    "nn",
    "net",
    "model",
    "network",
    "cnn",
    "conv_net",
    "neural_net",
    "logistic_regression",
    "softmax_regression",
    "multilayer_perceptron",
    "make_predictions",
)
# Methods by which an object of a script's own, or an estimator, answers a batch.
METHOD_NAMES = (
    "predict_proba",
    "predict",
    "forward",
    "feedforward",
    "feed_forward",
    "query",
    "decision_function",
)
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
POSITIONAL_OR_NAMED = (*POSITIONAL, inspect.Parameter.KEYWORD_ONLY)


@dataclass
class Candidate:
    """Something that may be the model, and what it is called."""

    model: Any
    name: str = ""


@dataclass
class Found:
    """The candidates in order; several: they were trained, and only one of them is graded."""

    candidates: list[Candidate]
    trained: list[Candidate] = field(default_factory=list)


def find_models(ran: Ran, wanted: Sequence[str] = MODEL_NAMES) -> Found:
    """Return what may be the model of a script; Problem where there is nothing."""
    networks = networks_of(ran)
    trained = in_order(ran, networks, wanted)
    others = [*plain_models(ran, wanted)]
    candidates = [*ensembles(ran, trained), *trained]
    if not candidates and networks and not others:
        candidates = trained_or_refuse(ran, networks, wanted)
    if not candidates and not others:
        raise nothing_left(ran, wanted)
    return Found([*candidates, *others], [each for each in trained if is_trained(ran, each.model)])


# Networks.


def networks_of(ran: Ran) -> list[Candidate]:
    """Return every network among a script's names, and those that were trained elsewhere."""
    by_name = [Candidate(value, name) for name, value in ran.names.items() if is_model(value)]
    parts = [each.model for each in by_name]
    fit = [fed.model for fed in ran.training.fed if fed.whole]
    elsewhere = [*ran.training.models, *fit, *ran.training.touched]
    parts += [model for model in elsewhere if is_model(model)]
    names: dict[int, str] = {}
    is_global = ran.module.__dict__.__contains__
    for each in sorted(by_name, key=lambda each: not is_global(each.name)):
        names.setdefault(id(each.model), each.name)
    return [Candidate(model, names.get(id(model), "")) for model in outermost(parts)]


def in_order(ran: Ran, networks: list[Candidate], wanted: Sequence[str]) -> list[Candidate]:
    """Return the networks that were trained, and copies of such, the likeliest first."""
    trained = [each for each in networks if is_trained(ran, each.model)]
    shapes = [shape_of(each.model) for each in trained]
    copies = [each for each in networks if each not in trained and each.name]
    copies = [each for each in copies if shape_of(each.model) in shapes]
    named = [each for each in trained if each.name]

    def rank(each: Candidate) -> tuple[int, int]:
        """Return a smaller pair for what goes first."""
        is_copy = is_among(each, copies)
        recency = -ran.training.recency(each.model)
        if each.name in wanted:
            return wanted.index(each.name), recency
        if any(part in each.name.lower() for part in KEPT_COPIES) and (is_copy or len(trained) > 1):
            return len(wanted), recency
        if is_copy:
            return len(wanted) + 3, recency
        return len(wanted) + (1 if each.name or not named else 2), recency

    return sorted([*trained, *copies], key=rank)


def is_among(value: Any, others: list[Any]) -> bool:
    """Whether this very object is among others; models have an `==` of their own."""
    return any(value is each for each in others)


def is_trained(ran: Ran, model: Any) -> bool:
    """Whether weights of a network were stepped, fit or loaded."""
    if is_among(model, ran.training.touched):
        return True
    return bool(ran.training.parameters() & weights(model))


def shape_of(model: Any) -> tuple[Any, ...]:
    """Return the shapes of a network's weights: copies have the same."""
    if is_keras(model):
        return tuple(tuple(each.shape) for each in model.weights)
    return tuple(tuple(each.shape) for each in model.parameters())


def ensembles(ran: Ran, trained: list[Candidate]) -> Iterator[Candidate]:
    """Yield lists of trained networks whose names say that they answer together."""
    models = [each.model for each in trained]
    for name, value in ran.names.items():
        is_named_so = any(part in name.lower() for part in ENSEMBLES)
        if not is_named_so or not isinstance(value, list | tuple) or len(value) < 2:
            continue
        if all(is_among(each, models) for each in value):
            yield Candidate(list(value), name)


def trained_or_refuse(
    ran: Ran, networks: list[Candidate], wanted: Sequence[str]
) -> list[Candidate]:
    """Return networks that no optimizer stepped, where gradients were asked for all the same.

    Weights may be stepped by hand. Refused is what nothing was done to.
    """
    if not ran.training.happened and ran.was_stopped:
        raise nothing_left(ran, wanted)
    if not ran.training.happened:
        raise Problem(
            Trouble.NOT_DEFINED,
            f"{ran.file} leaves a model but trained nothing: no optimizer took a step. "
            "Is the training loop called?",
        )
    places = {name: place for place, name in enumerate(wanted)}
    return sorted(networks, key=lambda each: places.get(each.name, len(places)))


# Everything else.


def plain_models(ran: Ran, wanted: Sequence[str]) -> Iterator[Candidate]:
    """Yield models other than networks: of scikit-learn, of JAX, a script's own."""
    if ran.training.estimators:
        last = ran.training.estimators[-1]
        named = [name for name, value in ran.names.items() if value is last]
        yield Candidate(last, named[0] if named else type(last).__name__)
    yield from (Candidate(each) for each in jax_models.models_among(ran.names))
    names = ran.names
    parameters = first_of(names, PARAMETER_NAMES)
    if parameters is not None:
        functions: list[Callable[..., Any]] = []
        for name in (*FUNCTION_NAMES, *wanted):
            value = names.get(name)
            if is_function(value) and takes_two(value):
                functions.append(value)
        if functions:
            yield Candidate(
                Parameters(parameters, functions), getattr(functions[0], "__name__", "")
            )
    yield from own_objects(ran, wanted)
    yield from own_functions(ran, wanted)


def own_objects(ran: Ran, wanted: Sequence[str]) -> Iterator[Candidate]:
    """Yield objects of the script's own classes that can answer a batch."""
    found = []
    for name, value in ran.names.items():
        is_own = getattr(type(value), "__module__", "") in ("__main__", *own_modules(ran))
        if not is_own or inspect.isclass(value) or is_model(value):
            continue
        if any(callable(getattr(value, method, None)) for method in METHOD_NAMES):
            found.append(Candidate(value, name))
    found.sort(key=lambda each: each.name not in wanted)
    yield from found


def own_modules(ran: Ran) -> list[str]:
    """Return the names of the modules that lie beside the script."""
    folder = ran.training.folder
    found = []
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if folder and isinstance(file, str) and file.startswith(folder):
            found.append(name)
    return found


def own_functions(ran: Ran, wanted: Sequence[str]) -> Iterator[Candidate]:
    """Yield functions that answer inputs alone, with every other argument among the names."""
    names = ran.names
    for name in (*wanted, *FUNCTION_NAMES):
        value = names.get(name)
        if not is_function(value) or getattr(value, "__module__", "") not in (
            "__main__",
            "builtins",
            *own_modules(ran),
        ):
            continue
        for function in bound(value, names):
            yield Candidate(Parameters(None, [function]), name)


def bound(function: Callable[..., Any], names: dict[str, Any]) -> Iterator[Callable[..., Any]]:
    """Yield functions (nothing, inputs) that fill in the arguments which are names of the script.

    The one that is left takes the inputs: `forward(x, w1, b1)` where w1 and b1 are globals.
    """
    parameters = parameters_of(function)
    if parameters is None:
        return
    needed = [each for each in parameters if each.default is each.empty]
    if any(each.kind not in POSITIONAL for each in needed) or not parameters:
        return
    if len(needed) <= 1:
        yield lambda _, batch: function(batch)
        return
    open_ones = [each.name for each in needed if each.name not in names]
    inputs = open_ones or [needed[0].name, needed[-1].name]
    if len(open_ones) > 1:
        return

    def with_names(taken: str) -> Callable[..., Any]:
        others = {each.name: names[each.name] for each in needed if each.name != taken}
        return lambda _, batch: function(**{taken: batch}, **others)

    for taken in inputs:
        yield with_names(taken)


def nothing_left(ran: Ran, wanted: Sequence[str]) -> Problem:
    """Return what to say where a script leaves no model."""
    if ran.was_stopped:
        return Problem(
            Trouble.TIME_UP,
            f"{ran.file} was not finished within {CLOCK.seconds:.0f} s, and had trained no model "
            "by then that could be taken as it stands",
        )
    return Problem(
        Trouble.NOT_DEFINED,
        f"{ran.file} ran to its end and left no model; expected a global `{wanted[0]}`, "
        "or `params` with predict(params, inputs), or train(data)"
        f"{slips.about_train(ran.names)}",
    )


def first_of(names: dict[str, Any], wanted: Sequence[str]) -> Any:
    """Return the value of the first of these names that has one, else None."""
    for name in wanted:
        if names.get(name) is not None:
            return names[name]
    return None


def is_function(value: Any) -> TypeGuard[Callable[..., Any]]:
    """Whether a value can be called, and is not a class."""
    return callable(value) and not inspect.isclass(value)


def takes_two(function: Callable[..., Any]) -> bool:
    """Whether a function can be called with exactly two arguments, neither of them a loader."""
    parameters = parameters_of(function)
    if parameters is None:
        return False
    positional = [each for each in parameters if each.kind in POSITIONAL]
    if any("loader" in each.name for each in positional):
        return False
    without_default = [each for each in parameters if each.default is each.empty]
    required = [each for each in without_default if each.kind in POSITIONAL_OR_NAMED]
    return len(required) <= 2 <= len(positional)

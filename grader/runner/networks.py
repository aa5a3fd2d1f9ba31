"""Networks and their weights, whatever framework they are of.

With Keras on PyTorch a model is a network of both; Keras goes first. No framework is imported here:
what the submission has not imported, its objects cannot be of.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass
class Parameters:
    """Parameters without a network around them, and functions (parameters, inputs) of them."""

    values: Any
    functions: list[Callable[..., Any]]


def is_keras(value: Any) -> bool:
    """Whether a value is a Keras model."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(value, keras.Model)


def is_torch(value: Any) -> bool:
    """Whether a value is a PyTorch module; a Keras model on PyTorch is one too."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.nn.Module)


def is_estimator(value: Any) -> bool:
    """Whether a value is an estimator of scikit-learn."""
    base = sys.modules.get("sklearn.base")
    return base is not None and isinstance(value, base.BaseEstimator)


def is_torch_alone(value: Any) -> bool:
    """Whether a value is a PyTorch module, and no Keras model."""
    return is_torch(value) and not is_keras(value)


def is_model(value: Any) -> bool:
    """Whether a value is a network with weights, and not a loss."""
    if is_keras(value):
        return bool(value.weights)
    if not is_torch(value) or isinstance(value, sys.modules["torch"].nn.modules.loss._Loss):
        return False
    return any(True for _ in value.parameters())


def weights(model: Any) -> set[int]:
    """Return the ids of a network's weights."""
    tensors = model.trainable_variables if is_keras(model) else model.parameters()
    return set(map(id, tensors))


def parameters_of(optimizer: Any) -> list[Any]:
    """Return the parameter tensors that an optimizer holds."""
    if hasattr(optimizer, "param_groups"):
        return [each for group in optimizer.param_groups for each in group["params"]]
    return list(getattr(optimizer, "_trainable_variables", ()))


def models_with(parameters: set[int]) -> list[Any]:
    """Return the outermost living networks that hold any of these weights, given by their ids.

    All living objects are looked through: a training loop in a function leaves no name behind by
    which its model could be found.
    """
    found: list[Any] = []
    for value in gc.get_objects():
        try:
            if is_network(value) and parameters & weights(value):
                found.append(value)
        except Exception:  # whatever a learner's object does when it is looked at
            continue
    return outermost(found)


def is_network(value: Any) -> bool:
    """Whether a value, any living object, is a network.

    It is known by its type alone: `isinstance` would also read `__class__`, which some objects
    compute, and one of PyTorch's own warns when it is read.
    """
    torch = sys.modules.get("torch")
    if torch is not None and issubclass(type(value), torch.nn.Module):
        return True
    keras = sys.modules.get("keras")
    return keras is not None and issubclass(type(value), keras.Model)


def outermost(models: list[Any]) -> list[Any]:
    """Return the networks that are not part of another one in the list, each once."""
    unique = list({id(model): model for model in models}.values())
    inner: set[int] = set()
    for model in unique:
        inner.update(id(part) for part in parts_of(model) if part is not model)
    return [model for model in unique if id(model) not in inner]


def parts_of(model: Any) -> Iterable[Any]:
    """Return a network and every network within it."""
    return list(model._flatten_layers() if is_keras(model) else model.modules())

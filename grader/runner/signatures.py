"""What a learner's function takes, as far as Python knows it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


def parameters_of(function: Callable[..., Any]) -> list[inspect.Parameter] | None:
    """Return a function's parameters; None where they are not known, as of compiled code."""
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None


def names_of(function: Callable[..., Any]) -> list[str]:
    """Return the names of a function's parameters; none where they are not known."""
    return [each.name for each in parameters_of(function) or ()]

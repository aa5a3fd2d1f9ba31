"""What a submission returns, as what can travel: plain arrays and texts.

Arrays of any library become NumPy's, in native byte order and a dtype of the closed list. Nothing
is guessed: a value in another form than was asked for is refused, and the message says what was
found and what was expected.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from . import frames
from .frames import Trouble
from .problem import Problem


class Travelling(NamedTuple):
    """A value that can travel."""

    value: np.ndarray | list[str]
    is_scalar: bool  # it was a Python number, or one text


def travelling(value: Any, function: str, label: str) -> Travelling:
    """Return a function's value as something that can travel; Problem where it cannot.

    label: what the task calls this value.
    """
    if isinstance(value, str):
        return Travelling([value], True)
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return Travelling(value, False)
    array = as_array(value)
    if array is None or array.dtype not in frames.CODES:
        dtype = "" if array is None else f" of dtype {array.dtype}"
        raise Problem(
            Trouble.WRONG_TYPE,
            f"{function}() returned {describe(value)}{dtype} for {label}; "
            "expected a NumPy array of numbers",
        )
    if array.ndim > frames.MAX_DIMENSIONS:
        raise Problem(
            Trouble.WRONG_TYPE,
            f"{function}() returned an array of {array.ndim} dimensions for {label}; "
            f"expected at most {frames.MAX_DIMENSIONS}",
        )
    return Travelling(array, isinstance(value, bool | int | float))


def as_array(value: Any) -> np.ndarray | None:
    """Return an array, tensor, number or nested list of numbers as NumPy's; None for all else."""
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        value = value.detach().cpu()
        value = value.float().numpy() if str(value.dtype) == "torch.bfloat16" else value.numpy()
    if isinstance(value, dict | set | str | bytes) or value is None:
        return None
    try:
        array = np.asarray(value)
    except Exception:
        return None
    if array.dtype.name == "bfloat16":  # JAX's and TensorFlow's; NumPy has none
        array = array.astype(np.float32)
    if array.dtype == object:
        return None
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def as_form(answer: Any, shape: tuple[int, ...], dtype: Any, what: str) -> np.ndarray:
    """Return a model's answer as a C-ordered array of exactly this shape and dtype.

    what: the form in words, for the message. Only the type of the numbers is changed: floats are
    never rounded to whole numbers, and numbers outside the range of `dtype` are refused.
    """
    first = answer[0] if isinstance(answer, tuple) and answer else answer
    array = as_array(first)
    if array is None or array.dtype not in frames.CODES:
        raise unexpected(describe(answer), what)
    is_whole = np.issubdtype(dtype, np.integer)
    if array.shape != shape or (is_whole and not np.issubdtype(array.dtype, np.integer)):
        raise unexpected(f"shape {array.shape} ({array.dtype})", what)
    if is_whole and array.size:
        bounds = np.iinfo(dtype)
        lowest = array.min()
        highest = array.max()
        if lowest < bounds.min or highest > bounds.max:
            raise unexpected(f"numbers from {lowest} to {highest}", what)
    return np.ascontiguousarray(array, dtype=dtype)


def unexpected(found: str, expected: str) -> Problem:
    """Return what to say of an answer that has another form than was asked for."""
    return Problem(Trouble.WRONG_TYPE, f"the model answered with {found}; expected {expected}")


def describe(value: Any) -> str:
    """Say briefly what a value is: its type, and its shape where it has one."""
    if value is None:
        return "None"
    name = type(value).__name__
    article = "an" if name[:1].lower() in "aeiou" or name == "ndarray" else "a"
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return f"{article} {name} of shape {tuple(shape)}"
    return f"{article} {name}"

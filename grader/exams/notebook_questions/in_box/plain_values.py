"""Plain values as a text and a block of bytes, and back.

Numbers, texts, arrays, tensors, and lists, tuples, sets and dicts of these are copied. Anything
else stays where it is: `keep` gives it a number, and `take` on the other side makes something of
that number. The text is JSON, a list for each value, whose first item says what it is. What a
learner's code answered is read in the tests' box alone, which holds nothing but the tests: whatever
stands in it comes out as values of Python's own types, or as Malformed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

MOST_DEPTH = 30
MOST_VALUES = 200_000
# Of one message, which the host looks at as well.
MOST_TEXT_BYTES = 2 << 20
MOST_BLOCK_BYTES = 64 << 20
# Rows of so many numbers of one type travel as an array: a text of them would be ten times as long.
LEAST_ROW = 32
LEAST_INT = -(2**63)
MOST_INT = 2**63 - 1
# Names of NumPy's types that travel: none of them holds objects.
DTYPES = frozenset(
    [
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "complex64", "complex128"),
    ]
)
Tree = list[Any]


class NotPlain(Exception):
    """A value that can neither be copied nor be named."""


class Malformed(Exception):
    """A text that is no value."""


class Kept(NamedTuple):
    """An object that stays where it is."""

    number: int
    kind: str  # the name of its type, for messages
    can_be_called: bool


class Packing:
    """One message that is being written."""

    def __init__(self, keep: Callable[[Any], Tree]) -> None:
        self.keep = keep
        self.blocks: list[bytes] = []
        self.size = 0
        self.values = 0

    def tree(self, value: Any, depth: int = 0) -> Tree:
        """Return a value as a list that JSON can hold."""
        self.values += 1
        if depth > MOST_DEPTH or self.values > MOST_VALUES:
            raise NotPlain("it is nested too deeply, or too large")
        if getattr(type(value), "stays_where_it_is", False):
            return self.keep(value)
        simple = simple_tree(value)
        if simple is not None:
            return simple
        array = as_array(value)
        if array is not None:
            return self.array_tree(value, array)
        row = as_row(value)
        if row is not None:
            return ["l" if isinstance(value, list) else "u", *self.block_of(row)]
        for mark, kind in (("l", list), ("u", tuple), ("e", set | frozenset)):
            if isinstance(value, kind) and not hasattr(value, "_fields"):
                return [mark, [self.tree(each, depth + 1) for each in value]]
        if isinstance(value, dict):
            pairs = [[self.tree(k, depth + 1), self.tree(v, depth + 1)] for k, v in value.items()]
            return ["d", pairs]
        return self.keep(value)

    def array_tree(self, value: Any, array: np.ndarray) -> Tree:
        mark = "a"
        if is_tensor(value):
            mark = "t"
        elif isinstance(value, np.generic):
            mark = "x"
        return [mark, *self.block_of(array)]

    def block_of(self, array: np.ndarray) -> Tree:
        """Put the bytes of an array into the block; returns type, shape and where they begin."""
        start = self.size
        self.size += array.nbytes
        if self.size > MOST_BLOCK_BYTES:
            raise NotPlain(f"it is larger than {MOST_BLOCK_BYTES >> 20} MiB")
        self.blocks.append(np.ascontiguousarray(array).tobytes())
        return [array.dtype.name, list(array.shape), start]


def simple_tree(value: Any) -> Tree | None:
    """Return a number, a text, None or a slice as a list; None for anything else."""
    if value is None:
        return ["n"]
    if value is Ellipsis:
        return ["..."]
    if isinstance(value, bool):
        return ["b", bool(value)]
    if isinstance(value, np.generic):
        return None
    if isinstance(value, int):
        return ["i", str(int(value))]
    if isinstance(value, float):
        return ["f", float(value)]
    if isinstance(value, complex):
        return ["z", value.real, value.imag]
    if isinstance(value, str):
        return ["s", str(value)]
    if isinstance(value, slice):
        parts = [simple_tree(each) for each in (value.start, value.stop, value.step)]
        return None if None in parts else ["c", *parts]
    return None


def as_row(value: Any) -> np.ndarray | None:
    """Return a long list or tuple of nothing but int or nothing but float as an array."""
    if type(value) not in (list, tuple) or len(value) < LEAST_ROW:
        return None
    kinds = set(map(type, value))
    if kinds == {float}:
        return np.array(value, np.float64)
    if kinds == {int} and min(value) >= LEAST_INT and max(value) <= MOST_INT:
        return np.array(value, np.int64)
    return None


def is_tensor(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, getattr(torch, "Tensor", ()))


def as_array(value: Any) -> np.ndarray | None:
    """Return an array or a tensor of any framework as NumPy's; None for anything else."""
    if is_tensor(value):
        value = value.detach().cpu()
        value = value.float() if str(value.dtype) == "torch.bfloat16" else value
        value = value.numpy()
    elif type(value).__name__ in ("EagerTensor", "ArrayImpl") and hasattr(value, "__array__"):
        value = np.asarray(value)
    if not isinstance(value, np.ndarray | np.generic):
        return None
    array = np.asarray(value)
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    return array if array.dtype.name in DTYPES else None


def packed(value: Any, keep: Callable[[Any], Tree]) -> tuple[str, np.ndarray]:
    """Return a value as a text and the bytes of its arrays, uint8 (n,). Raises NotPlain."""
    packing = Packing(keep)
    text = json.dumps(packing.tree(value))
    if len(text) > MOST_TEXT_BYTES:
        raise NotPlain(f"it is larger than {MOST_TEXT_BYTES >> 20} MiB of text")
    return text, np.frombuffer(b"".join(packing.blocks), np.uint8)


def refuse(value: Any) -> Tree:
    """A `keep` that keeps nothing."""
    raise NotPlain(f"a value of the type {type(value).__name__} stays where it is")


def unpacked(text: str, block: np.ndarray, take: Callable[[Kept | str], Any]) -> Any:
    """Return the value in a message.

    take: gets what was kept on the other side, or the full name of something that can be imported.
    Raises Malformed, and whatever `take` raises.
    """
    try:
        tree = json.loads(text)
        return Unpacking(block.tobytes(), take).value(tree, 0)
    except (ValueError, TypeError, IndexError, KeyError, RecursionError, OverflowError) as error:
        raise Malformed(f"the answer is no value ({type(error).__name__})") from None


class Unpacking:
    """One message that is being read."""

    def __init__(self, block: bytes, take: Callable[[Kept | str], Any]) -> None:
        self.block = block
        self.take = take
        self.values = 0

    def value(self, tree: Any, depth: int) -> Any:
        self.values += 1
        if depth > MOST_DEPTH or self.values > MOST_VALUES or not isinstance(tree, list):
            raise ValueError("too deep, too large, or no list")
        mark, *rest = tree
        if mark in READ_SIMPLE:
            return READ_SIMPLE[mark](*rest)
        if mark in ("a", "t", "x"):
            return self.array(mark, *rest)
        if mark == "c":
            return slice(*(self.value(each, depth + 1) for each in rest))
        if mark == "d":
            pairs = rest[0]
            return {self.value(k, depth + 1): self.value(v, depth + 1) for k, v in pairs}
        if mark in CONTAINERS and isinstance(rest[0], str):
            return CONTAINERS[mark](self.array("a", *rest).ravel().tolist())
        if mark in CONTAINERS:
            return CONTAINERS[mark](self.value(each, depth + 1) for each in rest[0])
        if mark == "o":
            return self.take(Kept(int(rest[0]), str(rest[1]), bool(rest[2])))
        if mark == "m":
            return self.take(str(rest[0]))
        raise ValueError("no known mark")

    def array(self, mark: str, dtype: str, shape: list[int], start: int) -> Any:
        if dtype not in DTYPES or start < 0:
            raise ValueError("no type that travels")
        count = 1
        for side in shape:
            if type(side) is not int or side < 0:
                raise ValueError("no side of an array")
            count *= side
        array = np.frombuffer(self.block, dtype, count=count, offset=start) if count else None
        made = np.zeros(shape, dtype) if array is None else array.reshape(shape).copy()
        if mark == "x":
            return made[()]
        if mark == "t":
            import torch

            return torch.from_numpy(made)
        return made


READ_SIMPLE: dict[str, Callable[..., Any]] = {
    "n": lambda: None,
    "...": lambda: Ellipsis,
    "b": bool,
    "i": int,
    "f": float,
    "z": complex,
    "s": str,
}
CONTAINERS: dict[str, Callable[..., Any]] = {"l": list, "u": tuple, "e": set}

"""What a training trace says to the host: the losses as they came, and a few counts.

Losses are found where gradients are asked for (PyTorch, TensorFlow's tapes), taken from what Keras
returns, or given by the learner with `data.log`. Counted are steps and gradients, and which of the
model's parameters an optimizer held and training changed. What cannot be looked at is left out:
nothing here may disturb a training.
"""

from __future__ import annotations

import math
import sys
import time
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np

from .curve import Curve, detached, is_number, number_of
from .frames import TRACE_NUMBERS, LossSource
from .networks import is_torch_alone, parameters_of

MOST_NODES = 20_000  # of a graph, looked through for parameters
PRINT_SECONDS = 0.5
MOST_NAMES = 8  # printed of what is logged beside a loss
MOST_CHARACTERS = 40  # of each

References = dict[int, weakref.ref[Any]]  # id -> the object, as long as it lives
Mark = tuple[float, float]  # the sum of a parameter's numbers and their norm: has it moved?


class Account:
    """What is recorded of one training. It is closed when the training is over."""

    def __init__(self) -> None:
        self.gradients = Curve()
        self.epochs = Curve()
        self.logged = Curve()
        self.backwards = 0
        self.steps = 0
        self.numbers: np.ndarray | None = None  # what travels; see `take`
        self._is_open = True
        # optimizer -> how many of its parameter groups were looked at
        self._groups: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._held: References = {}  # parameters that an optimizer stepped
        # Parameters, and their marks from before the first gradient.
        self._marks: dict[int, tuple[weakref.ref[Any], Mark]] = {}
        # What a gradient scaler made of a loss, and the loss itself.
        self._scaled: tuple[weakref.ref[Any], Any] | None = None
        self._has_refused = False
        self._print_at = 0.0
        self._unprinted: tuple[Any, dict[str, Any]] | None = None  # a loss, and what came with it

    # What PyTorch shows.

    def gradient(self, loss: Any, is_loss: bool = True) -> None:
        """Note that a gradient is asked of this tensor.

        is_loss: by backward(), which training loops call on their loss.
        """
        if not self._is_open:
            return
        self.backwards += 1
        try:
            if self.backwards == 1:
                self._mark(loss)
            if is_loss and loss.numel() == 1:
                self.gradients.note(self._unscaled(loss))
        except Exception:  # several tensors at once, or whatever a learner gives in their place
            pass

    def _mark(self, loss: Any) -> None:
        """Remember where the parameters behind a loss are before they first move."""
        marks = {id(each): (weakref.ref(each), mark_of(each)) for each in leaves(loss)}
        self._marks = marks

    def _unscaled(self, loss: Any) -> Any:
        """Return the loss that a gradient scaler was given, if this is what it made of it."""
        if self._scaled is not None and self._scaled[0]() is loss:
            return self._scaled[1]
        return loss

    def scale(self, loss: Any, scaled: Any) -> None:
        """Note that a gradient scaler made `scaled` of a loss."""
        if scaled is not loss and hasattr(scaled, "detach"):
            self._scaled = (weakref.ref(scaled), loss.detach())

    def step(self, optimizer: Any) -> None:
        """Note a step of one of PyTorch's optimizers, and at the first one what it holds."""
        if not self._is_open:
            return
        self.steps += 1
        try:
            count = len(optimizer.param_groups)
            if self._groups.get(optimizer) != count:
                self._groups[optimizer] = count
                for each in parameters_of(optimizer):
                    self._held[id(each)] = weakref.ref(each)
        except Exception:  # whatever a learner's optimizer does when it is looked at
            pass

    # What TensorFlow and Keras show.

    def tape(self, loss: Any) -> None:
        """Note that a tape is asked for the gradient of this; in a tf.function it has no number."""
        try:
            if self._is_open and is_number(loss):
                self.gradients.note(loss)
        except Exception:  # symbolic
            pass

    def batch(self, answer: Any) -> None:
        """Take the loss that train_on_batch returns: alone, first of a list, or by name."""
        if isinstance(answer, dict):
            answer = answer.get("loss")
        elif isinstance(answer, list) and answer:
            answer = answer[0]
        if self._is_open and is_number(answer):
            self.logged.note(answer)

    def fit(self, history: Any) -> None:
        """Take the losses that Keras' fit returns, one an epoch."""
        by_name = getattr(history, "history", None)
        losses = by_name.get("loss") if isinstance(by_name, dict) else None
        if not self._is_open or not isinstance(losses, list):
            return
        for loss in losses:
            if is_number(loss):
                self.epochs.note(loss)

    # What the learner logs.

    def log(self, loss: Any, others: dict[str, Any]) -> None:
        """Take a loss, and print it with the others now and then.

        What is not a number is left out; that is said once.
        """
        if not self._is_open:
            return
        if loss is not None and not is_number(loss):
            self._refuse(loss)
            loss = None
        if loss is not None:
            self.logged.note(loss)
        self._unprinted = (detached(loss), others)
        now = time.monotonic()
        if now >= self._print_at:
            self._print_at = now + PRINT_SECONDS
            self._print()

    def _refuse(self, loss: Any) -> None:
        if not self._has_refused:
            print(
                f"data.log: the loss is {type(loss).__name__}, not a single number; it is left out"
            )
        self._has_refused = True

    def _print(self) -> None:
        if self._unprinted is None:
            return
        loss, others = self._unprinted
        self._unprinted = None
        pairs = list(others.items())[:MOST_NAMES]
        if loss is not None:
            pairs.insert(0, ("loss", loss))
        texts = [f"{name} {shown(value)}"[: 2 * MOST_CHARACTERS] for name, value in pairs]
        if texts:
            print("  ".join(texts))

    # The end.

    def close(self, model: Any) -> None:
        """Training is over and left this model: keep what travels, forget the rest."""
        if not self._is_open:
            return
        self._is_open = False
        try:
            self._print()
            self.numbers = self._packed(model)
        except Exception:  # a learner's object that cannot be looked at: there is no trace
            self.numbers = None
        self._held = {}
        self._marks = {}
        self._scaled = None
        self._unprinted = None
        self.gradients = self.epochs = self.logged = Curve()

    def take(self) -> np.ndarray | None:
        """Return what travels, once.

        None while training goes on, where nothing was trained, or when it was taken before.
        """
        numbers = self.numbers
        self.numbers = None
        if not isinstance(numbers, np.ndarray) or numbers.shape != (TRACE_NUMBERS,):
            return None
        return numbers.astype(np.float64)

    def _packed(self, model: Any) -> np.ndarray:
        """Return what travels, float64 (TRACE_NUMBERS,).

        A number for each of TRACE_NAMES, NaN where it is not known, then the losses, then zeros.
        """
        source, curve = self._best_curve()
        losses = curve.values()
        counts = self._counts(model)
        head = [source, curve.count, curve.every, len(losses), *counts]
        packed = np.zeros(TRACE_NUMBERS)
        packed[: len(head)] = head
        packed[len(head) : len(head) + len(losses)] = losses
        return packed

    def _best_curve(self) -> tuple[LossSource, Curve]:
        """Return the most telling curve that has any loss: one a step, one an epoch, or logged."""
        if not self.gradients.count and self.epochs.count:
            return LossSource.EPOCHS, self.epochs
        if not self.gradients.count and self.logged.count:
            return LossSource.LOGGED, self.logged
        return LossSource.GRADIENTS, self.gradients

    def _counts(self, model: Any) -> tuple[float, float, float, float]:
        """Return steps, gradients asked for, and shares of parameters held and moved.

        NaN is for what is not known. That there was no step says something of a network of PyTorch
        alone, and only if gradients were asked for: other models are trained in other ways.
        """
        is_network = is_torch_alone(model)
        held, moved = self._shares(model) if is_network else (math.nan, math.nan)
        if not self.backwards and not self.steps:
            return math.nan, math.nan, held, moved
        steps = self.steps if self.steps or is_network else math.nan
        return steps, self.backwards, held, moved

    def _shares(self, model: Any) -> tuple[float, float]:
        """Return which shares of a network's parameters an optimizer held, and training moved.

        A network of which no parameter was seen is a copy of what was trained: nothing is known.
        """
        own = list(model.parameters())
        held = sum(is_in(self._held, each) for each in own)
        marked = [each for each in own if self._has_mark(each)]
        if not held and not marked:
            return math.nan, math.nan
        held_share = held / len(own)
        if not marked:
            return held_share, math.nan
        moved = sum(mark_of(each) != self._marks[id(each)][1] for each in marked)
        return held_share, moved / len(marked)

    def _has_mark(self, parameter: Any) -> bool:
        known = self._marks.get(id(parameter))
        return known is not None and known[0]() is parameter


def is_in(known: References, parameter: Any) -> bool:
    """Whether this very object is referred to: an id may be given again once its owner is gone."""
    return id(parameter) in known and known[id(parameter)]() is parameter


def leaves(loss: Any) -> Iterator[Any]:
    """Yield the parameters that a tensor was computed from."""
    seen: set[Any] = set()
    open_nodes = [loss.grad_fn]
    while open_nodes and len(seen) < MOST_NODES:
        node = open_nodes.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            yield node.variable
        open_nodes.extend(each for each, _ in node.next_functions)


def mark_of(parameter: Any) -> Mark:
    """Return two numbers that hardly stay the same if any of a parameter's does not.

    No copy is made: a training that fits into memory must fit with its trace.
    """
    torch = sys.modules["torch"]
    values = parameter.detach()
    total = values.sum(dtype=torch.float64)
    norm = torch.linalg.vector_norm(values, dtype=torch.float64)
    return float(total), float(norm)


def shown(value: Any) -> str:
    """Return a value as it is printed: a number in four digits, else the beginning of its text."""
    try:
        if is_number(value):
            return f"{number_of(value):.4g}"
        return " ".join(str(value).split())[:MOST_CHARACTERS]
    except Exception:  # it has no text
        return "?"

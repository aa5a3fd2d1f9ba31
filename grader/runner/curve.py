"""What is told of a training besides its model: the losses as they came, and a few counts.
Evidence, never a score.

Losses are found where gradients are asked for (PyTorch, TensorFlow's tapes), taken from what Keras
returns, or given by the learner with `data.log`. A curve is thinned while it grows: once there is
no room, every second loss goes and from then on only every second one is kept, so that those kept
are always equally far apart. Of the others only the newest is remembered, so that the last loss is
told as well. What cannot be looked at is left out; nothing here may disturb a training.
"""

from __future__ import annotations

import math
import sys
import time
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np

from .frames import MOST_LOSSES, TRACE_NUMBERS, Source

WAITING = 64  # losses on an accelerator are read so many at once: each reading waits for it
MOST_NODES = 20_000  # of a graph, looked through for parameters
PRINT_SECONDS = 0.5
MOST_NAMES, MOST_CHARACTERS = 8, 40  # of what is logged beside a loss

Mark = tuple[
    float, float
]  # what tells whether a parameter moved: the sum of its numbers, and their norm


class Curve:
    """Numbers as they come: at most MOST_LOSSES of them, equally far apart, and the last one."""

    def __init__(self) -> None:
        self.count = 0
        self.every = 1  # kept is each one whose place is a multiple of this
        self._kept: list[Any] = []
        self._read = 0  # so many of those kept are plain numbers
        self._last: Any = None

    def note(self, value: Any) -> None:
        """Take the next number, or a tensor of one element."""
        place = self.count
        if len(self._kept) == MOST_LOSSES - 1 and place % self.every == 0:
            self._thin()
        if place % self.every:
            self._last = detached(value)
        else:
            self._keep(value)
        self.count = place + 1  # not of one that raised

    def _thin(self) -> None:
        """Let every second one go: the first stays, and as their number is odd the newest does."""
        self._look()
        self._kept = self._kept[::2]
        self._read = len(self._kept)
        self.every *= 2

    def _keep(self, value: Any) -> None:
        if getattr(value, "is_cpu", True) and self._read == len(self._kept):
            self._kept.append(number_of(value))
            self._read += 1
        else:
            self._kept.append(detached(value))
            if len(self._kept) - self._read >= WAITING:
                self._look()

    def _look(self) -> None:
        """Make plain numbers of those kept that are none yet."""
        self._kept[self._read :] = numbers_of(self._kept[self._read :])
        self._read = len(self._kept)

    def values(self) -> list[float]:
        """Return what is kept, the last number at the end."""
        self._look()
        ends = bool(self.count) and (self.count - 1) % self.every == 0
        return self._kept if ends or not self.count else [*self._kept, *numbers_of([self._last])]


class Account:
    """What one training tells. It is closed once the training is over, and then takes nothing
    more.
    """

    def __init__(self) -> None:
        self.gradients, self.epochs, self.logged = Curve(), Curve(), Curve()
        self.backwards = self.steps = 0
        self.numbers: np.ndarray | None = None  # what travels; see `take`
        self._is_open = True
        self._groups: weakref.WeakKeyDictionary[Any, int] = (
            weakref.WeakKeyDictionary()
        )  # optimizer -> groups looked at
        self._held: dict[int, weakref.ref[Any]] = {}  # parameters that an optimizer stepped
        self._marks: dict[
            int, tuple[weakref.ref[Any], Mark]
        ] = {}  # of parameters, before the first gradient
        self._scaled: tuple[weakref.ref[Any], Any] | None = (
            None  # a loss made larger for its gradients, and itself
        )
        self._says_no_more = False
        self._print_at = 0.0
        self._unprinted: tuple[Any, dict[str, Any]] | None = None

    # What PyTorch shows.

    def gradient(self, loss: Any, is_loss: bool = True) -> None:
        """Note that a gradient is asked of this tensor. is_loss: by backward(), which training
        loops call.
        """
        if not self._is_open:
            return
        self.backwards += 1
        try:
            if self.backwards == 1:
                self._marks = {
                    id(each): (weakref.ref(each), mark_of(each)) for each in leaves(loss)
                }
            if is_loss and loss.numel() == 1:
                known = self._scaled
                self.gradients.note(known[1] if known is not None and known[0]() is loss else loss)
        except Exception:  # several tensors at once, or whatever a learner gives in their place
            pass

    def scale(self, loss: Any, scaled: Any) -> None:
        """Note that a gradient scaler made `scaled` of a loss."""
        if scaled is not loss and hasattr(scaled, "detach"):
            self._scaled = weakref.ref(scaled), loss.detach()

    def step(self, optimizer: Any) -> None:
        """Note a step of one of PyTorch's optimizers, and at the first one what it holds."""
        if not self._is_open:
            return
        self.steps += 1
        try:
            count = len(optimizer.param_groups)
            if self._groups.get(optimizer) != count:
                self._groups[optimizer] = count
                every = [each for group in optimizer.param_groups for each in group["params"]]
                self._held |= {id(each): weakref.ref(each) for each in every}
        except Exception:  # whatever a learner's optimizer does when it is looked at
            pass

    # What TensorFlow and Keras show.

    def tape(self, loss: Any) -> None:
        """Note that a gradient tape is asked for the gradient of this; inside of a tf.function it
        has no number.
        """
        try:
            if self._is_open and is_number(loss):
                self.gradients.note(loss)
        except Exception:  # symbolic
            pass

    def batch(self, answer: Any) -> None:
        """Take the loss that Keras' train_on_batch returns, alone, first of a list or by name."""
        if isinstance(answer, dict):
            answer = answer.get("loss")
        elif isinstance(answer, list) and answer:
            answer = answer[0]
        if self._is_open and is_number(answer):
            self.logged.note(answer)

    def fit(self, history: Any) -> None:
        """Take the losses that Keras' fit returns, one an epoch."""
        losses = getattr(history, "history", None)
        losses = losses.get("loss", ()) if self._is_open and isinstance(losses, dict) else ()
        for loss in losses if isinstance(losses, list) else ():
            if is_number(loss):
                self.epochs.note(loss)

    # What the learner tells.

    def log(self, loss: Any, others: dict[str, Any]) -> None:
        """Take a loss, and print it with the others now and then. What is no number is said once
        and left out.
        """
        if not self._is_open:
            return
        if loss is not None and not is_number(loss):
            if not self._says_no_more:
                print(
                    f"data.log: loss is {type(loss).__name__}, which is no single number; it is left out"
                )
            self._says_no_more, loss = True, None
        if loss is not None:
            self.logged.note(loss)
        now = time.monotonic()
        self._unprinted = detached(loss), others
        if now >= self._print_at:
            self._print_at = now + PRINT_SECONDS
            self._print()

    def _print(self) -> None:
        if self._unprinted is not None:
            (loss, others), self._unprinted = self._unprinted, None
            pairs = ([] if loss is None else [("loss", loss)]) + list(others.items())[:MOST_NAMES]
            if pairs:
                print(
                    "  ".join(
                        f"{name} {shown(value)}"[: 2 * MOST_CHARACTERS] for name, value in pairs
                    )
                )

    # The end.

    def close(self, model: Any) -> None:
        """Training is over and left this model: put what is told into numbers, and forget the
        rest.
        """
        if not self._is_open:
            return
        self._is_open = False
        try:
            self._print()
            self.numbers = self._packed(model)
        except Exception:  # a learner's object that cannot be looked at: nothing is told
            self.numbers = None
        self._held, self._marks, self._scaled, self._unprinted = {}, {}, None, None
        self.gradients = self.epochs = self.logged = Curve()

    def take(self) -> np.ndarray | None:
        """Return what travels, once; None while training goes on, where nothing was trained, or
        later.
        """
        numbers, self.numbers = self.numbers, None
        is_whole = isinstance(numbers, np.ndarray) and numbers.shape == (TRACE_NUMBERS,)
        return numbers.astype(np.float64) if numbers is not None and is_whole else None

    def _packed(self, model: Any) -> np.ndarray:
        """Return what travels, float64 (TRACE_NUMBERS,): a number for each of TRACE_NAMES, then the
        losses, then zeros.

        NaN stands for what is not known.
        """
        curves = {
            Source.GRADIENTS: self.gradients,
            Source.EPOCHS: self.epochs,
            Source.LOGGED: self.logged,
        }
        source = next((source for source, curve in curves.items() if curve.count), Source.GRADIENTS)
        curve = curves[source]
        losses = curve.values()
        head = [source, curve.count, curve.every, len(losses), *self._counts(model)]
        packed = np.zeros(TRACE_NUMBERS)
        packed[: len(head)] = head
        packed[len(head) : len(head) + len(losses)] = losses
        return packed

    def _counts(self, model: Any) -> Iterator[float]:
        """Yield steps, gradients asked for, and shares of the model's parameters held and moved;
        NaN if not known.

        That there was no step tells something of a network of PyTorch alone, and only if gradients
        were asked for: other models are trained in other ways. A network of which no parameter was
        seen is a copy of what was trained.
        """
        network = is_network(model)
        seen = bool(self.backwards or self.steps)
        yield self.steps if seen and (self.steps or network) else math.nan
        yield self.backwards if seen else math.nan
        own = list(model.parameters()) if network else []
        known = {key: ref for key, (ref, _) in self._marks.items()} | self._held
        if not any(is_in(known, each) for each in own):
            yield from (math.nan, math.nan)
            return
        yield sum(is_in(self._held, each) for each in own) / len(own)
        marked = [(each, self._marks[id(each)]) for each in own if id(each) in self._marks]
        moved = [mark_of(each) != mark for each, (ref, mark) in marked if ref() is each]
        yield sum(moved) / len(moved) if moved else math.nan


def is_network(value: Any) -> bool:
    """Whether a value is a network of PyTorch, and not of Keras on PyTorch."""
    torch, keras = sys.modules.get("torch"), sys.modules.get("keras")
    if torch is None or not isinstance(value, torch.nn.Module):
        return False
    return keras is None or not isinstance(value, keras.Model)


def is_in(known: dict[int, weakref.ref[Any]], parameter: Any) -> bool:
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
    """Return two numbers that hardly stay the same if any of a parameter's does not. No copy is
    made.
    """
    torch, values = sys.modules["torch"], parameter.detach()
    return (
        float(values.sum(dtype=torch.float64)),
        float(torch.linalg.vector_norm(values, dtype=torch.float64)),
    )


def detached(value: Any) -> Any:
    """Return a tensor without the graph that it was computed by; anything else as it is."""
    return value.detach() if hasattr(value, "detach") else value


def is_number(value: Any) -> bool:
    """Whether a value is one real number, of whatever library; a text of digits is none."""
    if isinstance(value, float | int):
        return True
    try:
        return hasattr(value, "__float__") and all(side == 1 for side in value.shape)
    except Exception:  # it has no shape, or an unknown one
        return False


def numbers_of(values: list[Any]) -> list[float]:
    """Return plain numbers; those of an accelerator are brought in one go where that can be."""
    torch = sys.modules.get("torch")
    if len(values) > 1 and torch is not None:
        try:
            numbers: list[float] = (
                torch.stack([each.reshape(()) for each in values]).double().tolist()
            )
        except Exception:  # they are of different kinds
            pass
        else:
            return numbers
    return [number_of(each) for each in values]


def number_of(value: Any) -> float:
    return float(value.item() if hasattr(value, "item") else value)


def shown(value: Any) -> str:
    """Return a value as it is printed: a number in four digits, else the beginning of its text on
    one line.
    """
    try:
        return (
            f"{number_of(value):.4g}"
            if is_number(value)
            else " ".join(str(value).split())[:MOST_CHARACTERS]
        )
    except Exception:  # it has no text
        return "?"

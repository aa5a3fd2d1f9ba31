"""What a training trace says to the host: the losses as they came, and a few counts.

Losses are found where gradients are asked for (PyTorch, TensorFlow's tapes), taken from the batches
and epochs of Keras' fit, or given by the learner with `data.log`. Counted are steps and gradients,
and which of the model's parameters an optimizer held and training changed. What cannot be looked at
is left out: nothing here may disturb a training.
"""

from __future__ import annotations

import contextlib
import math
import time
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np

from .curve import Curve, detached, is_number, number_of
from .frames import TRACE_NUMBERS, LossSource
from .gradients import Reach, lag_of, listed_of
from .networks import is_torch_alone

MOST_NODES = 20_000  # of a graph, looked through for parameters
PRINT_SECONDS = 0.5
MOST_NAMES = 8  # printed of what is logged beside a loss
MOST_CHARACTERS = 40  # of each

OF_PARAMETERS = 6  # numbers about the model's parameters
# What Keras calls the losses that begin at ln(classes).
CROSS_ENTROPIES = ("sparse_categorical_crossentropy", "categorical_crossentropy")


class Account:
    """What is recorded of one training. It is closed when the training is over."""

    def __init__(self) -> None:
        self.gradients = Curve()
        self.epochs = Curve()
        self.logged = Curve()
        self.backwards = 0
        self.steps = 0
        self.numbers: np.ndarray | None = None  # what travels; see `take`
        self.told: list[str] = []  # of the parameters that training never reached; see `Reach`
        self._is_open = True
        self.reach = Reach()
        self.batches = 0  # that Keras' fit trained on
        self.fitted = 0  # losses that a network of scikit-learn had after its last fit
        self.compared = 0  # gradients of JAX whose parameters could be told from those before
        self.updates = 0  # of these, how often they were others
        # 1 where the first loss was a cross-entropy of scores, 0 where it was another one
        self.is_cross_entropy = math.nan
        # What backward() was called on in the batch of Keras' fit that runs now; None outside.
        self._of_batch: list[Any] | None = None
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
                self.reach.mark(leaves(loss))
                self.is_cross_entropy = float(is_cross_entropy(loss))
            if is_loss and loss.numel() == 1:
                self._note_gradient(self._unscaled(loss))
        except Exception:  # several tensors at once, or whatever a learner gives in their place
            pass

    def _note_gradient(self, loss: Any) -> None:
        """Take a loss; in a batch of Keras' fit it waits for what fit tells of the batch."""
        if self._of_batch is None:
            self.gradients.note(loss)
        else:
            self._of_batch.append(loss.detach())

    def _unscaled(self, loss: Any) -> Any:
        """Return the loss that a gradient scaler was given, if this is what it made of it."""
        if self._scaled is not None and self._scaled[0]() is loss:
            return self._scaled[1]
        return loss

    def scale(self, loss: Any, scaled: Any) -> None:
        """Note that a gradient scaler made `scaled` of a loss."""
        if scaled is not loss and hasattr(scaled, "detach"):
            self._scaled = (weakref.ref(scaled), loss.detach())

    def before_step(self, optimizer: Any) -> None:
        """Note what one of PyTorch's optimizers holds before it first steps."""
        if not self._is_open:
            return
        with contextlib.suppress(Exception):  # whatever a learner's optimizer does
            self.reach.hold(optimizer)

    def step(self, optimizer: Any) -> None:
        """Note a step of one of PyTorch's optimizers, and the gradients it took."""
        if not self._is_open:
            return
        self.steps += 1
        with contextlib.suppress(Exception):  # whatever a learner's gradients do
            self.reach.look()

    # What JAX shows.

    def jax_gradient(self, loss: Any, is_other: bool | None) -> None:
        """Note a loss whose gradient was computed.

        is_other: for other parameters than the time before; None where that can't be known.
        """
        if not self._is_open:
            return
        self.backwards += 1
        self.gradients.note(loss)
        if is_other is not None:
            self.compared += 1
            self.updates += is_other

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

    def hold_variables(self, variables: Any) -> None:
        """Note what one of Keras' optimizers is about to step."""
        if not self._is_open:
            return
        with contextlib.suppress(Exception):  # whatever a learner's variables do
            self.reach.hold_variables(variables)

    def fit_batch_begins(self) -> None:
        """Note that Keras' fit begins a batch."""
        if self._is_open:
            self._of_batch = []

    def fit_batch(self, loss: Any, name: Any) -> None:
        """Note a batch of Keras' fit with its own loss, and what the loss is called.

        On PyTorch its backward() was seen as well. It is one step: what backward() was called on
        counts only where fit tells no loss, as with a train_step() of the learner's own.
        """
        if not self._is_open:
            return
        if not self.batches and isinstance(name, str):
            self.is_cross_entropy = float(name in CROSS_ENTROPIES)
        self.batches += 1
        if is_number(loss):
            self._of_batch = None
            self.gradients.note(loss)
        self.fit_batch_ended()

    def fit_batch_ended(self) -> None:
        """Take what still waits of a batch of Keras' fit: it told no loss, or was broken off."""
        waiting = self._of_batch or []
        self._of_batch = None
        if not self._is_open:
            return
        with contextlib.suppress(Exception):  # as with gradients that are asked for elsewhere
            for loss in waiting:
                self.gradients.note(loss)

    def fit(self, history: Any) -> None:
        """Take the losses that Keras' fit returns, one an epoch."""
        by_name = getattr(history, "history", None)
        losses = by_name.get("loss") if isinstance(by_name, dict) else None
        if not self._is_open or not isinstance(losses, list):
            return
        for loss in losses:
            if is_number(loss):
                self.epochs.note(loss)

    # What scikit-learn shows.

    def estimator(self, losses: list[Any]) -> None:
        """Take the losses that a network of scikit-learn keeps, those after its last fit alone.

        A fit that goes on where the last one ended keeps the earlier ones, too.
        """
        if not self._is_open:
            return
        known = self.fitted if len(losses) > self.fitted else 0
        for loss in losses[known:]:
            if is_number(loss):
                self.epochs.note(loss)
        self.fitted = len(losses)

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
        try:
            self.told = self.reach.report()
        except Exception:  # nor is anything told by name
            self.told = []
        self.reach = Reach()
        self._scaled = None
        self._of_batch = None
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

    def _counts(self, model: Any) -> list[float]:
        """Return steps, gradients asked for, and what is known of the model's parameters.

        NaN is for what is not known. That there was no step says something of a network of PyTorch
        alone, and only if gradients were asked for: other models are trained in other ways.
        """
        steps = self.steps or self.batches
        parameters = self._of_parameters(model, steps)
        if not self.backwards and not steps:
            return [math.nan, math.nan, *parameters]
        if self.compared and not steps:
            steps = self.updates + (self.updates > 0)  # and one after the last gradient
            return [steps, self.backwards, *parameters]
        counted = steps if steps or is_torch_alone(model) else math.nan
        return [counted, self.backwards or self.batches, *parameters]

    def _of_parameters(self, model: Any, steps: int) -> list[float]:
        """Return shares and counts of the model's parameters; NaN for what can't be looked at."""
        found = [math.nan] * OF_PARAMETERS
        try:
            networks = self.reach.networks_of(model)
            lags = [lag_of(each, steps) for each in networks]
            known = [each for each in lags if not math.isnan(each)]
            listed = float(sum(map(listed_of, networks))) if networks else math.nan
            shares = self.reach.shares(networks)
            found = [*shares.values(), listed, max(known, default=math.nan)]
        except Exception:  # whatever a learner's network does when it is looked at
            pass
        return [*found, self.is_cross_entropy]


def is_cross_entropy(loss: Any) -> bool:
    """Whether a loss of PyTorch comes straight from a mean negative log-likelihood.

    One that is divided, weighted or smoothed begins elsewhere than at ln(classes).
    """
    return type(loss.grad_fn).__name__.startswith("NllLoss")


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


def shown(value: Any) -> str:
    """Return a value as it is printed: a number in four digits, else the beginning of its text."""
    try:
        if is_number(value):
            return f"{number_of(value):.4g}"
        return " ".join(str(value).split())[:MOST_CHARACTERS]
    except Exception:  # it has no text
        return "?"

"""The runner's record of one training: what was trained, on what, and how the losses went.

A trace has two uses. In the box it says which of a script's models was trained, and in which form
inputs must reach it (`script`, `with_keras`). What goes to the host are its losses and counts
(`account`): evidence for the doctor and a curve to show, never scored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .after_training import Way, way_here
from .fed import LOOKING, ROWS, Fed, rows_of_array
from .networks import models_with, parameters_of, weights
from .trace_account import Account

MOST_SOURCES = 16
MOST_CALLS = 256  # of a network, looked at


@dataclass
class Training:
    """What was seen of one training."""

    optimizers: list[Any] = field(default_factory=list)  # every one that took a step
    # What they trained, kept alive: a main() drops its own model at its end.
    models: list[Any] = field(default_factory=list)
    backward: bool = False  # a gradient was asked for
    fed: list[Fed] = field(default_factory=list)
    texts: list[Any] = field(default_factory=list)  # tokenizers and vectorizers that saw texts
    estimators: list[Any] = field(default_factory=list)  # of scikit-learn, in the order of `fit`
    fitting: int = 0  # calls of fit that run now
    of_script: bool = False  # its models are found by what was trained
    folder: str = ""  # of the submission
    way: Way = field(default_factory=list)  # the submission's lines that led to the last training
    # id -> when an optimizer stepped last or a model was fit or given weights, by a count
    recent: dict[int, int] = field(default_factory=dict)
    moments: int = 0
    # networks of PyTorch, and rows of each argument they were given
    arguments: list[tuple[Any, list[np.ndarray]]] = field(default_factory=list)
    took_steps: bool = False  # at least one step of training is over
    looks: list[Any] = field(default_factory=list)  # at what networks are given, to be ended
    touched: list[Any] = field(default_factory=list)  # models that were fit or given weights
    # networks that other processes may train, and their weights before
    shared: list[tuple[Any, list[Any]]] = field(default_factory=list)
    account: Account = field(default_factory=Account)  # losses and counts, for the host

    def end_looks(self) -> None:
        """Look at no network's inputs any more: what it is asked from now on is no training."""
        for end in self.looks:
            end()
        self.looks.clear()

    def look_at_shared(self) -> None:
        """Note which networks other processes have trained: their weights are not what they were.

        Steps in another process are not seen here.
        """
        for model, before in self.shared:
            pairs = zip(model.parameters(), before, strict=False)
            if any(not bool((now == then).all()) for now, then in pairs):
                self.touch(model)
        self.shared.clear()

    def parameters(self) -> set[int]:
        """Return the ids of all weights that were stepped, or are of a model that was fit."""
        found: set[int] = set()
        for optimizer in self.optimizers:
            found.update(map(id, parameters_of(optimizer)))
        for fed in self.fed:
            if fed.whole:
                found |= weights(fed.model)
        return found

    @property
    def happened(self) -> bool:
        """Whether anything was trained at all."""
        fit = any(fed.whole for fed in self.fed)
        return bool(self.optimizers) or self.backward or fit or bool(self.touched)

    def step(self, optimizer: Any) -> None:
        """Note an optimizer's step; at its first one, the models it steps."""
        self.moments += 1
        self.took_steps = self.took_steps or not self.fitting
        self.recent[id(optimizer)] = self.moments
        if any(known is optimizer for known in self.optimizers):
            return
        self.optimizers.append(optimizer)
        self.way = way_here(self.folder)
        if not self.fitting:
            found = models_with(set(map(id, parameters_of(optimizer))))
            self.models.extend(found)
            for model in found:
                watch_inputs(self, model)

    def touch(self, model: Any) -> None:
        """Note that a model was fit just now, or given trained weights."""
        self.moments += 1
        self.recent[id(model)] = self.moments
        if not any(known is model for known in self.touched):
            self.touched.append(model)

    def fit_ended(self, model: Any) -> None:
        """Note a model that a library has trained."""
        self.touch(model)
        self.took_steps = True
        self.way = way_here(self.folder)

    def recency(self, model: Any) -> int:
        """Return when a model was last trained or given weights: larger is later, 0 is never."""
        moments = [self.recent.get(id(model), 0)]
        own = weights(model)
        for optimizer in self.optimizers:
            if own & set(map(id, parameters_of(optimizer))):
                moments.append(self.recent.get(id(optimizer), 0))
        return max(moments)

    def feed(self, fed: Fed) -> None:
        """Note what was given; of many sources the first and the newest are kept."""
        is_known = fed.source is not None and any(each.source is fed.source for each in self.fed)
        if not is_known:
            self.fed.append(fed)
        if len(self.fed) > MOST_SOURCES:
            del self.fed[MOST_SOURCES // 2]

    def arguments_of(self, model: Any) -> list[np.ndarray]:
        """Return rows of each argument that a model was seen to be given; empty if none was."""
        for known, rows in self.arguments:
            if known is model:
                return rows
        rows = self.rows_of(model)
        return [] if rows is None else [rows]

    def rows_of(self, model: Any) -> Any:
        """Return the rows that a model was seen to be given, or None."""
        for fed in reversed(self.fed):
            if fed.model is model and fed.rows is not None:
                return fed.rows
        return None

    def rows_kept_of(self, model: Any) -> int:
        """Return how many rows a model was seen to be given."""
        kept = 0
        for fed in self.fed:
            if fed.model is model and fed.rows is not None:
                kept += len(fed.rows)
        return kept

    def note_texts(self, owner: Any) -> None:
        """Note a tokenizer or vectorizer that learns its words."""
        if not any(each is owner for each in self.texts):
            self.texts.append(owner)


def watch_inputs(training: Training, model: Any) -> None:
    """Note what a network of PyTorch is given, from its next call on until enough was seen."""
    if not hasattr(model, "register_forward_pre_hook"):
        return
    seen: list[list[np.ndarray]] = []

    def look(module: Any, inputs: tuple[Any, ...], named: dict[str, Any]) -> None:
        if LOOKING.now:
            return
        calls.append(1)
        rows = [rows_of_array(each) for each in (*inputs, *named.values())]
        arrays = [each for each in rows if each is not None]
        if arrays and len(arrays) == len(rows) and (not seen or is_like(arrays, seen[0])):
            seen.append(arrays)
        if sum(len(each[0]) for each in seen) >= ROWS or len(calls) >= MOST_CALLS:
            end()

    def end() -> None:
        handle.remove()
        if seen and not any(each[0] is model for each in training.arguments):
            together = [np.concatenate(parts)[:ROWS] for parts in zip(*seen, strict=True)]
            training.arguments.append((model, together))
            training.feed(Fed(model, rows=together[0]))

    calls: list[int] = []
    handle = model.register_forward_pre_hook(look, with_kwargs=True)
    training.looks.append(end)


def is_like(arrays: list[np.ndarray], others: list[np.ndarray]) -> bool:
    """Whether rows have the same form as others, argument by argument."""
    return [each.shape[1:] for each in arrays] == [each.shape[1:] for each in others]


CURRENT: list[Training] = [Training()]


def current() -> Training:
    """Return the trace of the training that runs now, or ran last."""
    return CURRENT[0]


def begin(training: Training) -> Training:
    """Let everything that is seen from now on go into this trace."""
    CURRENT[:] = [training]
    return training

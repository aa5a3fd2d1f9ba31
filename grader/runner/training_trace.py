"""The runner's record of one training: what was trained, on what, and how the losses went.

A trace has two uses. In the box it says which of a script's models was trained, and in which form
inputs must reach it (`script`, `with_keras`). What goes to the host are its losses and counts
(`account`): evidence for the doctor and a curve to show, never scored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .fed import Fed
from .networks import models_with, parameters_of, weights
from .trace_account import Account

MOST_SOURCES = 16


@dataclass
class Training:
    """What was seen of one training."""

    optimizers: list[Any] = field(default_factory=list)  # every one that took a step
    # What they trained, kept alive: a main() drops its own model at its end.
    models: list[Any] = field(default_factory=list)
    backward: bool = False  # a gradient was asked for
    fed: list[Fed] = field(default_factory=list)
    texts: list[Any] = field(default_factory=list)  # tokenizers and vectorizers that saw texts
    fitting: int = 0  # calls of fit that run now
    of_script: bool = False  # its models are found by what was trained
    account: Account = field(default_factory=Account)  # losses and counts, for the host

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
        return bool(self.optimizers) or self.backward or any(fed.whole for fed in self.fed)

    def step(self, optimizer: Any) -> None:
        """Note an optimizer's first step, and the models it steps."""
        if any(known is optimizer for known in self.optimizers):
            return
        self.optimizers.append(optimizer)
        if not self.fitting:
            self.models.extend(models_with(set(map(id, parameters_of(optimizer)))))

    def feed(self, fed: Fed) -> None:
        """Note what was given; of many sources the first and the newest are kept."""
        is_known = fed.source is not None and any(each.source is fed.source for each in self.fed)
        if not is_known:
            self.fed.append(fed)
        if len(self.fed) > MOST_SOURCES:
            del self.fed[MOST_SOURCES // 2]

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


CURRENT: list[Training] = [Training()]


def current() -> Training:
    """Return the trace of the training that runs now, or ran last."""
    return CURRENT[0]


def begin(training: Training) -> Training:
    """Let everything that is seen from now on go into this trace."""
    CURRENT[:] = [training]
    return training

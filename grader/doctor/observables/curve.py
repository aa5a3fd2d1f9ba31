"""From a training trace to named numbers: how the losses went, and what else the runner counted.

All of it is the submission's word, for the runner that traces shares a process with the learner's
code. It serves as one sign beside a measured one, never alone.
"""

from __future__ import annotations

import numpy as np

from grader.doctor.observables.numbers import Numbers, relative
from grader.sandbox.training_trace import TrainingTrace

TRACED: dict[str, str] = {
    "first_loss": "first loss of the curve",
    "last_loss": "median of the last tenth of the curve",
    "worst_loss": "highest loss of the curve",
    "least_loss": "lowest loss of the curve",
    "broken_share": "share of losses that are not finite",
    "fall": "by what share the first loss fell by the end",
    "steps": "optimizer steps seen",
    "backwards": "gradients computed",
    "held": "share of the model's parameter tensors that an optimizer was given",
    "moved": "share of the model's parameter tensors seen before training that it changed",
    "reached": "share of the tensors an optimizer held that ever got a gradient other than 0",
    "frozen": "share of the model's parameter tensors that are not to be trained and never moved",
    "listed": "parameter tensors of layers in plain lists, which no optimizer is given",
    "lag": "largest share that batch norm's statistics still have of where they began",
    "cross_entropy": "1 if the first loss was a plain cross-entropy of scores, 0 if another one",
}
COUNTED = (
    "steps",
    "backwards",
    "held",
    "moved",
    "reached",
    "frozen",
    "listed",
    "lag",
    "cross_entropy",
)
LAST_SHARE = 0.1


def observe_trace(trace: TrainingTrace | None) -> Numbers:
    """Return what a trace says: the marks of its loss curve, counts and shares."""
    if trace is None:
        return {}
    numbers = Numbers()
    for name in COUNTED:
        value = getattr(trace, name)
        if value is not None:
            numbers[name] = float(value)
    if len(trace.losses):
        numbers |= marks_of(trace.losses, begins=trace.begins)
    return numbers


def marks_of(losses: np.ndarray, *, begins: bool) -> Numbers:
    """Return the marks of a curve, float64 (n,) with n above 0.

    begins: its first loss was computed before the first step. Where the training ended in NaN, so
    does `last_loss`: then there is none.
    """
    finite = losses[np.isfinite(losses)]
    numbers: Numbers = {"broken_share": 1 - len(finite) / len(losses)}
    if not len(finite):
        return numbers
    ending = losses[-max(1, int(len(losses) * LAST_SHARE)) :]
    first = float(losses[0])
    last = float(np.median(ending))
    numbers["worst_loss"] = float(finite.max())
    numbers["least_loss"] = float(finite.min())
    numbers["last_loss"] = last
    if begins:
        numbers["first_loss"] = first
        numbers["fall"] = relative(first - last, first)
    return numbers

"""How much answers change as an input changes, step by step: memories show as a jump.

A bug hunt is lost while the planted mistake still shows, and some mistakes show only when the same
input is asked twice: dropout left on gives two answers. Who does not mend it but remembers every
answer, and gives it again to whatever looks like that input, shows nothing. So inputs that the box
had not been asked before are asked once, and then again, unchanged and as copies, each rung of the
ladder changed twice as much as the one below, in drawn order. Every model that answers from the
input alone changes about twice as much from one rung to the next: a network follows the input, and
neighbours or trees change the more inputs the further these move (at most 3.3 times in all honest
solutions of the course's digits), from a start near nothing. A memory does not change at all up to
its reach, and beyond it the answers are as random as they are.

A memory that answers smoothly between what it remembers would pass. It would take more than mending
the mistake.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

RUNGS = (0, 1, 2, 4, 8, 16, 32)  # grey levels by which every pixel is moved
COPIES = 3  # of each input on each rung
MOST_TIMES = 8.0  # as much as on the rung below: more is a jump
LARGE = 0.03  # of the range of all scores: a smaller change is no jump, whatever it follows
TINY = 1e-9

Ask = Callable[[np.ndarray], np.ndarray]  # uint8 (n, ...) -> scores (n, classes)


def jump(ask: Ask, inputs: np.ndarray, draw: np.random.Generator) -> str:
    """Return what the ladder shows of a memory; empty if nothing.

    inputs: pictures that were never asked, uint8 (n, ...), in one batch.
    """
    before = ask(inputs)
    scale = float(np.ptp(before)) + TINY
    changes: dict[int, list[float]] = {rung: [] for rung in RUNGS}
    for rung in draw.permutation(np.repeat(RUNGS, COPIES)).tolist():
        after = ask(moved_by(rung, inputs, draw))
        change = np.abs(after - before).max(axis=1).mean() / scale
        changes[rung].append(float(change))
    heights = [float(np.mean(changes[rung])) for rung in RUNGS]
    for place in range(1, len(RUNGS)):
        below = heights[place - 1]
        here = heights[place]
        if here > LARGE and here > MOST_TIMES * below:
            return (
                f"scores change by {100 * below:.2g} % of their range when every pixel moves by "
                f"{RUNGS[place - 1]} grey levels, and by {100 * here:.2g} % at {RUNGS[place]}: "
                "answers are remembered, and random where they are not"
            )
    return ""


def moved_by(step: int, inputs: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return pictures whose every pixel went up or down by `step`, uint8; inwards at the ends."""
    before = inputs.astype(np.int16)
    after = before + draw.choice([-step, step], size=inputs.shape).astype(np.int16)
    after = np.where(after < 0, before + step, after)
    after = np.where(after > 255, before - step, after)
    return after.astype(np.uint8)

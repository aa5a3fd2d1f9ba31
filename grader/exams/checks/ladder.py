"""How much answers change as an input changes, step by step: memories show as a jump.

A bug hunt is lost while the planted mistake still shows, and some mistakes show only when the same
input is asked twice: dropout left on gives two answers. Who does not mend it but remembers every
answer, and gives it again to whatever looks like that input, shows nothing. So inputs that the box
had not been asked before are asked once, and then again in drawn order, unchanged and as copies in
which more and more pixels move, twice as many on each rung of the ladder. Every model that answers
from the input alone starts near nothing and changes about twice as much from one rung to the next:
a network follows the input, and neighbours or trees change more inputs the further these move. A
memory does not change at all up to its reach, and beyond it the answers are as random as they are.

A memory that answers smoothly between what it remembers would pass. It would take more than mending
the mistake.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

# Share of the pixels that move, and by how many grey levels. The levels stay the same while there
# are pixels left to add: who rounds them to a few steps changes with every pixel, not at one rung.
RUNGS = (
    (0.0, 0),
    *((2**power / 64, 16) for power in range(7)),
    (1.0, 32),
)
COPIES = 2  # of each input on each rung
MOST_TIMES = 8.0  # as much as on the rung below: more is a jump
LARGE = 0.06  # of the range of all scores: a smaller change is no jump, whatever it follows
TINY = 1e-9

Ask = Callable[[np.ndarray], np.ndarray]  # uint8 (n, ...) -> scores (n, classes)


def jump(ask: Ask, inputs: np.ndarray, draw: np.random.Generator) -> str:
    """Return what the ladder shows of a memory; empty if nothing.

    inputs: pictures that were never asked, uint8 (n, ...), in one batch.
    """
    before = ask(inputs)
    scale = float(np.ptp(before)) + TINY
    changes: list[list[float]] = [[] for _ in RUNGS]
    for place in draw.permutation(np.repeat(np.arange(len(RUNGS)), COPIES)).tolist():
        share, step = RUNGS[place]
        after = ask(moved_by(share, step, inputs, draw))
        change = np.abs(after - before).max(axis=1).mean() / scale
        changes[place].append(float(change))
    heights = [float(np.mean(each)) for each in changes]
    for place in range(1, len(RUNGS)):
        below = heights[place - 1]
        here = heights[place]
        if here > LARGE and here > MOST_TIMES * below:
            return (
                f"scores change by {100 * below:.2g} % of their range when {in_words(place - 1)}, "
                f"and by {100 * here:.2g} % when {in_words(place)}: answers are remembered, and "
                "random where they are not"
            )
    return ""


def in_words(place: int) -> str:
    """Say what a rung does."""
    share, step = RUNGS[place]
    if not step:
        return "an image is asked again as it is"
    levels = "a grey level" if step == 1 else f"{step} grey levels"
    return f"{100 * share:.3g} % of its pixels move by {levels}"


def moved_by(share: float, step: int, inputs: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return pictures, a share of whose pixels went up or down by `step`, uint8.

    At least one pixel of each moves; inwards at the ends of the range.
    """
    before = inputs.reshape(len(inputs), -1).astype(np.int16)
    count = max(1, round(share * before.shape[1]))
    ranks = np.argsort(draw.random(before.shape), axis=1)
    steps = np.where(ranks < count, step, 0) * draw.choice([-1, 1], size=before.shape)
    after = before + steps
    after = np.where((after < 0) | (after > 255), before - steps, after)
    moved: np.ndarray = after.astype(np.uint8).reshape(inputs.shape)
    return moved

"""Which hidden input is asked for which purpose. None serves two.

Whatever a box was asked it may remember: an answer given in the timed phase can be given again when
the same input, or one that looks like it, comes back in an audit. A model whose answers followed
the batch passed every audit in that way, and a table of known digits passed the one that asks
changed copies. So the hidden set is divided afresh for every run:

    asked       as they are, once, timed; accuracy rests on these alone
    fresh       never as they are, only as perturbed copies: what is not known by heart is answered
                as well as `asked`
    corrupted   where a task asks for corrupted copies: never as they are

A part is compared with another by the interval of two independent samples, which is wider than that
of the same inputs asked twice. docs/measure/measuring.md has the price for each task.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FRESH_SHARE = 0.1  # of the hidden set
MOST_FRESH = 1000
FEWEST_FRESH = 50  # with fewer the interval is wider than any gap that matters
CORRUPTED_SHARE = 0.5  # of the rest


@dataclass(frozen=True)
class Parts:
    """Places in the hidden set, int64 (n,) each, in drawn order; no place is in two of them."""

    asked: np.ndarray
    fresh: np.ndarray
    corrupted: np.ndarray

    @property
    def notes(self) -> tuple[str, ...]:
        """What a result has to say of audits that cannot be held."""
        if len(self.fresh):
            return ()
        return (
            f"the hidden set has {len(self.asked) + len(self.corrupted)} inputs, too few to keep "
            f"{FEWEST_FRESH} of them apart. So it was not tested whether perturbed copies of "
            "inputs that were never asked are answered as well (fresh_gap).",
        )


def undivided(count: int, draw: np.random.Generator) -> Parts:
    """Return a hidden set as one part that is asked: for a rehearsal, which has no audits."""
    nothing = np.empty(0, dtype=np.int64)
    return Parts(draw.permutation(count), nothing, nothing)


def divide(count: int, draw: np.random.Generator, *, with_corrupted: bool) -> Parts:
    """Divide a hidden set of `count` inputs for one run."""
    order = draw.permutation(count)
    fresh = min(MOST_FRESH, int(FRESH_SHARE * count))
    if fresh < FEWEST_FRESH:
        fresh = 0
    corrupted = int(CORRUPTED_SHARE * (count - fresh)) if with_corrupted else 0
    kept = fresh + corrupted
    return Parts(asked=order[kept:], fresh=order[:fresh], corrupted=order[fresh:kept])

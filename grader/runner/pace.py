"""How long one epoch would take with all of the data, worked out from a rehearsal's short passes.

In a rehearsal a pass over the data ends after a few hundred rows (`short_passes`). What a row or a
batch takes is timed there, and multiplied by as many as a whole pass has. The first batch of a pass
is left out: it begins workers, compiles, or finds its memory. Time in which the process waited for
a core is left out too, so that a busy computer tells nothing false.

It is an estimate, shown as advice and never scored; where a program leaves its loops by `break`,
or goes through its data in a way that isn't seen here, nothing is said.
"""

from __future__ import annotations

import ast
import statistics
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from .time_up import waited
from .training_trace import current

FEWEST = 3  # batches behind the first one, over all passes, that make a figure


def now() -> float:
    """Return seconds by a clock that stands still while the process waits for a core."""
    return time.monotonic() - waited()


@dataclass
class Passes:
    """Passes of one kind: over as many units (rows or batches), with or without training steps."""

    count: int = 0
    batches: int = 0  # that were timed
    seconds_per_unit: list[float] = field(default_factory=list)


class PassClock:
    """Times one short pass."""

    def __init__(self, whole: float) -> None:
        self.whole = whole  # units that the pass would have
        self._units = 0.0
        self._batches = 0
        self._began = 0.0
        self._steps = steps_so_far()

    def batch(self, units: float) -> None:
        """Note that the next batch is asked for; what the first one takes does not count."""
        if self._batches == 1:
            self._began = now()
            self._units = 0.0
        self._batches += 1
        self._units += units

    def end(self) -> None:
        """Note that the pass is over."""
        timed = self._batches - 1
        rate = (now() - self._began) / self._units if timed > 0 and self._units else None
        has_trained = steps_so_far() > self._steps
        PACE.add(self.whole, timed, rate, has_trained=has_trained)


def steps_so_far() -> int:
    """Return how many steps of any optimizer were seen."""
    training = current()
    return training.moments + training.account.steps


class Pace:
    """What is known of the passes of a rehearsal."""

    def __init__(self) -> None:
        self.passes: dict[tuple[float, bool], Passes] = defaultdict(Passes)
        self.asked = 0  # epochs of Keras' fit
        self.fit_seconds: list[float] = []  # of one epoch, for each call of fit
        self.is_known = True

    def add(self, whole: float, timed: int, rate: float | None, *, has_trained: bool) -> None:
        """Take a pass over `whole` units: the batches that were timed, and seconds a unit."""
        kind = self.passes[whole, has_trained]
        kind.count += 1
        if rate is not None:
            kind.batches += timed
            kind.seconds_per_unit.append(rate)

    def add_fit(self, epoch_seconds: float | None, epochs: int) -> None:
        """Take a call of Keras' fit."""
        self.asked += epochs
        if epoch_seconds is None:
            self.is_known = False
        else:
            self.fit_seconds.append(epoch_seconds)

    def report(self) -> list[str]:
        """Return names and values in turn: seconds of an epoch, and how many were asked for.

        Nothing where it is not known.
        """
        if not self.is_known:
            return []
        seconds, epochs = self._of_fit() if self.fit_seconds else self._of_loops()
        if seconds <= 0 or not epochs:
            return []
        return ["epoch seconds", f"{seconds:.4g}", "epochs", str(epochs)]

    def _of_fit(self) -> tuple[float, int]:
        """Return seconds and epochs where fit trained alone, in calls that take alike."""
        trained = any(has_trained for _, has_trained in self.passes)
        if trained or max(self.fit_seconds) > 2 * min(self.fit_seconds):
            return 0.0, 0
        return statistics.median(self.fit_seconds), self.asked

    def _of_loops(self) -> tuple[float, int]:
        """Return seconds and epochs where loops over loaders trained."""
        total = 0.0
        trainings: list[tuple[float, int]] = []
        for (whole, has_trained), kind in self.passes.items():
            if kind.batches < FEWEST:
                if has_trained:
                    return 0.0, 0
                continue
            seconds = kind.count * whole * statistics.median(kind.seconds_per_unit)
            total += seconds
            if has_trained:
                trainings.append((seconds, kind.count))
        if not trainings:
            return 0.0, 0
        epochs = max(trainings)[1]
        return total / epochs, epochs


PACE = Pace()


def begin(folder: Path) -> None:
    """Forget what was timed before.

    folder: of the submission. Where any of its loops may be left early, an epoch is not what a
    pass seems to be, and nothing is said.
    """
    PACE.__init__()  # type: ignore[misc]
    PACE.is_known = not any(has_break(path) for path in sorted(folder.glob("*.py")))


def has_break(path: Path) -> bool:
    """Whether a file has a loop that may be left before its end."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return True
    return any(isinstance(node, ast.Break) for node in ast.walk(tree))

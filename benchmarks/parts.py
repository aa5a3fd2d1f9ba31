"""What fresh inputs cost: how each task's hidden set is divided, and how wide intervals become.

    python -m benchmarks.parts

Nothing is graded. The division is the one that runs draw (`grader.exams.checks.parts`); accuracies
are what a good reference reaches, from reference/RESULTS.md.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence

import numpy as np

from grader.course.curriculum import find_task
from grader.course.score import ALONE_SIGMAS, FLAG_SIGMAS
from grader.exams.checks import parts
from grader.exams.trained_exam import LATENCY_SHARE, LEAST_ALONE
from grader.metrics.statistics import Z95, difference_interval, wilson_interval

# task -> hidden inputs, accuracy of a good reference
HIDDEN = {
    "digits": (600, 0.985),
    "mnist": (10_000, 0.994),
    "fashion-mnist": (10_000, 0.914),
    "learn-from-little": (10_000, 0.965),
    "fair-and-robust": (10_000, 0.88),
    "cifar10": (10_000, 0.89),
    "small-and-fast": (10_000, 0.84),
    "imdb": (25_000, 0.91),
}
HEAD = (
    "| task | hidden | timed | fresh | corrupted | accuracy, 95 % interval | if all were timed "
    "| a table is found beside a model of | smallest `alone_gap` |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)


def half_width(share: float, count: int) -> float:
    """Return half the width of Wilson's interval."""
    low, high = wilson_interval(share, count)
    return (high - low) / 2


def found_beside(timed: int, fresh: int, max_gap: float) -> float:
    """Return the accuracy of the best model beside which a table of all answers is found.

    With the table everything timed is right; fresh copies are answered by the model alone.
    """
    for wrong in range(fresh + 1):
        gap = wrong / fresh
        low, _ = difference_interval(1.0, timed, 1 - gap, fresh)
        if gap - FLAG_SIGMAS * (gap - low) / Z95 > max_gap:
            return 1 - gap
    return 0.0


def smallest_alone_gap(accuracy: float, timed: int) -> float:
    """Return the loss alone that is found half of the time, if as few as may be are asked alone."""
    alone = min(LEAST_ALONE, int(LATENCY_SHARE * timed))
    both = (half_width(accuracy, timed - alone), half_width(accuracy, alone))
    return ALONE_SIGMAS * math.hypot(*both) / Z95


def row(task_id: str, count: int, accuracy: float) -> str:
    """Return the line of one task."""
    spec = find_task(task_id).spec
    draw = np.random.default_rng(0)
    divided = parts.divide(count, draw, with_corrupted=bool(spec.probes.corruptions))
    timed = len(divided.asked)
    beside = found_beside(timed, len(divided.fresh), spec.scoring.audit.max_gap)
    cells = [
        task_id,
        f"{count:,}",
        f"{timed:,}",
        f"{len(divided.fresh):,}",
        f"{len(divided.corrupted):,}",
        f"{100 * accuracy:.1f} % ± {100 * half_width(accuracy, timed):.2f}",
        f"± {100 * half_width(accuracy, count):.2f}",
        f"{100 * beside:.1f} %",
        f"{100 * smallest_alone_gap(accuracy, timed):.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def table() -> str:
    """Return the table of docs/measure/measuring.md."""
    rows = [row(task_id, *seen) for task_id, seen in HIDDEN.items()]
    return "\n".join([HEAD, *rows])


def main(arguments: Sequence[str] = ()) -> None:
    print(table())


if __name__ == "__main__":
    main(sys.argv[1:])

"""What a box's answers took: each one, what such an answer usually takes, and all of them together.

The usual cost of a call is the median of all calls of its kind and size. A size that was asked less
often than ENOUGH_CALLS is judged by the nearest larger one, and beyond the largest in proportion.
So what one answer takes beyond the others of its size is seen, wherever it hides: in the first call
after a switch, which is not timed, or in the last and shorter batch. A whole run has a limit for
them as well: one that answers each question half a second before its deadline would otherwise keep
a grader for a quarter of an hour.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Callable

from grader.records import Code, Failure, Status

FOR_A_MODEL = "compute once, in train(), what does not depend on the question."
FOR_FUNCTIONS = "use operations on whole arrays in place of loops in Python."
ENOUGH_CALLS = 3  # of one size, so that their median is none of those that stand out


class Answers:
    """The seconds of every answer of one box, and how many seconds they may take together."""

    def __init__(self, advice: str = FOR_A_MODEL) -> None:
        """advice: how to answer faster, for whom it takes too long."""
        self._advice = advice
        self._seconds: dict[tuple[int, int], list[float]] = defaultdict(list)  # kind, rows -> calls
        self.seconds = 0.0  # of all answers together
        self.limit_seconds = math.inf
        # How many of them others took, asked only once the limit is reached.
        self.taken_by_others: Callable[[], float] = lambda: 0.0

    def note(self, kind: int, rows: int, seconds: float) -> None:
        """Count one answer to `rows` questions."""
        self._seconds[int(kind), rows].append(seconds)
        self.seconds += seconds

    def add(self, seconds: float) -> None:
        """Count what is no answer and took time between answers, such as another import."""
        self.seconds += seconds

    def left(self) -> float:
        """Return how many seconds further answers may take."""
        left = self.limit_seconds - self.seconds
        return left if left > 0 else left + self.taken_by_others()

    def too_long(self) -> Failure:
        """Return the failure of a box whose answers took longer than all of them may."""
        return Failure(
            Status.TIME_LIMIT_EXCEEDED,
            Code.ANSWERS,
            f"its answers took {self.seconds:.0f} s altogether; a run has "
            f"{self.limit_seconds:.0f} s for them (docs/learn/verdicts.md). Answer faster: "
            f"{self._advice}",
        )

    def usual_seconds(self) -> float:
        """Return what all answers would have taken, had each taken what is usual for its size."""
        return sum(
            len(calls) * min(statistics.median(calls), self._usual(kind, rows))
            for (kind, rows), calls in self._seconds.items()
        )

    def _usual(self, kind: int, rows: int) -> float:
        """Return what a call of this size usually takes, by sizes that were asked often enough."""
        often = {}
        for (of_kind, size), calls in self._seconds.items():
            if of_kind == kind and len(calls) >= ENOUGH_CALLS:
                often[size] = statistics.median(calls)
        larger = [size for size in often if size >= rows]
        if larger:
            return often[min(larger)]
        if not often:
            return math.inf
        largest = max(often)
        return often[largest] * rows / largest

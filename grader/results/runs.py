"""One graded run as pages and boards know it: its summary, and the whole result when it is needed.

Pages about ten thousand results need a few values of each. The whole of one is read only for its
own page, for its board's, and where it leads or is new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from grader.records import Result, Summary


class Run:
    """A result by its summary.

    whole: the result, or a function that reads it when it is first asked for.
    """

    __slots__ = ("_whole", "summary")

    def __init__(self, summary: Summary, whole: Result | Callable[[Summary], Result]) -> None:
        self.summary = summary
        self._whole = whole

    @property
    def result(self) -> Result:
        """The whole result. Raises what its reader raises; see `store.whole`."""
        if not isinstance(self._whole, Result):
            self._whole = self._whole(self.summary)
        return self._whole


def as_runs(results: Iterable[Result | Run]) -> list[Run]:
    """Return runs of results that are in memory; those that are runs stay as they are."""
    runs = []
    for place, each in enumerate(results):
        runs.append(each if isinstance(each, Run) else Run(each.summary(str(place)), each))
    return runs

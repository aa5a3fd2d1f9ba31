"""One graded run as the pages know it: what decides its place, and the whole result once a page
shows more of it.

Of ten thousand results, pages about all of them need a few values each; the whole of one is read
for its own page, its board's, and where it leads or is new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from grader.records import Result, Summary


class Run:
    """A result by its summary.

    whole: the result, or what reads it when it is first asked for.
    """

    __slots__ = ("_whole", "summary")

    def __init__(self, summary: Summary, whole: Result | Callable[[Summary], Result]) -> None:
        self.summary = summary
        self._whole = whole

    @property
    def result(self) -> Result:
        if not isinstance(self._whole, Result):
            self._whole = self._whole(self.summary)
        return self._whole


def as_runs(results: Iterable[Result | Run]) -> list[Run]:
    """Return runs of results that are in memory; those that are runs stay as they are."""
    return [
        each if isinstance(each, Run) else Run(each.summary(str(place)), each)
        for place, each in enumerate(results)
    ]

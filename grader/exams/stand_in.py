"""Whether a script failed in a check only because made-up examples are few."""

from __future__ import annotations

from pathlib import Path

from grader.doctor.source import read_source
from grader.records import Advice, Code, Failure

# In what a program raises where it finds fewer examples than it counted on.
OF_SIZE = ("Index", "index", "range", "reshape", "size", "shape", "split", "sum of input lengths")


def too_small(failure: Failure, folder: Path, file: str, examples: int) -> Advice | None:
    """Return what to say where a training failed on the stand-in because that is small; else None.

    A script may count on the size of the real data set: range(12000), reshape((60000, 784)). A run
    has that many, so a check may not reject it.
    """
    is_about_size = any(word in failure.reason for word in OF_SIZE)
    place = read_source(folder, file).places.get("counts_on_size", "")
    if failure.code != Code.RAISED or not is_about_size or not place:
        return None
    says = (
        f"{place} counts on more examples than the {examples:,} made-up ones of a check have. That "
        "is not wrong: a run has the whole data set, and will tell. Until then nothing of the "
        "training is known"
    )
    return Advice("stand-in", "skip", says)

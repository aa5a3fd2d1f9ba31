"""The base of everything that is read from or written to a file."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError


class Record(BaseModel):
    """A checked value that never changes after it was made.

    Unknown fields are an error: a misspelt key in a file that a person edits is reported instead of
    being ignored, and a file of a later version is recognised as one.
    """

    # A model is built when it is first used: a run builds a third of them, and each takes time.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def problems_in(error: ValidationError) -> list[str]:
    """Return everything that pydantic found wrong with a file, each after the name of its key."""
    problems = []
    for item in error.errors():
        key = ".".join(map(str, item["loc"])) or "the file"
        problems.append(f"{key}: {item['msg'].removeprefix('Value error, ')}")
    return problems

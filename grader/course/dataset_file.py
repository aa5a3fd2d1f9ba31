"""What may stand in a dataset.toml: a data set of somebody's own, in files beside it.

docs/teach/data-of-your-own.md explains every key to those who bring data.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError, model_validator

from grader.errors import DataError
from grader.records import Record, problems_in

DATASET_FILE = "dataset.toml"
GUIDE = "docs/teach/data-of-your-own.md"
Checksum = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")]


class PartTable(Record):
    """One part of the data: a file, or a folder with a folder of files for each class."""

    path: Annotated[str, Field(min_length=1)]
    sha256: Checksum = ""  # `grader task verify` prints it


class DatasetSpec(Record):
    """A whole dataset.toml."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    about: str = ""
    source: str = ""  # who published the data, and under which licence
    train: PartTable
    hidden: PartTable
    private: bool = True  # whether a page must not show what hidden inputs were
    label: str = ""  # tables: the column with the class
    target: str = ""  # tables: the column with the number to be answered
    drop: list[str] = Field(default_factory=list)  # tables: columns that are no inputs
    # In the order of their labels; without it, all that the training part has, sorted.
    classes: list[str] = Field(default_factory=list)
    size: tuple[int, int] | None = None  # pictures: height and width that they are brought to
    grey: bool = False  # pictures: without colour

    @model_validator(mode="after")
    def classes_or_numbers(self) -> DatasetSpec:
        if self.target and (self.label or self.classes):
            raise ValueError("target is for numbers, label and classes are for classes: use one")
        if len(set(self.classes)) < len(self.classes):
            raise ValueError("classes names one class twice")
        return self


def read_dataset_file(path: Path) -> DatasetSpec:
    """Read and check a dataset.toml; DataError says what is wrong with which key."""
    try:
        raw = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is not valid TOML: {error}. {GUIDE} shows one") from None
    try:
        return DatasetSpec.model_validate(raw)
    except ValidationError as error:
        problems = "; ".join(problems_in(error))
        raise DataError(f"{path}: {problems}. {GUIDE} explains every key") from None

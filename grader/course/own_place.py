"""Where data sets of somebody's own lie, and which there are; only their dataset.toml is read.

**Where they are.** A task's folder may hold one, for that task alone. GRADER_DATASETS names folders
that hold folders of data sets, for every task. The files lie beside the dataset.toml, or, because
data may be large, in GRADER_DATA/<name>.

**The hidden part is private.** It need not be here at all: `--hidden` and GRADER_HIDDEN give it, on
the machine that grades alone (hidden_parts.py). Without it `grader check` works all the same, since
its stand-ins are drawn out of the training part; only a run needs it. A page shows nothing of it
unless dataset.toml says `private = false`.

**What is asked is fixed by the data.** Checksums in dataset.toml are compared whenever a part is
read, and are part of a task's exam version. Without them, the content itself is hashed.

A task is read at every start of the grader, so nothing here imports NumPy.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.course.data_place import data_folder
from grader.course.dataset_file import DATASET_FILE, DatasetSpec, PartTable, read_dataset_file
from grader.errors import DataError, UsageError

DATASETS_VARIABLE = "GRADER_DATASETS"
CHUNK = 1 << 20


@dataclass(frozen=True)
class OwnPlace:
    """A data set of somebody's own, on disk."""

    spec: DatasetSpec
    home: Path  # the folder with its dataset.toml

    @property
    def name(self) -> str:
        return self.spec.name

    def place(self, table: PartTable, folder: Path) -> Path:
        """Return where a part lies; DataError says where it was looked for.

        folder: of data sets.
        """
        places = [self.home, folder / self.name]
        for place in places:
            if (place / table.path).exists():
                return place / table.path
        looked = " or ".join(map(str, places))
        raise DataError(f"{table.path} of the data set {self.name!r} is not in {looked}")

    def has_hidden(self, folder: Path) -> bool:
        """Whether the hidden part is on this computer. folder: of data sets."""
        places = (self.home, folder / self.name)
        return any((place / self.spec.hidden.path).exists() for place in places)

    def version(self) -> str:
        """Return what changes when the data does, as far as the data is here."""
        told = self.spec.model_dump(mode="json", exclude={"about", "source", "private"})
        for name, table in (("train", self.spec.train), ("hidden", self.spec.hidden)):
            if not table.sha256:
                told[name]["sha256"] = self.fingerprint_of(table)
        return hashlib.sha256(repr(sorted(told.items())).encode()).hexdigest()

    def fingerprint_of(self, table: PartTable) -> str:
        """Return the checksum of a part; empty where the part is not here."""
        try:
            return fingerprint(self.place(table, data_folder(None)))
        except DataError:
            return ""


@cache
def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file, or of a folder's names and contents in name order."""
    total = hashlib.sha256()
    files = [path]
    if path.is_dir():
        files = [each for each in sorted(path.rglob("*")) if each.is_file()]
    for each in files:
        if path.is_dir():
            total.update(f"{each.relative_to(path).as_posix()}\0{each.stat().st_size}\0".encode())
        with each.open("rb") as file:
            while piece := file.read(CHUNK):
                total.update(piece)
    return total.hexdigest()


# Which there are.


def folders_in(variable: str) -> list[Path]:
    """Return the folders that an environment variable names; UsageError where one is none."""
    named = [Path(part) for part in os.environ.get(variable, "").split(os.pathsep) if part]
    for folder in named:
        if not folder.is_dir():
            raise UsageError(
                f"{variable} names {folder}, which is not a folder; set it to folders that hold "
                "one folder for each data set"
            )
    return named


def dataset_files() -> Iterator[Path]:
    """Yield every dataset.toml below the folders in GRADER_DATASETS."""
    for parent in folders_in(DATASETS_VARIABLE):
        yield from sorted(parent.glob(f"*/{DATASET_FILE}"))


def own_place(name: str, beside: Path | None = None) -> OwnPlace | None:
    """Return the data set of this name in a task's folder or in GRADER_DATASETS, if there is one.

    beside: the task's folder. DataError where its dataset.toml is broken.
    """
    if beside is not None and (beside / DATASET_FILE).is_file():
        spec = read_dataset_file(beside / DATASET_FILE)
        if spec.name == name:
            return OwnPlace(spec, beside)
    for path in dataset_files():
        if path.parent.name == name or is_called(path, name):
            return OwnPlace(read_dataset_file(path), path.parent)
    return None


def is_called(path: Path, name: str) -> bool:
    """Whether a dataset.toml names this data set; one that is broken names none."""
    try:
        return read_dataset_file(path).name == name
    except DataError:
        return False


def own_names(beside: Path | None = None) -> list[str]:
    """Return the names of all data sets of somebody's own; broken ones go by their folder."""
    names = []
    files = list(dataset_files())
    if beside is not None and (beside / DATASET_FILE).is_file():
        files.append(beside / DATASET_FILE)
    for path in files:
        try:
            names.append(read_dataset_file(path).name)
        except DataError:
            names.append(path.parent.name)
    return names

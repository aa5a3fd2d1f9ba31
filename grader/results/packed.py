"""A result on its way from who graded it to who stores it: the files of its folder, as bytes.

A worker, here or on another machine, packs what it graded and writes nothing into a store; the one
that asked for it unpacks and stores it, once. The package is an uncompressed zip, made and read by
the grader alone, of the four files that the folder of a result may have.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from grader.errors import PackingError
from grader.records import Result
from grader.results import store
from grader.results.index import RESULT_FILE


@dataclass(frozen=True)
class Unpacked:
    """A result with the files that its folder will have."""

    result: Result
    files: Mapping[str, bytes]

    def save(self, root: Path) -> Path:
        """Write it below `root`. Raises StoreError, which carries the result."""
        return store.save_files(root, self.result, self.files)

    def changed(self, result: Result) -> Unpacked:
        """Return the same files with another result.json."""
        changed = {RESULT_FILE: result.model_dump_json(indent=2).encode()}
        return Unpacked(result, {**self.files, **changed})


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return the files of a result as one package. files: as `store.contents` returns them."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return package.getvalue()


def unpack(package: bytes) -> Unpacked:
    """Return what `pack` packed. PackingError for anything else."""
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        result = Result.model_validate_json(files[RESULT_FILE])
    except (zipfile.BadZipFile, KeyError, ValidationError, EOFError) as error:
        raise PackingError(
            f"a package of {len(package)} bytes holds no result that this grader can read "
            f"({type(error).__name__}); expected one made by the same version"
        ) from None
    foreign = set(files) - set(store.FILES)
    if foreign or not store.is_place(result.task.id, result.id):
        raise PackingError(
            f"a package names {sorted(foreign) or [result.task.id, result.id]}, which cannot lie "
            "in a folder of results"
        )
    return Unpacked(result, files)

"""One folder for each result: results/<task>/<result id>/.

    result.json       the result
    details.json      what its page shows beside the figures
    log.txt           what the submission printed
    predictions.npz   its raw answers

A result is written into a hidden folder, synced to disk and renamed. A kill at any moment loses at
most the run in progress: what is half-written is never read, carries the ownership mark of the
grader that wrote it, and is removed by a later one.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from grader.errors import GraderError, StoreChanged, StoreError
from grader.host.cache import cache_path
from grader.host.ownership import is_orphaned, ownership_mark
from grader.records import Details, Result, Summary
from grader.results import index
from grader.results.index import RESULT_FILE

LOG_FILE = "log.txt"
DETAILS_FILE = "details.json"
PREDICTIONS_FILE = "predictions.npz"
FILES = (RESULT_FILE, DETAILS_FILE, LOG_FILE, PREDICTIONS_FILE)
PARTIAL = ".partial-"
INDEX = "index"  # in the cache
PROBE_BYTES = 64 << 10  # a result without its predictions is smaller than this


def new_id(now: datetime | None = None) -> str:
    """Return a result id: UTC time, then random."""
    return f"{now or datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def result_folder(root: Path, result: Result) -> Path:
    return root / result.task.id / result.id


def prepare(root: Path, task_id: str) -> None:
    """Make sure, before anything runs, that a result of a task can be written.

    What killed graders left half-written is removed. Raises GraderError if nothing can be written:
    better now than after an hour of training.
    """
    remove_partials(root)
    probe = root / task_id / f"{PARTIAL}{ownership_mark()}-{secrets.token_hex(4)}"
    try:
        probe.parent.mkdir(parents=True, exist_ok=True)
        try:
            write_synced(probe, bytes(PROBE_BYTES))
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        raise GraderError(
            f"results cannot be written to {probe.parent}: {refusal(error)} Nothing was run."
        ) from None


def save(
    root: Path,
    result: Result,
    *,
    log: str = "",
    arrays: Mapping[str, Any] | None = None,
    details: Details | None = None,
) -> Path:
    """Write one result and return its folder.

    log: what the submission printed, cleaned. arrays: NumPy arrays of any shape by name, kept as
    they are in predictions.npz. details: what a page shows beside the figures, kept in
    details.json.

    Raises StoreError, which carries the result, if it cannot be written.
    """
    return save_files(root, result, contents(result, log, arrays, details))


def save_files(root: Path, result: Result, files: Mapping[str, bytes]) -> Path:
    """Write the files of one result and return its folder.

    files: as `contents` returns them. Raises StoreError, which carries the result, if they cannot
    be written.
    """
    target = result_folder(root, result)
    try:
        put(target, files)
    except OSError as error:
        raise StoreError(
            f"the result could not be stored in {target}: {refusal(error)} Nothing half-written "
            "was left behind; grade again.",
            result,
        ) from None
    return target


def put(target: Path, files: Mapping[str, bytes]) -> None:
    """Make a result's folder with these files, in one step and nothing half-written. OSError."""
    partial = target.parent / f"{PARTIAL}{ownership_mark()}-{target.name}"
    try:
        partial.mkdir(parents=True)
        for name, content in files.items():
            write_synced(partial / name, content)
        partial.rename(target)
        sync_folder(target.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def contents(
    result: Result, log: str, arrays: Mapping[str, Any] | None, details: Details | None
) -> dict[str, bytes]:
    """Return the files of a result's folder; those without content are left out."""
    files = {RESULT_FILE: result.model_dump_json(indent=2).encode()}
    if log:
        files[LOG_FILE] = log.encode("utf-8", "replace")
    if details is not None:
        files[DETAILS_FILE] = details.model_dump_json(exclude_defaults=True).encode()
    if arrays:
        import numpy as np

        packed = io.BytesIO()
        np.savez_compressed(packed, **arrays)
        files[PREDICTIONS_FILE] = packed.getvalue()
    return files


def replace(root: Path, result: Result) -> None:
    """Write a changed result.json over the old one, in one step.

    Raises StoreError if it cannot be written; the old one is still there then.
    """
    folder = result_folder(root, result)
    partial = folder.parent / f"{PARTIAL}{ownership_mark()}-{result.id}.json"
    try:
        write_synced(partial, result.model_dump_json(indent=2).encode())
        partial.replace(folder / RESULT_FILE)
        sync_folder(folder)
    except OSError as error:
        raise StoreError(
            f"{folder / RESULT_FILE} could not be changed: {refusal(error)} It was left as it is.",
            result,
        ) from None
    finally:
        partial.unlink(missing_ok=True)


def refusal(error: OSError) -> str:
    """Say why the system did not write, and what to do."""
    return f"{error.strerror or error}. Free space, or choose another folder with --results."


def write_synced(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def load_results(root: Path, task_id: str | None = None) -> tuple[list[Result], list[str]]:
    """Return every readable result, oldest first, and a line about each unreadable one."""
    results: list[Result] = []
    broken: list[str] = []
    top = os.fspath(root)
    with uncollected():
        for path, _ in index.stamps(root, task_id):
            found = read_result(f"{top}/{path}/{RESULT_FILE}")
            if isinstance(found, str):
                broken.append(found)
            else:
                results.append(found)
    return sorted(results, key=lambda result: (result.moment.timestamp(), result.id)), sorted(
        broken
    )


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Pause Python's garbage collector while results are read.

    Thousands of objects are made and all of them are kept, so each search would find nothing.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def read_result(path: str | Path) -> Result | str:
    """Return the result in a result.json, or a line that says why it is left out."""
    try:
        with open(path, "rb") as file:
            content = file.read()
        return Result.model_validate_json(content)
    except OSError as error:
        return f"{path} cannot be read: {error.strerror or error}"
    except ValidationError as error:
        return f"{path} is left out: {why_unreadable(content, error)}"


def why_unreadable(content: bytes, error: ValidationError) -> str:
    """Say what is wrong with a file that this version cannot read as a result."""
    try:
        raw = json.loads(content)
    except ValueError:
        return f"it is not complete JSON ({len(content)} bytes); it was cut off or edited"
    version = raw.get("schema_version", 1) if isinstance(raw, dict) else None
    if isinstance(raw, dict) and version != 1:
        return (
            f"it has schema_version {version!r}, but this grader reads version 1; use the grader "
            "that wrote it"
        )
    first = error.errors()[0]
    place = ".".join(map(str, first["loc"])) or "the file"
    others = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{place}: {first['msg']}{others}; it was edited, or written by another version"


def summaries(
    root: Path, task_id: str | None = None, fresh: dict[str, Result] | None = None
) -> tuple[list[Summary], list[str]]:
    """Return a summary of each readable result, oldest first, and a line about each unreadable one.

    Much faster than `load_results`: a result that did not change is not read again.
    fresh: receives every result that had to be read, by its summary's path.
    """

    def read(path: Path) -> Result | str:
        found = read_result(path)
        if fresh is not None and not isinstance(found, str):
            fresh["/".join(path.parts[-3:-1])] = found
        return found

    with uncollected():
        known, broken = index.entries(root, cache_path() / INDEX, read, task_id)
    return sorted(known, key=lambda each: (each.created, each.id)), sorted(broken)


def load_some(root: Path, chosen: Sequence[Summary]) -> list[Result]:
    """Return the results of summaries, in their order.

    Those that have disappeared or can no longer be read are left out.
    """
    found = (read_result(root / each.path / RESULT_FILE) for each in chosen)
    return [result for result in found if not isinstance(result, str)]


def whole(root: Path, summary: Summary) -> Result:
    """Return the result of a summary. Raises StoreChanged if it is gone or is another by now."""
    found = read_result(root / summary.path / RESULT_FILE)
    if isinstance(found, str):
        raise StoreChanged(f"{found}. It could still be read a moment ago; run the command again.")
    if found.mark != summary.mark:
        raise StoreChanged(
            f"{root / summary.path / RESULT_FILE} changed in the meantime; run the command again"
        )
    return found


def read_log(root: Path, result: Result) -> str:
    """Return what the submission printed in that run, or an empty text if it printed nothing."""
    with contextlib.suppress(OSError):
        return beside(root, result, LOG_FILE).read_text("utf-8", "replace")
    return ""


def beside(root: Path, result: Result, name: str) -> Path:
    """Return the path of a file beside result.json.

    Raises FileNotFoundError for an edited result whose ids point elsewhere.
    """
    if not is_place(result.task.id, result.id):
        raise FileNotFoundError(
            f"{result.task.id!r} and {result.id!r} do not name a folder of a store"
        )
    return result_folder(root, result) / name


def is_place(task_id: str, result_id: str) -> bool:
    """Whether the ids of a result, which may be edited by hand, are names of folders."""
    return is_folder_name(task_id) and is_folder_name(result_id)


def is_folder_name(text: str) -> bool:
    return text not in (".", "..", "") and "/" not in text and "\0" not in text


def read_details(root: Path, result: Result) -> Details | str | None:
    """Return what was kept for the page of a result.

    None if nothing was kept; a sentence if it cannot be read.
    """
    try:
        return Details.model_validate_json(beside(root, result, DETAILS_FILE).read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"{DETAILS_FILE} cannot be read ({error.strerror or error})"
    except ValidationError as error:
        return f"{DETAILS_FILE} is damaged or of another version ({error.error_count()} problems)"


def stamp(root: Path, summary: Summary) -> str:
    """Return a text that changes when a file that the page shows beside result.json does."""
    if not is_place(summary.task, summary.id):
        return ""
    folder = f"{os.fspath(root)}/{summary.task}/{summary.id}"
    marks = []
    for name in (LOG_FILE, DETAILS_FILE):
        try:
            marks.append(index.stamp_of(os.stat(f"{folder}/{name}")))
        except OSError:
            marks.append("")
    return ",".join(marks)


def remove_partials(root: Path) -> None:
    """Remove what killed graders of this computer left half-written: new results and changed ones.

    Both lie directly in the folder of their task, so no folder has to be opened that another grader
    may be renaming at this moment.
    """
    for path in root.glob(f"*/{PARTIAL}*"):
        if is_orphaned(path.name):
            with contextlib.suppress(OSError):
                shutil.rmtree(path) if path.is_dir() else path.unlink()

"""One folder a result: results/<task>/<result id>/ with result.json, log.txt and predictions.npz.

A result is written into a hidden folder, synced, and renamed. A kill at any moment loses at most the run in
progress; what is half-written is never read, carries the mark of the grader that wrote it, and is removed by the next.
"""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from grader.errors import GraderError, StoreError
from grader.owner import is_dead, owner
from grader.records import Result

RESULT_FILE = "result.json"
LOG_FILE = "log.txt"
PREDICTIONS_FILE = "predictions.npz"
PARTIAL = ".partial-"
PROBE_BYTES = 64 << 10  # what a result without its predictions stays below


def new_id(now: datetime | None = None) -> str:
    """Return a result id: UTC time, then random."""
    return f"{now or datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def result_folder(root: Path, result: Result) -> Path:
    return root / result.task.id / result.id


def prepare(root: Path, task_id: str) -> None:
    """Make room for a task's results before anything runs; GraderError if none could be written.

    What killed graders left half-written goes.
    """
    remove_partials(root)
    probe = root / task_id / f"{PARTIAL}{owner()}-{secrets.token_hex(4)}"
    try:
        probe.parent.mkdir(parents=True, exist_ok=True)
        try:
            write_synced(probe, bytes(PROBE_BYTES))
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        raise GraderError(f"no result could be written to {probe.parent}: {refusal(error)} Nothing was run.") from None


def save(root: Path, result: Result, *, log: str = "", arrays: Mapping[str, Any] | None = None) -> Path:
    """Write one result and return its folder; StoreError, with the result, if it can't be written.

    arrays: names to NumPy arrays of any shape, kept as they are in predictions.npz.
    """
    target = result_folder(root, result)
    partial = target.parent / f"{PARTIAL}{owner()}-{result.id}"
    try:
        partial.mkdir(parents=True)
        write_synced(partial / RESULT_FILE, result.model_dump_json(indent=2).encode())
        if log:
            write_synced(partial / LOG_FILE, log.encode("utf-8", "replace"))
        if arrays:
            import numpy as np

            packed = io.BytesIO()
            np.savez_compressed(packed, **arrays)
            write_synced(partial / PREDICTIONS_FILE, packed.getvalue())
        partial.rename(target)
        sync_folder(target.parent)
    except OSError as error:
        raise StoreError(
            f"the result could not be stored in {target}: {refusal(error)} Nothing half-written was left; grade again.",
            result,
        ) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


def replace(root: Path, result: Result) -> None:
    """Write a changed result.json over the old one, in one step; StoreError, and the old one stays, if it can't be."""
    folder = result_folder(root, result)
    partial = folder / f"{PARTIAL}{owner()}"
    try:
        write_synced(partial, result.model_dump_json(indent=2).encode())
        partial.replace(folder / RESULT_FILE)
        sync_folder(folder)
    except OSError as error:
        raise StoreError(
            f"{folder / RESULT_FILE} could not be changed: {refusal(error)} It is as it was.", result
        ) from None
    finally:
        partial.unlink(missing_ok=True)


def refusal(error: OSError) -> str:
    """Put into words why the system did not write, and what to do."""
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
    """Return every readable result, oldest first, and a line for each that is not readable."""
    results, broken = [], []
    for path in sorted(root.glob(f"{task_id or '*'}/*/{RESULT_FILE}")):
        if path.parent.name.startswith("."):
            continue
        try:
            results.append(Result.model_validate_json(path.read_bytes()))
        except (ValidationError, OSError) as error:
            broken.append(f"{path} is not a result this version can read: {str(error).splitlines()[0]}")
    return sorted(results, key=lambda result: (result.created_at, result.id)), broken


def read_log(root: Path, result: Result) -> str:
    """Return what the submission printed in that run, or an empty text."""
    with contextlib.suppress(OSError):
        return (result_folder(root, result) / LOG_FILE).read_text("utf-8", "replace")
    return ""


def remove_partials(root: Path) -> None:
    """Remove what killed graders of this computer left half-written: new results, and changed ones."""
    for depth in ("*", "*/*"):
        for path in root.glob(f"{depth}/{PARTIAL}*"):
            if is_dead(path.name):
                with contextlib.suppress(OSError):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()

"""One folder a result: results/<task>/<result id>/ with result.json, log.txt and predictions.npz.

A result is written into a hidden folder, synced, and renamed. A kill at any moment loses at most the run in
progress; what is half-written is never read and is removed later.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from pydantic import ValidationError

from grader.errors import GraderError
from grader.records import Result

RESULT_FILE = "result.json"
LOG_FILE = "log.txt"
PREDICTIONS_FILE = "predictions.npz"
PARTIAL = ".partial-"


def new_id(now: datetime | None = None) -> str:
    """Return a result id: UTC time, then random."""
    return f"{now or datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def result_folder(root: Path, result: Result) -> Path:
    return root / result.task.id / result.id


def save(root: Path, result: Result, *, log: str = "", arrays: Mapping[str, Any] | None = None) -> Path:
    """Write one result and return its folder."""
    target = result_folder(root, result)
    partial = target.parent / f"{PARTIAL}{os.getpid()}-{result.id}"
    try:
        partial.mkdir(parents=True)
        write_synced(partial / RESULT_FILE, result.model_dump_json(indent=2).encode())
        if log:
            write_synced(partial / LOG_FILE, log.encode("utf-8", "replace"))
        if arrays:
            import numpy as np

            with (partial / PREDICTIONS_FILE).open("wb") as file:
                np.savez_compressed(file, **arrays)
                file.flush()
                os.fsync(file.fileno())
        partial.rename(target)
        sync_folder(target.parent)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise GraderError(
            f"cannot write the result to {target}: {error.strerror or error}. Free space or choose another folder "
            "with --results; nothing half-written was left."
        ) from None
    return target


def replace(root: Path, result: Result) -> None:
    """Write a changed result.json over the old one, in one step."""
    folder = result_folder(root, result)
    partial = folder / f"{PARTIAL}{os.getpid()}"
    write_synced(partial, result.model_dump_json(indent=2).encode())
    partial.replace(folder / RESULT_FILE)
    sync_folder(folder)


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
    """Remove what killed graders left half-written."""
    for folder in root.glob(f"*/{PARTIAL}*"):
        with contextlib.suppress(ValueError):
            if not psutil.pid_exists(int(folder.name.removeprefix(PARTIAL).split("-")[0])):
                shutil.rmtree(folder, ignore_errors=True)

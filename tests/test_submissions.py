"""Planted submissions: each is graded, and the folder it lies in is the verdict it must get.

tests/submissions/<task>/<verdict>/<name>/ may hold an expect.toml beside its solution:

    code               the verdict's code
    says               a text the verdict's reason must hold
    min_accuracy       what an honest one earns
    max_accuracy       what a cheat must not exceed: what it would have earned honestly
    min_latency_seconds, max_log_bytes
    hand_in            "zip": the folder is packed first
    why                what this tier cannot hold, in words
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader import store
from grader.curriculum import find_task
from grader.pipeline import rescore
from grader.records import Result, Status
from grader.score import score_run

PLANTED = Path(__file__).parent / "submissions"
FOLDERS = sorted(path for path in PLANTED.glob("*/*/*") if path.is_dir() and not path.name.startswith("__"))
NAMES = [path.relative_to(PLANTED).as_posix() for path in FOLDERS]
EXPECT_FILE = "expect.toml"
KEYS = {
    "code": str,
    "says": str,
    "min_accuracy": float,
    "max_accuracy": float,
    "min_latency_seconds": float,
    "max_log_bytes": int,
    "hand_in": str,
    "why": str,
}
FAILED = {
    Status.TIME_LIMIT_EXCEEDED,
    Status.MEMORY_LIMIT_EXCEEDED,
    Status.RUNTIME_ERROR,
    Status.INVALID_SUBMISSION,
}


def expectations(folder: Path) -> dict[str, Any]:
    path = folder / EXPECT_FILE
    found = tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
    unknown = {key for key, value in found.items() if not isinstance(value, KEYS.get(key, type(None)))}
    assert not unknown, f"{path} has {unknown}, which mean nothing here"
    return found


def marked_processes() -> dict[int, str]:
    """Return the living processes that carry the mark of a box of this test run."""
    needle = f"GRADER_BOX={os.getpid()}-".encode()
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment = (entry / "environ").read_bytes()
            if needle in environment:
                found[int(entry.name)] = (entry / "cmdline").read_bytes().decode("utf-8", "replace")
        except OSError:
            continue
    return found


def packed(folder: Path, path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for item in sorted(folder.rglob("*.py")):
            archive.write(item, item.relative_to(folder))
    return path


def test_every_folder_is_called_after_a_verdict() -> None:
    assert {path.parent.name for path in FOLDERS} <= {status.value for status in Status}
    assert all((path / "solution.py").is_file() or list(path.glob("*.ipynb")) for path in FOLDERS)


def test_there_are_enough_of_each_kind() -> None:
    of_digits = [path for path in FOLDERS if path.parent.parent.name.startswith("digits")]
    assert len(of_digits) >= 25
    verdicts = {path.parent.name for path in of_digits}
    assert verdicts >= {status.value for status in FAILED} | {"accepted", "below_target"}


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_a_planted_submission_gets_its_verdict(
    folder: Path, tmp_path: Path, results: Path, grade_folder: Callable[..., Result]
) -> None:
    expected = expectations(folder)
    task_id, verdict = folder.parent.parent.name, folder.parent.name
    path = packed(folder, tmp_path / "solution.zip") if expected.get("hand_in") == "zip" else folder
    result = grade_folder(path, task_id)
    assert result.verdict.status == verdict, f"{result.verdict.status}: {result.verdict.reason}"
    if "code" in expected:
        assert result.verdict.code == expected["code"]
    assert expected.get("says", "") in result.verdict.reason
    assert bool(result.verdict.reason) == (verdict != "accepted")
    accuracy = result.measurements.get("accuracy")
    if "min_accuracy" in expected:
        assert accuracy is not None
        assert accuracy.value >= expected["min_accuracy"]
    if "max_accuracy" in expected:
        assert accuracy is not None
        assert accuracy.value <= expected["max_accuracy"]
    if "min_latency_seconds" in expected:
        assert result.measurements["latency_seconds"].value >= expected["min_latency_seconds"]
    assert_nothing_is_left(result, results, expected)


def assert_nothing_is_left(result: Result, results: Path, expected: dict[str, Any]) -> None:
    """Whatever it did: one result on disk, the same as returned, no process, no file of its own."""
    assert marked_processes() == {}
    assert store.load_results(results) == ([result], [])
    assert len(store.read_log(results, result)) <= expected.get("max_log_bytes", 50_000)
    assert not Path("pickle-was-opened").exists()
    assert result.score is not None
    if result.verdict.status in FAILED and not result.cases:
        assert result.score.total == 0
    task = find_task(result.task.id)
    assert rescore(result, task) == result
    again, _ = score_run(task.spec.scoring, result.measurements, result.cases) if result.measurements else (None, None)
    assert again is None or again.total >= result.score.total


KILLER = """
import os
import signal


def train(data):
    os.kill(os.getppid(), signal.SIGKILL)
"""


def test_a_submission_that_kills_the_grader_gains_nothing(tmp_path: Path) -> None:
    """The process tier cannot keep it from doing so: both are the same user's. It gets no result."""
    (tmp_path / "solution.py").write_text(KILLER)
    done = subprocess.run(
        [sys.executable, "-m", "grader.cli", "run", "solution.py", "--task", "digits"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parent.parent)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode not in (0, 1)
    assert store.load_results(tmp_path / "results") == ([], [])

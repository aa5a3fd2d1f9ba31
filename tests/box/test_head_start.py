"""A runner that is started before its box: the box that takes it, and the end of one left over."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.host.machine import CPU
from grader.sandbox.limits import Limits
from grader.sandbox.runner_process import RUNNER, HeadStart, RunnerProcess, head_start

LIMITS = Limits()


@pytest.fixture
def submission(tmp_path: Path) -> Path:
    folder = tmp_path / "submission"
    folder.mkdir()
    (folder / "solution.py").write_text("raise SystemExit('nobody asked for this')\n")
    return folder


def begun(early: HeadStart, folder: Path) -> RunnerProcess:
    early.begin(folder, LIMITS, CPU)
    runner = early._early
    assert runner is not None
    assert runner.process is not None
    return runner


def test_the_first_box_that_asks_for_the_same_takes_it_and_the_next_gets_another(
    submission: Path,
) -> None:
    with head_start() as early:
        runner = begun(early, submission)
        taken = early.take(submission, LIMITS, CPU)
        later = early.take(submission, LIMITS, CPU)
    assert taken is runner
    assert runner.process is not None
    assert runner.process.poll() is None
    assert later is not runner
    assert later.process is None
    later.remove()
    runner.give_up()


@pytest.mark.parametrize(
    ("limits", "device"), [(Limits(memory_bytes=1 << 28), CPU), (LIMITS, "GPU-1")]
)
def test_a_box_with_other_limits_or_another_device_does_not_take_it(
    submission: Path, limits: Limits, device: str
) -> None:
    with head_start() as early:
        runner = begun(early, submission)
        other = early.take(submission, limits, device)
        assert other is not runner
        assert other.process is None
        other.remove()


def test_a_runner_that_no_box_took_leaves_nothing(submission: Path) -> None:
    with head_start() as early:
        runner = begun(early, submission)
    assert not runner.home.exists()
    assert runner.process is not None
    with pytest.raises(ProcessLookupError):
        os.kill(runner.process.pid, 0)


def test_where_it_cannot_start_the_box_says_so_itself(submission: Path) -> None:
    early = HeadStart()
    shutil.rmtree(submission)
    early.begin(submission, LIMITS, CPU)
    runner = early.take(submission, LIMITS, CPU)
    with pytest.raises(GraderError, match="copy the submission into its box"):
        runner.start()
    runner.remove()


def test_a_runner_starts_without_what_few_submissions_need() -> None:
    package = "spec_from_file_location('_grader_runner', root + '/__init__.py', "
    program = f"""
import importlib.util, sys
root = sys.argv[1]
spec = importlib.util.{package}submodule_search_locations=[root])
sys.modules["_grader_runner"] = importlib.util.module_from_spec(spec)
import _grader_runner.main
print(*(name for name in ("asyncio", "sqlite3", "torch", "unittest") if name in sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(RUNNER)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"

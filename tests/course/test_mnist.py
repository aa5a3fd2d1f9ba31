"""The whole way once, with the real test set: a beginner's script, graded unchanged by the
command.

Training par and the script takes minutes. On stand-in data test_as_found.py checks such scripts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.paths import ROOT

from grader.course.curriculum import find_task

SCRIPT = find_task("mnist").reference_folder / "tutorial_script"
SECONDS = 900  # par is graded first, once for a machine


def test_the_script_knows_nothing_of_the_grader() -> None:
    source = (SCRIPT / "solution.py").read_text("utf-8")
    assert "grader" not in source.lower()
    assert "def train(data)" not in source
    assert "torchvision" in source


@pytest.mark.data
@pytest.mark.nightly
def test_a_beginners_script_is_graded_unchanged(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "grader.cli", "run", str(SCRIPT), "--task", "mnist", "--json"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)
    assert result["verdict"]["status"] == "accepted"
    assert result["submission"]["file"] == "solution.py"
    measured = result["measurements"]
    assert measured["accuracy"]["value"] >= 0.95
    assert measured["accuracy"]["n"] == 10_000
    assert (
        measured["accuracy"]["low"] < measured["accuracy"]["value"] < measured["accuracy"]["high"]
    )
    assert measured["speed_ratio"]["value"] > 0
    assert measured["memory_ratio"]["value"] > 0
    assert result["par"]["accuracy"]["value"] > 0.98
    assert result["score"]["accuracy"] > 0
    assert [
        path.name for path in (tmp_path / "results").iterdir() if not path.name.startswith(".")
    ] == ["mnist"]

"""Planted submissions in plain processes: each gets the verdict that its folder is called after.

support/planted.py says how they are graded and what an expect.toml means. test_attacks.py grades
attacks in a container, where most of them end in the same way; `make test` grades here those that
end differently where there is no wall, and a sample of the rest. `make test-all` grades all.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.paths import ROOT
from support.planted import (
    ATTACKS,
    FAILED,
    FOLDERS,
    NO_SCORE,
    REFUSED,
    SECTIONS,
    assert_as_expected,
    expectations,
    grade_planted,
    kinds_of,
    name_of,
    read_expectations,
    rows_of,
    waits_for_its_end,
    what_it_tries,
)
from support.sampling import parameters, sample

from grader.course.curriculum import find_task
from grader.records import Status, Tier
from grader.results import store
from grader.sandbox.process import ProcessSandbox


def by_day() -> set[Path]:
    """Return what is graded here with every change: attacks that end differently where there is no
    wall, one attack of every section, and of the others each kind.
    """
    differ = {folder for folder in ATTACKS if "process" in read_expectations(folder)}
    alike = [folder for folder in ATTACKS if folder not in differ]
    others = [folder for folder in FOLDERS if folder not in ATTACKS]
    of_each_section = sample(alike, sections_of, name_of, waits_for_its_end)
    return {*differ, *of_each_section, *sample(others, kinds_of, name_of, waits_for_its_end)}


def sections_of(folder: Path) -> list[str]:
    return [row[0] for row in rows_of(folder)]


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


def test_every_folder_is_called_after_a_verdict() -> None:
    assert {path.parent.name for path in FOLDERS} <= {REFUSED, *(status.value for status in Status)}
    for folder in FOLDERS:
        made = read_expectations(folder).get("hand_in") == "made"
        assert made or (folder / "solution.py").is_file() or list(folder.glob("*.ipynb")), folder


def test_there_are_enough_of_each_kind() -> None:
    of_digits = [path for path in FOLDERS if path.parent.parent.name.startswith("digits")]
    assert len(of_digits) >= 25
    verdicts = {path.parent.name for path in of_digits}
    assert verdicts >= {status.value for status in FAILED} | {"accepted", "below_target"}


@pytest.mark.parametrize("folder", ATTACKS, ids=name_of)
def test_an_attack_names_its_row_and_what_it_may_earn(folder: Path) -> None:
    for row in rows_of(folder):
        assert re.fullmatch(r"[A-J][0-9]{1,3}", row), row
        _, first, last = SECTIONS[row[0]]
        assert first <= int(row[1:]) <= last, f"{row} is not in the section {row[0]}"
    assert 10 <= len(what_it_tries(folder)) <= 160
    spec = find_task(folder.parent.parent.name).spec
    for tier in (Tier.CONTAINER, Tier.PROCESS):
        expected = expectations(folder, tier)
        scored = not set(expected["verdicts"]) <= NO_SCORE
        if scored or (spec.exam == "functions" and expected["verdicts"] != [REFUSED]):
            assert {"max_accuracy", "max_score"} & set(expected), tier


@pytest.mark.parametrize("folder", parameters(FOLDERS, by_day(), name_of))
def test_a_planted_submission_gets_its_verdict(
    folder: Path, tmp_path: Path, small_data: Path
) -> None:
    graded = grade_planted(folder, ProcessSandbox(), tmp_path, small_data)
    assert_as_expected(folder, graded, Tier.PROCESS, tmp_path / "results")
    assert marked_processes() == {}


KILLER = """
import os
import signal


def train(data):
    os.kill(os.getppid(), signal.SIGKILL)
"""


def test_a_submission_that_kills_the_grader_gains_nothing(tmp_path: Path) -> None:
    """The process tier cannot keep it from doing so: both are the same user's. It gets no
    result.
    """
    (tmp_path / "solution.py").write_text(KILLER)
    done = subprocess.run(
        [sys.executable, "-m", "grader.cli", "run", "solution.py", "--task", "digits"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode not in (0, 1)
    assert store.load_results(tmp_path / "results") == ([], [])

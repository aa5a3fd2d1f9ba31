"""The rules of this suite: what may be skipped where, what is left out, who imports whom."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.paths import TESTS
from support.sampling import parameters, sample

MARKS = ("data", "browser", "docker", "gpu", "nightly")
PLANTED = """
import pytest

@pytest.mark.data
def test_data(): pass

@pytest.mark.browser
def test_browser(): pytest.skip("no Chromium")

@pytest.mark.nightly
def test_nightly(): pass

def test_plain(): pass

def test_skipped(): pytest.skip("for a good reason")
"""


def run_suite(tmp_path: Path, *words: str, **environment: str) -> dict[str, int]:
    """Run a small suite under our conftest and return how many tests ended which way."""
    shutil.copy(TESTS / "conftest.py", tmp_path / "conftest.py")
    (tmp_path / "test_planted.py").write_text(PLANTED)
    marks = "\n".join(f"    {mark}: for tests" for mark in MARKS)
    (tmp_path / "pytest.ini").write_text(f"[pytest]\nmarkers =\n{marks}\n")
    unset = ("CI", "GRADER_CI", "GRADER_DATA", "PYTEST_ADDOPTS")
    clean = {name: value for name, value in os.environ.items() if name not in unset}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words, str(tmp_path)],
        cwd=tmp_path,
        env=clean | {"PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)])} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    last = done.stdout.strip().splitlines()[-1]
    found = [part.split()[:2] for part in last.partition(" in ")[0].strip("= ").split(", ")]
    return {name: int(count) for count, name in found}


@pytest.mark.parametrize("variable", [{}, {"CI": "false"}], ids=str)
def test_on_a_developers_machine_what_lacks_its_needs_is_skipped(
    tmp_path: Path, variable: dict[str, str]
) -> None:
    assert run_suite(tmp_path, **variable) == {"passed": 1, "skipped": 3, "deselected": 1}


@pytest.mark.parametrize("variable", [{"CI": "true"}, {"GRADER_CI": "1"}], ids=str)
def test_in_ci_such_a_skip_is_a_failure(tmp_path: Path, variable: dict[str, str]) -> None:
    ended = run_suite(tmp_path, **variable)
    assert ended.pop("failed", 0) + ended.pop("error", 0) == 2
    assert ended == {"passed": 1, "skipped": 1, "deselected": 1}


def test_with_data_and_nightly_everything_runs(tmp_path: Path) -> None:
    assert run_suite(tmp_path, "--nightly", GRADER_DATA=str(tmp_path)) == {
        "passed": 3,
        "skipped": 2,
    }


# The sample of a cross that runs with every change.

WORDS = ("ab", "b", "a", "bc", "c", "abd", "d")


def test_a_sample_has_every_kind_and_is_the_same_in_any_order() -> None:
    chosen = sample(WORDS, set, str)
    assert set("".join(chosen)) == set("".join(WORDS))
    assert len(chosen) < len(WORDS)
    assert sample(reversed(WORDS), set, str) == chosen


def test_of_cases_with_equally_many_kinds_the_cheaper_is_taken() -> None:
    price = {"ab": 0.0, "ac": 1.0, "bc": 1.0}
    for dear in ("ac", "bc"):
        chosen = sample(price, set, str, lambda word, dear=dear: price[word] + (word == dear))
        assert set(chosen) == set(price) - {dear}


def test_a_new_case_of_known_kinds_adds_nothing() -> None:
    assert sample([*WORDS, "a", "b"], set, str) == sample(WORDS, set, str)


def test_what_is_not_in_the_sample_waits_for_the_night() -> None:
    made = parameters(WORDS, sample(WORDS, set, str), str, lambda word: [pytest.mark.clock])
    nightly = {each.id for each in made if pytest.mark.nightly in each.marks}
    assert nightly == set(WORDS) - set(sample(WORDS, set, str))
    assert all(pytest.mark.clock in each.marks for each in made)


# What tests share lies in tests/support.


def imported_modules(path: Path) -> set[str]:
    """Return the full names of the modules that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add("." * node.level + (node.module or ""))
    return names


def is_test_module(name: str) -> bool:
    first, _, _ = name.partition(".")
    return first in ("tests", "conftest", "") or first.startswith("test_")


FILES = sorted(path for path in TESTS.rglob("*.py") if TESTS / "data" not in path.parents)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(TESTS).as_posix())
def test_no_file_imports_a_test(path: Path) -> None:
    """A test imported elsewhere is collected twice, and cannot be moved or changed alone."""
    assert {name for name in imported_modules(path) if is_test_module(name)} == set()


def test_support_holds_no_tests() -> None:
    for path in (TESTS / "support").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            assert not (isinstance(node, ast.FunctionDef) and node.name.startswith("test")), path

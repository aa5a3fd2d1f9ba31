"""`grader task new` writes a task that is whole; `grader task verify` says what is not."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from support.commands import grader

from grader.course.curriculum import load_task
from grader.course.new_task import KINDS, make_task
from grader.grading.verifying import Finding, verify_task


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_task_of_each_kind_is_whole(kind: str, tmp_path: Path) -> None:
    make_task(tmp_path / "my-first", kind)
    findings = verify_task(tmp_path / "my-first", tmp_path, tmp_path / "scratch")
    assert [each for each in findings if each.status == "fail"] == []
    assert {"starter", "task.toml"} <= {each.about for each in findings}
    assert load_task(tmp_path / "my-first").spec.exam == kind


def found(folder: Path, tmp_path: Path) -> dict[str, Finding]:
    load_task.cache_clear()
    with TemporaryDirectory() as scratch:
        return {each.about: each for each in verify_task(folder, tmp_path, Path(scratch))}


def test_what_would_stop_a_run_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    make_task(folder, "classification")
    (folder / "README.md").unlink()
    (folder / "starter" / "solution.py").write_text("def train(data):\n    return None\n")
    (folder / "reference" / "means" / "solution.py").write_text("import nothing_of_this_name\n")
    rows = (folder / "train.csv").read_text().splitlines()
    (folder / "hidden.csv").write_text("\n".join([rows[0], *rows[-3:]]) + "\n")
    findings = found(folder, tmp_path)
    assert findings["README.md"].status == "fail"
    assert findings["starter"].status == "fail"
    assert findings["reference means"].status == "fail"
    assert "nothing_of_this_name" in findings["reference means"].says
    assert "3 hidden examples are in the training part too" in findings["two parts"].says
    (folder / "train.csv").unlink()
    assert findings_fail(found(folder, tmp_path)["data set broken"], "train.csv")


def findings_fail(finding: Finding, says: str) -> bool:
    return finding.status == "fail" and says in finding.says


def test_the_command_makes_one_and_verifies_it(tmp_path: Path) -> None:
    made = grader("task", "new", "tell-apart", "--exam", "functions", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert "GRADER_TASKS=" in made.stdout
    again = grader("task", "new", "tell-apart", cwd=tmp_path)
    assert again.returncode == 2
    assert "already exists" in again.stderr
    verified = grader("task", "verify", "my-tasks/tell-apart", "--json", cwd=tmp_path)
    assert verified.returncode == 0, verified.stdout
    assert {"about": "README.md", "status": "pass", "says": "is there"} in json.loads(
        verified.stdout
    )
    (tmp_path / "my-tasks" / "tell-apart" / "task.toml").write_text("id = ")
    broken = grader("task", "verify", "my-tasks/tell-apart", cwd=tmp_path)
    assert broken.returncode == 3
    assert "FAIL    task.toml: " in broken.stdout
    wrong = grader("task", "new", "Tell Apart", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "cannot be a task's id" in wrong.stderr

"""On the real data, the starter of each documented task misses the gate and its reference is
accepted, as docs/teach/tasks/ says.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.documented import DOCUMENTED, reference_of, write_documented_tasks

from grader.course.curriculum import find_task
from grader.records import Result, Status


@pytest.mark.data
@pytest.mark.nightly
@pytest.mark.parametrize("kind", DOCUMENTED)
def test_a_documented_starter_misses_and_its_reference_is_accepted(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grade_folder: Callable[..., Result]
) -> None:
    monkeypatch.setenv("GRADER_TASKS", str(write_documented_tasks(tmp_path / "documented")))
    task = find_task(DOCUMENTED[kind])
    starter = grade_folder(task.starter, task.id)
    reference = grade_folder(reference_of(task.folder), task.id)
    assert starter.verdict.status is Status.BELOW_TARGET, starter.verdict
    assert reference.verdict.status is Status.ACCEPTED, reference.verdict

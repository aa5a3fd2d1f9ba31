"""No two boxes of one computer have the same user at the same time."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import SandboxError
from grader.sandbox.docker import runner_user
from grader.sandbox.docker.runner_user import RunnerUser


@pytest.fixture(autouse=True)
def few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner_user.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(runner_user, "RUNNERS", 3)


def test_a_number_is_held_by_one_box_alone_until_it_is_let_go() -> None:
    boxes = [RunnerUser() for _ in range(3)]
    assert len({each.number for each in boxes}) == 3
    with pytest.raises(SandboxError, match="all 3 users"):
        RunnerUser()
    boxes[1].release()
    boxes[1].release()
    assert RunnerUser().number == boxes[1].number


def test_a_lock_that_another_account_left_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / f"grader-runner-{runner_user.FIRST_RUNNER}.lock").mkdir()
    found = {each.number for each in (RunnerUser(), RunnerUser())}
    assert runner_user.FIRST_RUNNER not in found

"""Tasks that may use a GPU, made of the small task with a par."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from support.paths import TEST_TASKS

PAR_TASK = TEST_TASKS / "digits-par"


def make_gpu_task(folder: Path, name: str, par: str = "", **changes: str) -> str:
    """Make digits-par anew with a budget for GPUs and this par, or none, and return its id."""
    text = (PAR_TASK / "task.toml").read_text("utf-8").replace("digits-par", name)
    text = text.replace("cpu_seconds = 10", "cpu_seconds = 10\ngpu_seconds = 60")
    text = text.replace('par = "random_features"', f'par = "{"par" if par else ""}"')
    for old, new in changes.items():
        text = "\n".join(
            f"{old} = {new}" if line.startswith(f"{old} = ") else line for line in text.splitlines()
        )
    (folder / "tasks" / name).mkdir(parents=True)
    (folder / "tasks" / name / "task.toml").write_text(text)
    if par:
        (folder / "tasks" / name / "reference" / "par").mkdir(parents=True)
        (folder / "tasks" / name / "reference" / "par" / "solution.py").write_text(par)
    return name


def gpu_task_maker(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return `make_gpu_task` for a folder in which the grader then looks for tasks."""
    monkeypatch.setenv("GRADER_TASKS", str(folder / "tasks"))
    monkeypatch.setenv("GRADER_CACHE", str(folder / "cache"))
    return lambda name, par="", **changes: make_gpu_task(folder, name, par, **changes)

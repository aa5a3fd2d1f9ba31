"""What a run of a function task does not need, it does not import: that is most of its time.

Its box imports NumPy as well, so it is started before the grader does; and it is the only process.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from support.loaded import loaded_at_processes, loaded_by

from grader.course.curriculum import course_folder

UNNEEDED = (
    "asyncio",
    "filelock",
    "grader.doctor.entries",
    "grader.doctor.examine",
    "grader.doctor.rules",
    "grader.exams.spending",
    "grader.exams.timing.par",
    "grader.terminal.progress",
    "grader.tutor.explanations",
    "reports",
    "rich.progress",
    "sqlite3",
)
TOO_EARLY = ("grader.exams.exam", "grader.sandbox.box", "grader.terminal", "numpy", "rich.console")


def test_a_right_answer_to_a_function_task_brings_no_doctor_and_no_clock(tmp_path: Path) -> None:
    reference = course_folder("reference") / "neuron" / "numpy"
    loaded, printed = loaded_by("run", reference, "--json", of=UNNEEDED, cwd=tmp_path)
    assert '"accepted"' in printed
    assert loaded == set()


@pytest.mark.parametrize("command", ["run", "check"])
def test_the_one_box_of_a_function_task_starts_before_numpy_is_imported(
    command: str, tmp_path: Path
) -> None:
    reference = course_folder("reference") / "neuron" / "numpy"
    started = loaded_at_processes(command, reference, "--json", of=TOO_EARLY, cwd=tmp_path)
    assert started == [set()]

"""What a run of a function task does not need, it does not import: that is most of its time."""

from __future__ import annotations

from pathlib import Path

from support.loaded import loaded_by

from grader.course.curriculum import course_folder

UNNEEDED = (
    "grader.doctor.entries",
    "grader.doctor.examine",
    "grader.doctor.rules",
    "grader.exams.spending",
    "grader.exams.timing.par",
    "grader.terminal.progress",
    "grader.tutor.explanations",
    "reports",
    "rich.progress",
)


def test_a_right_answer_to_a_function_task_brings_no_doctor_and_no_clock(tmp_path: Path) -> None:
    reference = course_folder("reference") / "neuron" / "numpy"
    loaded, printed = loaded_by("run", reference, "--json", of=UNNEEDED, cwd=tmp_path)
    assert '"accepted"' in printed
    assert loaded == set()

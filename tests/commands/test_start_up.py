"""What a run of a function task does not need, it does not import: that is most of its time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from support.paths import ROOT

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
LOADED = """
import sys
from grader import cli
sys.argv = ["grader", *sys.argv[1:]]
try:
    cli.main()
except SystemExit:
    pass
print("LOADED", *(name for name in {names!r} if name in sys.modules), file=sys.stderr)
"""


def test_a_right_answer_to_a_function_task_brings_no_doctor_and_no_clock(tmp_path: Path) -> None:
    reference = course_folder("reference") / "neuron" / "numpy"
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(names=UNNEEDED), "run", str(reference), "--json"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert '"accepted"' in done.stdout
    assert done.stderr.splitlines()[-1] == "LOADED"

"""Trainings with one mistake planted, and what the doctor calls it."""

from __future__ import annotations

from benchmarks.doctor.runs import Run, perform, source_of, with_places
from grader.doctor.diagnose import diagnose

DATA = ("digits", "cancer", "blobs")


def diagnosed(run: Run) -> list[str]:
    """Return the codes of the mistakes that are named after this training, the likeliest first."""
    line = perform(run, DATA)
    assert "failed" not in line, line
    whole = with_places({run.key: line}, DATA)[run.key]
    return [each.code for each in diagnose(whole["numbers"], source_of(whole), exam=run.exam)]

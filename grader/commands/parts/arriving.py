"""The beginning and the end of a batch in a class: who handed in what, and the journal."""

from __future__ import annotations

from pathlib import Path
from typing import cast, get_args

from grader.classroom.arrivals import Arrivals, Which, arrivals
from grader.classroom.class_folder import ClassFolder
from grader.commands.parts.console import warn
from grader.errors import UsageError
from grader.grading.batch import find_submissions
from grader.grading.batch_outcomes import Finished
from grader.grading.bench import author_of
from grader.spelling import no_such


def arrived_in(
    folder: Path, results: Path, school: ClassFolder | None, task: str | None, attempts: str | None
) -> Arrivals:
    """Say who handed in what, before anything runs; UsageError if nobody did."""
    if attempts not in (None, *get_args(Which)):
        raise UsageError(f"--attempts: {no_such('choice', attempts or '', get_args(Which))}")
    arrived = arrivals(
        find_submissions(folder, results),
        school,
        attempts=cast(Which | None, attempts),
        names=lambda hand_in: author_of(hand_in.path, task or "", None),
    )
    warn(arrived.remarks)
    if not arrived.hand_ins:
        raise UsageError(
            f"nothing in {folder} can be graded; expected a folder, zip, notebook or script for "
            "each submission"
        )
    return arrived


def note_hand_ins(school: ClassFolder | None, finished: Finished) -> None:
    """Write what was graded now into the journal of the class, if there is one."""
    if school is None:
        return
    lines = []
    for outcome in finished.outcomes:
        result = outcome.result
        if outcome.state == "graded" and result is not None:
            lines.append(
                {
                    "what": "hand-in",
                    "author": outcome.author,
                    "task": outcome.task,
                    "sha256": result.submission.sha256,
                    "result": result.id,
                }
            )
    school.journal.add_all(lines)

"""What an exam found: the one value it returns, and all that a score rests on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from grader.intake.notebook_cells import read_cells
from grader.records import (
    Advice,
    CaseGroup,
    Code,
    Details,
    Diagnosis,
    Failure,
    Measured,
    Status,
    Submission,
)


@dataclass
class Outcome:
    """Everything one exam, or its rehearsal, has to say about a submission.

    measurements: by the ids in `grader/measures.py`. cases: of a function task. arrays: the raw
    answers, kept so that a metric can be computed again. failure: why it ended early, or why it is
    flagged. par: the reference's own figures. reported: what the runner said of itself and the
    model; shown, never scored. advice: of a rehearsal alone. log: what the submission printed.
    """

    measurements: dict[str, Measured] = field(default_factory=dict)
    cases: list[CaseGroup] = field(default_factory=list)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    failure: Failure | None = None
    par: dict[str, Measured] = field(default_factory=dict)
    reported: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    diagnoses: list[Diagnosis] = field(default_factory=list)
    details: Details | None = None
    advice: list[Advice] = field(default_factory=list)
    log: str = ""

    def fail(self, failure: Failure, peak_memory: Measured | None = None) -> None:
        """End as a failure: figures of a run that was not graded to the end are dropped.

        What the doctor named, what a rehearsal advised, notes and the log stay: they help all the
        same.
        """
        self.failure = failure
        self.measurements = {} if peak_memory is None else {"peak_memory_bytes": peak_memory}
        self.cases = []
        self.arrays = {}
        self.par = {}
        self.reported = {}

    def remark(self, note: str) -> None:
        """Say something on the result, once; nothing where there is nothing to say."""
        if note and note not in self.notes:
            self.notes.append(note)

    def blame_grader(self, reason: str, code: Code = Code.GRADER) -> None:
        """End as our own trouble, which is never scored."""
        self.fail(Failure(Status.GRADER_ERROR, code, reason))

    def name_cells(self, submission: Submission) -> None:
        """Of a notebook: give places in its code by cell and line, in messages and in the log."""
        if not submission.made:
            return
        cells = read_cells(submission.folder / submission.made)
        if self.failure is not None:
            self.failure = replace(self.failure, reason=cells.named(self.failure.reason))
        self.cases = [
            case.model_copy(update={"message": cells.named(case.message)}) for case in self.cases
        ]
        self.log = cells.named(self.log)

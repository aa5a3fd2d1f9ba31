"""The values that travel through the grader and come to rest in result.json and details.json.

The room owns their shapes and nothing else: no file is read or written here, and nothing is
measured, scored or drawn. Everybody may import it; it imports nothing but the ground floor. What is
stored is a `Record`, described field by field in docs/measure/results-format.md (a test holds the
two together). Units are in the names or in `Measured.unit`.

    verdict      Status, Code, Failure, Verdict, Score: how a run ended
    findings     Measured, CaseGroup, Diagnosis, Advice: what was found
    submission   Submission, SubmissionRecord: what was handed in
    result       Result, Summary, TaskRecord, MachineRecord, Tier: one graded run
    details      Details and its parts: what a page shows beside the figures
"""

from grader.records.details import (
    Answer,
    Bin,
    Details,
    LossCurve,
    Mistake,
    NamedLines,
    Number,
    PhaseMemory,
    Sample,
)
from grader.records.findings import Advice, CaseGroup, Diagnosis, Measured, Severity
from grader.records.record import Record, problems_in
from grader.records.result import (
    STOPPED_NOTE,
    MachineRecord,
    Result,
    Summary,
    TaskRecord,
    Tier,
    private_part,
    private_version,
    published_version,
)
from grader.records.submission import Submission, SubmissionRecord
from grader.records.verdict import Code, Failure, Score, Status, Verdict

__all__ = [
    "STOPPED_NOTE",
    "Advice",
    "Answer",
    "Bin",
    "CaseGroup",
    "Code",
    "Details",
    "Diagnosis",
    "Failure",
    "LossCurve",
    "MachineRecord",
    "Measured",
    "Mistake",
    "NamedLines",
    "Number",
    "PhaseMemory",
    "Record",
    "Result",
    "Sample",
    "Score",
    "Severity",
    "Status",
    "Submission",
    "SubmissionRecord",
    "Summary",
    "TaskRecord",
    "Tier",
    "Verdict",
    "private_part",
    "private_version",
    "problems_in",
    "published_version",
]

"""What an exam saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from grader.records.details import Details
from grader.records.findings import CaseGroup, Diagnosis, Measured
from grader.records.verdict import Failure


@dataclass
class Observation:
    """What an exam saw. Everything a score rests on is in here."""

    measurements: dict[str, Measured]
    cases: list[CaseGroup]
    arrays: dict[str, Any]  # raw answers, kept so that a metric can be computed again
    failure: Failure | None = None
    par: dict[str, Measured] | None = None
    reported: dict[str, Any] | None = None
    notes: tuple[str, ...] = ()
    details: Details | None = None
    diagnoses: tuple[Diagnosis, ...] = ()

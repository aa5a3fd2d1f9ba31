"""A diagnosis: a mistake recognised by name, with what it was recognised by."""

from grader.records import Diagnosis, Severity

__all__ = ["Diagnosis", "Severity"]

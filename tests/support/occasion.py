"""Which run of the tests this is: a developer's, the one of every change, or the nightly one."""

from __future__ import annotations

import os

NIGHTLY = "GRADER_TESTS_NIGHTLY"  # set by tests/conftest.py where --nightly is given


def in_ci() -> bool:
    """Whether this is the run that counts: where something is missing then, that is a failure."""
    return os.environ.get("CI", "").lower() in ("1", "true") or os.environ.get("GRADER_CI") == "1"


def is_nightly() -> bool:
    """Whether this run has the whole night: more examples are drawn, more graders killed."""
    return os.environ.get(NIGHTLY) == "1"

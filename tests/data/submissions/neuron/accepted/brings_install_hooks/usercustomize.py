"""Leaves its mark wherever it is run."""

open("/tmp/grader-install-hook-ran", "w").close()

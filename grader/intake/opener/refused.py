"""What is wrong with a file, for whoever handed it in."""

from __future__ import annotations


class Refused(Exception):
    """A file that was understood and cannot be taken. The text says what to do."""

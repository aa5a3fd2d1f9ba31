"""Where the log of the host goes: what the grader itself does, as loggers below `grader` tell it.

Warnings are always shown. `-v` shows everything else as well: boxes that are opened and closed,
requests to the engine, par measured or found, the phases of an exam, what is stored. A log line
never holds hidden inputs or labels, and text of a submission only after cleaning. Both go to
standard error, so that standard output keeps what a command was asked for.
"""

from __future__ import annotations

import logging
import sys

from grader.text import terminal_lines

ROOT = "grader"
PLAIN = "warning: %(message)s"
DETAILED = "%(asctime)s.%(msecs)03d %(levelname)-7s %(name)s: %(message)s"
TIME = "%H:%M:%S"


class StandardError(logging.Handler):
    """Writes to whatever standard error is now: a progress bar puts itself in front of it."""

    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record), file=sys.stderr)


class Clean(logging.Formatter):
    """Cleans a line once more, whatever came into it: a terminal obeys what it is shown."""

    def format(self, record: logging.LogRecord) -> str:
        return terminal_lines(super().format(record))


def show_warnings() -> None:
    """Show what a person should know, on standard error."""
    send_to_stderr(logging.WARNING, Clean(PLAIN))


def show_everything() -> None:
    """Show all that the host does, on standard error."""
    send_to_stderr(logging.DEBUG, Clean(DETAILED, TIME))


def is_showing_everything() -> bool:
    return logging.getLogger(ROOT).isEnabledFor(logging.DEBUG)


def send_to_stderr(level: int, formatter: logging.Formatter) -> None:
    handler = StandardError()
    handler.setFormatter(formatter)
    logger = logging.getLogger(ROOT)
    logger.handlers = [handler]
    logger.setLevel(level)
    logger.propagate = False

"""How a run shows how far it is, where somebody looks."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext

from grader.commands.parts.console import console
from grader.exams.session import Progress, Silent


def shown_progress(*, quiet: bool = False) -> AbstractContextManager[Progress]:
    """Return a progress display: a bar on a terminal, lines elsewhere, nothing if quiet."""
    if quiet:
        return nullcontext(Silent())
    # Here, because a quiet run draws nothing.
    from grader.terminal.progress import Lines, Live

    if sys.stderr.isatty():
        return Live(console(stderr=True))
    return nullcontext(Lines())

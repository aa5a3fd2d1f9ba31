"""What a notebook shows of a run: how far it is, and in the end the result and one thing to do."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.course import score
from grader.course.curriculum import Task
from grader.course.documents import located
from grader.records import Result
from grader.text import notebook_text, terminal_line, terminal_lines
from reports.advice import next_steps

UPDATE_SECONDS = 0.5
NOTE_CHARACTERS = 70


@dataclass(frozen=True)
class Graded:
    """A result as the value of a cell; `result` has the record itself."""

    result: Result
    next_step: str
    stored_in: Path

    def _repr_html_(self) -> str:
        """What a front end shows: the result, what to do next, where it is stored."""
        step = notebook_text(self.next_step)
        return (
            f"{self.result._repr_html_()}<p><b>Next</b>: {step}</p>"
            f"<p>Stored in <code>{notebook_text(str(self.stored_in))}</code></p>"
        )

    def __repr__(self) -> str:
        """What a terminal shows."""
        status = self.result.verdict.status.value.replace("_", " ")
        points = self.result.score
        count = "" if points is None else f", {points.total:.1f} of 100 points"
        return f"{terminal_line(self.result.task.title)}: {status}{count}. Next: {self.next_step}"


def graded(result: Result, task: Task, results: Path) -> Graded:
    """Return a result with the first thing to do next, as `grader run` says it."""
    hint = score.hint_for(task.spec.hints, result.verdict, result.score)
    step = terminal_lines(located(next_steps(result, hint)[0]))
    return Graded(result, step, results / result.task.id / result.id)


def say(text: str) -> None:
    """Print a line above what the cell shows."""
    print(terminal_lines(located(text)), flush=True)


def complain(text: str) -> None:
    """Print what keeps a cell from being graded, where a front end shows errors."""
    print(f"grader: {terminal_lines(located(text))}", file=sys.stderr, flush=True)


class Line:
    """One line of text as a front end shows it."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


class CellProgress:
    """How far a run is, as one line that changes in its place and goes in the end."""

    def __init__(self) -> None:
        # Here, because only a kernel has it.
        import IPython.display

        show: Any = IPython.display.display
        self._handle = show(Line("..."), display_id=True)
        self._step = ""
        self._shown_at = 0.0

    def step(self, what: str, seconds: float | None = None) -> None:
        """Show a new step."""
        self._step = f"{what} (at most {seconds:.0f} s)" if seconds else what
        self._show(self._step)

    def note(self, text: str) -> None:
        """Show the newest line that the submission printed, not more often than anybody reads."""
        if time.monotonic() - self._shown_at > UPDATE_SECONDS:
            self._show(f"{self._step}: {terminal_line(text)[:NOTE_CHARACTERS]}")

    def close(self) -> None:
        """Leave nothing."""
        self._show("")

    def _show(self, text: str) -> None:
        self._shown_at = time.monotonic()
        if self._handle is not None:
            self._handle.update(Line(text))

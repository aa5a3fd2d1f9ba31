"""How far a run is: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from grader.text import terminal_line

NOTE_WIDTH = 60


class Live:
    """A progress bar with the newest line of the submission's own output."""

    def __init__(self, console: Console) -> None:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            TextColumn("{task.fields[newest_line]}", markup=False, style="dim"),
        )
        self._bar = Progress(*columns, console=console, transient=True)
        self._task: TaskID | None = None

    def __enter__(self) -> Live:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def step(self, what: str, seconds: float | None = None) -> None:
        """Show a new step. With `seconds`, the bar fills as that time passes."""
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(what, total=seconds, newest_line="")

    def note(self, text: str) -> None:
        """Show a line that the submission printed, and how much of the step's time has passed."""
        if self._task is None:
            return
        task = next(task for task in self._bar.tasks if task.id == self._task)
        passed = min(task.elapsed or 0, task.total or 0)
        newest_line = terminal_line(text)[:NOTE_WIDTH]
        self._bar.update(self._task, completed=passed, newest_line=newest_line)


class Lines:
    """Progress as plain lines on standard error, where there is no terminal to draw on."""

    def step(self, what: str, seconds: float | None = None) -> None:
        limit = f" (at most {seconds:.0f} s)" if seconds else ""
        print(f"{what}{limit} ...", file=sys.stderr, flush=True)

    def note(self, text: str) -> None:
        """Nothing: what a submission prints would bury the steps."""

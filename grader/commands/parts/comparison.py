"""Two results side by side in the terminal."""

from __future__ import annotations

from grader.classroom.compare import Comparison, meaningful
from grader.commands.parts.console import console, say
from grader.records import Measured
from grader.terminal import columns
from grader.text import terminal_line
from reports.numbers import interval_text, value_text

NOTHING = "-"


def print_comparison(found: Comparison) -> None:
    """Print points, figures, changed cases and what changed in the source."""
    for side, result in (("one", found.one), ("other", found.other)):
        author = terminal_line(result.submission.author)
        status = result.verdict.status.value
        say(f"{side:<6} {result.id}  {author}  {status}  {result.moment:%Y-%m-%d %H:%M} UTC")
    for note in found.notes:
        say(f"note: {note}")
    rows = [(name, points(first), points(second), "") for name, first, second in found.points]
    for row in found.rows:
        rows.append((row.label, shown(row.key, row.one), shown(row.key, row.other), row.meaning))
    say("")
    columns(console(), ("", "one", "other", "the difference"), rows)
    if found.cases:
        say("")
        columns(console(), ("cases", "one", "other"), found.cases)
    differ = meaningful(found.rows)
    names = ", ".join(row.label for row in differ) or "nothing beyond chance"
    say(f"\nWhat differs: {names}")
    if found.diff:
        say("\nThe source:")
        for line in found.diff:
            say(terminal_line(line) if line.strip() else "", wrap=False)


def points(value: float | None) -> str:
    return NOTHING if value is None else f"{value:g}"


def shown(key: str, measured: Measured | None) -> str:
    """Return a figure with its interval."""
    if measured is None:
        return NOTHING
    interval = interval_text(key, measured)
    return f"{value_text(key, measured)} ({interval})" if interval else value_text(key, measured)

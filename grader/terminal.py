"""How things look in a terminal: results, boards, checks, progress.

Whatever a submission or a stored file chose goes through `grader.text` and into a Rich `Text`: it
is shown as text, never read as markup or as an escape sequence.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from grader import measures
from grader.measures import Format, Measure
from grader.records import CaseGroup, Diagnosis, Measured, Result, Status
from grader.text import terminal_line, terminal_lines

SYMBOLS = {
    Status.ACCEPTED: ("PASS", "bold green"),
    Status.BELOW_TARGET: ("MORE", "bold yellow"),
    Status.FLAGGED: ("FLAG", "bold magenta"),
    Status.GRADER_ERROR: ("OURS", "bold red"),
}
FAILED = ("FAIL", "bold red")
CASE_SYMBOLS = {
    "pass": ("PASS", "green"),
    "fail": ("FAIL", "red"),
    "error": ("FAIL", "red"),
    "not_attempted": ("TODO", "cyan"),
    "skipped": ("SKIP", "dim"),
    "by_hand": ("HAND", "cyan"),
}
ADVICE_SYMBOLS = {
    "pass": ("PASS", "green"),
    "advice": ("ADVICE", "yellow"),
    "skip": ("SKIP", "dim"),
}
SPREAD_SHOWN = ("train_seconds", "speed_ratio", "memory_ratio")  # of several runs, and the metric
MIB = 1 << 20
INDENT = " " * 6
MESSAGE_INDENT = " " * 8
LABEL_GAP = 2
NARROWEST = 8
NOTE_WIDTH = 60


# Figures.


def show_measured(figure: Measured) -> str:
    """Return a figure as people read it, with its spread, how it was observed, and any noise."""
    text = show_value(figure)
    if shows_ends(figure) and figure.ends is not None:
        low, high = (show_end(end, figure.unit) for end in figure.ends)
        text += f"  ({low} to {high})"
    if figure.noisy:
        text += "  noisy"
    if figure.source:
        text += f"  [{terminal_line(figure.source)}]"
    return text


def shows_ends(figure: Measured) -> bool:
    """Whether the ends of a spread are shown: of every interval, and of some quartiles."""
    match measures.format_of("", figure.unit):
        case Format.SHARE | Format.SECONDS | Format.RATIO:
            return True
        case Format.NUMBER:
            return figure.interval is not None
    return False


def show_value(figure: Measured) -> str:
    """Return the value of a figure with its unit."""
    value = figure.value
    match measures.format_of("", figure.unit):
        case Format.SHARE:
            return f"{100 * value:.2f} %"
        case Format.CASES:
            return f"{round(value * figure.n)} of {figure.n}"
        case Format.BYTES:
            return f"{value / MIB:.0f} MiB"
        case Format.SECONDS:
            return show_seconds(value)
        case Format.RATIO:
            return f"{value:.2f} x"
    return f"{show_number(value)} {terminal_line(measures.unit_in_words(figure.unit))}"


def show_number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def show_end(value: float, unit: str) -> str:
    """Return one end of a spread, without the unit that the value beside it has."""
    match measures.format_of("", unit):
        case Format.SHARE:
            return f"{100 * value:.2f}"
        case Format.SECONDS:
            return show_seconds(value)
        case Format.NUMBER:
            return show_number(value)
    return f"{value:.2f}"


def show_seconds(value: float) -> str:
    if value < 1e-3:
        return f"{value * 1e6:.0f} us"
    if value < 1:
        return f"{value * 1e3:.2f} ms"
    return f"{value:.1f} s"


def short_figure(figure: Measured | None) -> str:
    """Return a figure for a narrow column; empty where there is none."""
    if figure is None:
        return ""
    if figure.unit == "inputs a second":
        return f"{figure.value / 1000:.1f}k" if figure.value >= 1000 else f"{figure.value:.0f}"
    return show_value(figure)


def board_cell(measure: Measure, figure: Measured | None) -> str:
    """Return a figure for a board: a number has its short suffix at most, as columns are narrow."""
    if figure is None or measure.format is not Format.NUMBER:
        return short_figure(figure)
    return f"{show_number(figure.value)} {measure.suffix}".rstrip()


def median_and_ends(figures: Sequence[Measured]) -> str:
    """Return the median of some figures, and the lowest and the highest where they differ."""
    ordered = sorted(figures, key=lambda figure: figure.value)
    median = statistics.median(figure.value for figure in ordered)
    shown = short_figure(ordered[0].model_copy(update={"value": median}))
    low = short_figure(ordered[0])
    high = short_figure(ordered[-1])
    return shown if low == high else f"{shown} ({low} to {high})"


# One result.


def print_result(
    console: Console,
    result: Result,
    hint: str,
    before: Result | None = None,
    *,
    is_apart: bool = True,
) -> None:
    """Print one result: verdict, reason, cases, figures, points, and the change since `before`."""
    symbol, style = SYMBOLS.get(result.verdict.status, FAILED)
    head = Text(f"\n{symbol}  ", style)
    head.append(terminal_line(result.task.title), "bold")
    head.append(f"  {result.verdict.status.value}")
    console.print(head)
    if result.verdict.reason:
        print_hanging(console, Text(INDENT + terminal_lines(result.verdict.reason)))
    for case in result.cases:
        print_case(console, case)
    for diagnosis in result.diagnoses:
        print_diagnosis(console, diagnosis)
    print_rows(console, figure_rows(result))
    for note in (*result.submission.notes, *result.notes):
        console.print(Text(f"{INDENT}note: {terminal_lines(note)}", "dim"))
    if result.score is not None:
        console.print(score_line(result, before, is_apart=is_apart))
        if result.score.capped and result.score.capped not in result.verdict.reason:
            print_hanging(console, Text(f"{INDENT}capped: {result.score.capped}", "yellow"))
    if hint:
        print_hanging(console, Text(f"{INDENT}hint: {hint}", "italic"))


def figure_rows(result: Result) -> list[tuple[str, str]]:
    """Return label and text of the figures that a terminal shows, in the order they were taken."""
    rows = []
    for name, figure in result.measurements.items():
        if name == "cases" and result.cases:
            continue  # the groups of cases stand above
        measure = measures.find(name, figure.unit)
        if not measure.is_detail:
            rows.append((measure.in_sentence, show_measured(figure)))
    return rows


def print_rows(console: Console, rows: Sequence[tuple[str, str]]) -> None:
    """Print labels and what belongs to them, in two columns."""
    width = max((len(label) for label, _ in rows), default=0) + LABEL_GAP
    for label, text in rows:
        console.print(Text(f"{INDENT}{label:<{width}}{text}"))


def score_line(result: Result, before: Result | None, *, is_apart: bool = True) -> Text:
    """Return the score with its parts, and the change since an earlier result of the author.

    is_apart: whether the two results differ by more than the noise of their figures. A change that
    chance alone could bring is not told as a gain or a loss.
    """
    score = result.score
    assert score is not None
    parts = [f"accuracy {score.accuracy:g}/{score.max_accuracy:g}"]
    if score.max_speed:
        parts.append(f"speed {score.speed:g}/{score.max_speed:g}")
    if score.max_memory:
        parts.append(f"memory {score.memory:g}/{score.max_memory:g}")
    line = Text(f"{INDENT}score ").append(f"{score.total:g}", "bold").append(" of 100")
    if len(parts) > 1:
        line.append(f"  ({', '.join(parts)})")
    if before is not None and before.score is not None:
        line.append(f"  {change_since(before.score.total, score.total, is_apart=is_apart)}")
    return line


def change_since(before: float, now: float, *, is_apart: bool) -> str:
    """Say how a score changed since the last run."""
    change = round(now - before, 2)
    if not change:
        return "the same as last time"
    if not is_apart:
        return f"no change beyond chance since your last run ({before:g})"
    return f"{change:+g} since your last run"


def print_case(console: Console, case: CaseGroup) -> None:
    """Print one group of cases; where it is wrong, also its smallest failing case and a hint."""
    symbol, style = CASE_SYMBOLS[case.status]
    name = f"{terminal_line(case.called)} {terminal_line(case.group)}"
    line = Text(f"  {symbol}", style)
    line.append(f"  {name}: {case.count}", "default")
    console.print(line)
    lines = terminal_lines(case.message).splitlines()
    if case.status == "skipped":
        lines = lines[:1]
    if case.status in ("fail", "error", "skipped", "by_hand"):
        for text in lines:
            print_hanging(console, Text(MESSAGE_INDENT + text))
    if case.hint:
        hint = f"{MESSAGE_INDENT}this is the result you get if {terminal_lines(case.hint)}"
        print_hanging(console, Text(hint, "yellow"))


def print_hanging(console: Console, text: Text) -> None:
    """Print a line; the part that does not fit follows below, indented further."""
    inner = text.plain.lstrip(" ")
    indent = len(text.plain) - len(inner)
    width = max(NARROWEST, console.width - indent - 2)
    margin = " " * indent
    for row in text[indent:].wrap(console, width):
        row.rstrip()
        console.print(Text(margin) + row, soft_wrap=True)
        margin = " " * (indent + 2)


def print_diagnosis(console: Console, diagnosis: Diagnosis) -> None:
    """Print a mistake that the run looks like: how sure, its name, its place, and the signs."""
    line = Text(f"{INDENT}{diagnosis.likelihood}: ", "bold yellow")
    line.append(terminal_line(diagnosis.title), "default")
    if diagnosis.where:
        line.append(f"  ({terminal_line(diagnosis.where)})", "dim")
    console.print(line)
    for sign in diagnosis.because:
        print_hanging(console, Text(MESSAGE_INDENT + terminal_lines(sign)))


def print_check(console: Console, report: Mapping[str, Any]) -> None:
    """Print what a check found, given as `grader check --json` says it."""
    for note in report["notes"]:
        console.print(Text(f"  note: {terminal_lines(note)}", "dim"))
    for case in report["cases"]:
        print_case(console, CaseGroup.model_validate(case))
    for diagnosis in report["diagnoses"]:
        print_diagnosis(console, Diagnosis.model_validate(diagnosis))
    if not report["cases"]:
        print_training(console, report)
    for advice in report.get("advice", ()):
        word, style = ADVICE_SYMBOLS[advice["status"]]
        line = Text(f"  {word:<6}", style)
        line.append(f"  {advice['about']}: {advice['says']}", "default")
        print_hanging(console, line)


def print_training(console: Console, report: Mapping[str, Any]) -> None:
    """Print whether a submission that trains a model did so, or what stopped it."""
    problem = report["problem"]
    if problem is None:
        passed = f"  it loads, trains ({report['train_seconds']:.1f} s) and answers"
        console.print(Text("  PASS", "bold green").append(passed, "default"))
        return
    reason = terminal_lines(problem["reason"])
    console.print(Text("  FAIL", "bold red").append(f"  {reason}", "default"))
    for line in report["printed"]:
        printed = f"{MESSAGE_INDENT}printed by the submission: {terminal_line(line)}"
        console.print(Text(printed, "dim"))


# Many results.

STOPPED = ", stopped"  # beside a verdict: the training was ended by its budget


def print_board(console: Console, title: str, rows: Sequence[tuple[int | None, Result]]) -> None:
    """Print one board: rank (None for what was not accepted) and result, in the board's order."""
    measured = {name for _, result in rows for name in result.measurements}
    columns = [each for each in measures.REGISTERED if each.column and each.id in measured]
    table = Table(title=Text(terminal_line(title)), title_justify="left", box=None, pad_edge=False)
    headings = ["", "author", "name", "score", "verdict"]
    headings += [measure.column for measure in columns]
    for heading in headings:
        table.add_column(heading)
    for rank, result in rows:
        cells = [
            str(rank or ""),
            terminal_line(result.submission.author),
            terminal_line(result.submission.name),
            "-" if result.score is None else f"{result.score.total:g}",
            result.verdict.status.value + (STOPPED if result.was_stopped else ""),
        ]
        cells += [board_cell(each, result.measurements.get(each.id)) for each in columns]
        table.add_row(*(Text(cell) for cell in cells))
    console.print(table)


def print_spread(console: Console, results: Sequence[Result]) -> None:
    """Print the figures of several runs of one solution: medians, lowest and highest."""
    scores = [each.score.total for each in results if each.score is not None]
    rows = []
    if scores:
        points = [Measured(value=total, unit="points") for total in scores]
        rows.append(("score", median_and_ends(points)))
    for name in (results[0].metric_key, *SPREAD_SHOWN):
        found = [each.measurements[name] for each in results if name in each.measurements]
        if found:
            label = measures.find(name, found[0].unit).in_sentence
            rows.append((label, median_and_ends(found)))
    head = f"\n{len(results)} runs: the median, with the lowest and highest where they differ"
    console.print(Text(head, "bold"))
    print_rows(console, rows)


def columns(console: Console, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a plain table without lines."""
    table = Table(box=None, pad_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(heading, no_wrap=number < 2, min_width=12 if number == 1 else None)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


# Progress.


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

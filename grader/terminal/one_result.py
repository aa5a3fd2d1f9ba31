"""One result in a terminal: verdict, score as bars, figures beside par's, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from grader import measures
from grader.measures import Format, Measure
from grader.records import CaseGroup, Diagnosis, Measured, Result, Score, Status
from grader.terminal.figures import TIMES, drawable, show_ends, show_value
from grader.terminal.tables import Column, print_table
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
INDENT = " " * 6
MESSAGE_INDENT = " " * 8
NARROWEST = 8
TOTAL = "score"
WIDEST_BAR = 30
NARROWEST_BAR = 6
BESIDE_BAR = 15  # columns that the points and the gaps take
# Beside the metric, the figures that the score rests on: the first that was measured of each.
SPEED = ("speed_ratio", "latency_seconds", "throughput_per_second")
MEMORY = ("peak_memory_bytes", "memory_ratio")
FIGURE_COLUMNS = (
    Column("", folds=True),
    Column("yours", is_number=True),
    Column("95 % interval", is_number=True, drop=2),
    Column("par", is_number=True, drop=1),
)


def print_result(
    console: Console,
    result: Result,
    hint: str,
    before: Result | None = None,
    *,
    is_apart: bool = True,
) -> None:
    """Print one result: verdict, reason, cases, score, figures, and one thing to do.

    hint: what to do next. before: an earlier result of the author. is_apart: whether the two differ
    by more than the noise of their figures. A change that chance alone could bring is not told as a
    gain or a loss.
    """
    print_verdict(console, result)
    for case in result.cases:
        print_case(console, case)
    for diagnosis in result.diagnoses:
        print_diagnosis(console, diagnosis)
    if result.score is not None:
        print_score(console, result.score, result)
        if before is not None and before.score is not None:
            said = change_since(before.score.total, result.score.total, is_apart=is_apart)
            print_hanging(console, Text(INDENT + said, "dim"))
        if result.score.capped and result.score.capped not in result.verdict.reason:
            print_hanging(console, Text(f"{INDENT}capped: {result.score.capped}", "yellow"))
    print_figures(console, result)
    for note in (*result.submission.notes, *result.notes):
        print_hanging(console, Text(f"{INDENT}note: {terminal_lines(note)}", "dim"))
    if hint:
        console.print()
        print_hanging(console, Text(f"{INDENT}next: {terminal_lines(hint)}", "italic"))


def print_verdict(console: Console, result: Result) -> None:
    """Print how a run ended, and why."""
    symbol, style = SYMBOLS.get(result.verdict.status, FAILED)
    head = Text(f"{symbol}  ", style)
    head.append(terminal_line(result.task.title), "bold")
    head.append(f"  {result.verdict.status.value.replace('_', ' ')}", "default")
    console.print()
    print_hanging(console, head)
    if result.verdict.reason and not is_said_by_cases(result):
        print_hanging(console, Text(INDENT + terminal_lines(result.verdict.reason)))


def is_said_by_cases(result: Result) -> bool:
    """Whether the message of a failing case, printed below, holds the verdict's whole reason."""
    failing = [case for case in result.cases if case.status in ("fail", "error")]
    return any(result.verdict.reason in case.message for case in failing)


def print_score(console: Console, score: Score, result: Result) -> None:
    """Print the points as bars: all of them, and each part where there are several."""
    metric = measures.find(result.metric_key).in_sentence
    parts = [
        (terminal_line(metric), score.accuracy, score.max_accuracy),
        ("speed", score.speed, score.max_speed),
        ("memory", score.memory, score.max_memory),
    ]
    parts = [part for part in parts if part[2] > 0]
    rows = [(TOTAL, score.total, 100.0)]
    rows += parts if len(parts) > 1 else []
    room = console.width - len(INDENT) - max(len(row[0]) for row in rows) - BESIDE_BAR
    width = max(NARROWEST_BAR, min(WIDEST_BAR, room))
    cells = [score_row(console, width, *row) for row in rows]
    columns = (
        Column("", folds=True),
        Column("", is_number=True),
        Column("", drop=1),
    )
    console.print()
    print_table(console, columns, cells, len(INDENT))


def score_row(
    console: Console, width: int, name: str, points: float, most: float
) -> tuple[Text, Text, Text]:
    """Return name, points and bar of one part of a score, or of all of it."""
    style = "bold" if name == TOTAL else ""
    count = f"{shown_points(points)} of {most:g}"
    share = min(max(points / most, 0.0), 1.0)
    full = round(share * width)
    bar = Text(drawable(console, "█" * full), "green")
    bar.append(drawable(console, "░" * (width - full)), "dim")
    return Text(name, style), Text(count, style), bar


def shown_points(points: float) -> str:
    """Return points with one decimal, where there is something behind the point."""
    return f"{round(points, 1):g}"


def print_figures(console: Console, result: Result) -> None:
    """Print what was measured, beside par: what the score rests on first, the rest dimmed."""
    first = [key for key in main_figures(result) if not is_told_by_cases(key, result)]
    others = []
    for name, figure in result.measurements.items():
        is_shown = name in first or is_told_by_cases(name, result)
        if not is_shown and not measures.find(name, figure.unit).is_detail:
            others.append(name)
    if not first and not others:
        return
    rows = [figure_row(console, result, name, "") for name in first]
    rows += [figure_row(console, result, name, "dim") for name in others]
    console.print()
    print_table(console, FIGURE_COLUMNS, rows, len(INDENT))


def is_told_by_cases(name: str, result: Result) -> bool:
    """Whether the groups of cases have said it already."""
    return name == "cases" and bool(result.cases)


def main_figures(result: Result) -> list[str]:
    """Return the figures that the score rests on: the metric, speed and memory."""
    found = [result.metric_key]
    for choice in (SPEED, MEMORY):
        found += [name for name in choice if name in result.measurements][:1]
    return [name for name in found if name in result.measurements]


def figure_row(console: Console, result: Result, name: str, style: str) -> tuple[Text, ...]:
    """Return one figure: its name, its value, its interval, and the same of par."""
    figure = result.measurements[name]
    measure = measures.find(name, figure.unit)
    label = terminal_line(measure.in_sentence)
    if figure.source.startswith("sampled"):
        label += ", sampled"
    cells = (label, show_value(figure, measure), interval_of(figure), par_of(result, name, measure))
    return tuple(Text(drawable(console, cell), style) for cell in cells)


def interval_of(figure: Measured) -> str:
    """Return the interval that bounds a figure; quartiles are no such interval."""
    return show_ends(figure) if figure.interval is not None else ""


def par_of(result: Result, name: str, measure: Measure) -> str:
    """Return par's figure; a ratio to par is 1 for par itself."""
    par = result.par.get(name)
    if par is not None:
        return show_value(par, measure)
    return f"1 {TIMES}" if measure.format is Format.RATIO and name in (*SPEED, *MEMORY) else ""


def print_rows(console: Console, rows: Sequence[tuple[str, str]]) -> None:
    """Print labels and what belongs to them, in two columns."""
    columns = (Column("", folds=True), Column("", folds=True))
    print_table(console, columns, rows, len(INDENT))


def change_since(before: float, now: float, *, is_apart: bool) -> str:
    """Say how a score changed since the last run."""
    change = round(now - before, 1)
    if not change:
        return "the same as last time"
    if not is_apart:
        return f"no change beyond chance since your last run ({before:.1f})"
    return f"{change:+.1f} since your last run"


def print_case(console: Console, case: CaseGroup) -> None:
    """Print one group of cases; where it is wrong, also its smallest failing case and a hint."""
    symbol, style = CASE_SYMBOLS[case.status]
    name = f"{terminal_line(case.called)} {terminal_line(case.group)}"
    line = Text(f"  {symbol}", style)
    line.append(f"  {name}: {case.count}", "default")
    print_hanging(console, line)
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
    print_hanging(console, line)
    for sign in diagnosis.because:
        print_hanging(console, Text(MESSAGE_INDENT + terminal_lines(sign)))


def print_check(console: Console, report: Mapping[str, Any]) -> None:
    """Print what a check found, given as `grader check --json` says it."""
    for note in report["notes"]:
        print_hanging(console, Text(f"  note: {terminal_lines(note)}", "dim"))
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

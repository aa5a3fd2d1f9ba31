"""How things look in a terminal: results, boards, progress. Every text from a submission is shown
as plain text.
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

from grader.records import CaseGroup, Diagnosis, Measured, Result, Status

SYMBOLS = {
    Status.ACCEPTED: ("PASS", "bold green"),
    Status.BELOW_TARGET: ("MORE", "bold yellow"),
    Status.FLAGGED: ("FLAG", "bold magenta"),
    Status.GRADER_ERROR: ("OURS", "bold red"),
}
CASE_SYMBOLS = {
    "pass": ("PASS", "green"),
    "fail": ("FAIL", "red"),
    "error": ("FAIL", "red"),
    "not_attempted": ("TODO", "cyan"),
    "skipped": ("SKIP", "dim"),
}
ADVICE_SYMBOLS = {
    "pass": ("PASS", "green"),
    "advice": ("ADVICE", "yellow"),
    "skip": ("SKIP", "dim"),
}
LABELS = {
    "accuracy": "accuracy",
    "responsible_accuracy": "responsible",
    "worst_class_accuracy": "worst class",
    "calibration_error": "calibration error",
    "corrupted_accuracy": "corrupted copies",
    "corrupted_noise_accuracy": "  noise",
    "corrupted_blur_accuracy": "  blur",
    "corrupted_contrast_accuracy": "  contrast",
    "corrupted_brightness_accuracy": "  brightness",
    "corrupted_shift_accuracy": "  shift",
    "corrupted_occlusion_accuracy": "  occlusion",
    "bits_per_character": "bits a character",
    "frechet_distance": "Fréchet distance",
    "cases": "cases right",
    "train_seconds": "training",
    "perturbed_gap": "lost when perturbed",
    "repeat_gap": "lost when repeated",
    "batch_gap": "lost when rebatched",
    "retrain_accuracy": "trained again",
    "retrain_gap": "lost in that",
    "length_matched_accuracy": "where lengths match",
    "shuffled_accuracy": "words shuffled",
    "shuffled_same": "answered as before",
    "latency_seconds": "latency, one input",
    "throughput_per_second": "throughput",
    "speed_ratio": "speed against par",
    "peak_memory_bytes": "peak memory",
    "memory_ratio": "memory against par",
}
COLUMNS = {
    "accuracy": "accuracy",
    "cases": "cases",
    "train_seconds": "training",
    "latency_seconds": "latency",
    "throughput_per_second": "/s",
    "speed_ratio": "speed",
    "peak_memory_bytes": "memory",
    "memory_ratio": "small",
}
MIB = 1 << 20
NOTE_WIDTH = 60


def show_measured(figure: Measured) -> str:
    """Return a figure as people read it, with its interval."""
    value, unit = figure.value, figure.unit
    if unit == "share":
        text = f"{100 * value:.2f} %"
        interval = (
            (f"{100 * (figure.low or 0):.2f}", f"{100 * (figure.high or 0):.2f}")
            if bounded(figure)
            else None
        )
    elif unit == "bytes":
        text, interval = f"{value / MIB:.0f} MiB", None
    elif unit == "seconds":
        text = show_seconds(value)
        interval = (
            (show_seconds(figure.low or 0), show_seconds(figure.high or 0))
            if bounded(figure)
            else None
        )
    elif unit == "ratio":
        text = f"{value:.2f} x"
        interval = (f"{figure.low:.2f}", f"{figure.high:.2f}") if bounded(figure) else None
    elif unit.startswith("share of"):
        text, interval = f"{round(value * figure.n)} of {figure.n}", None
    else:
        number = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
        text, interval = f"{number} {unit}", None
    text += f"  ({interval[0]} to {interval[1]})" if interval else ""
    text += "  noisy" if figure.noisy else ""
    return text + (f"  [{figure.source}]" if figure.source else "")


def bounded(figure: Measured) -> bool:
    return figure.low is not None and figure.high is not None


def show_seconds(value: float) -> str:
    if value < 1e-3:
        return f"{value * 1e6:.0f} us"
    if value < 1:
        return f"{value * 1e3:.2f} ms"
    return f"{value:.1f} s"


def print_result(console: Console, result: Result, hint: str, before: Result | None = None) -> None:
    """Print one result: verdict, reason, cases, figures, points, and the change since the
    last run.
    """
    symbol, style = SYMBOLS.get(result.verdict.status, ("FAIL", "bold red"))
    head = Text(f"\n{symbol}  ", style)
    head.append(f"{result.task.title}", "bold").append(f"  {result.verdict.status.value}")
    console.print(head)
    if result.verdict.reason:
        print_hanging(console, Text(f"      {result.verdict.reason}"))
    for case in result.cases:
        print_case(console, case)
    for diagnosis in result.diagnoses:
        print_diagnosis(console, diagnosis)
    for name, figure in result.measurements.items():
        if name in LABELS and not (name == "cases" and result.cases):
            console.print(Text(f"      {LABELS[name]:<20}{show_measured(figure)}"))
    for note in (*result.submission.notes, *result.notes):
        console.print(Text(f"      note: {note}", "dim"))
    if result.score is not None:
        console.print(score_line(result, before))
        if result.score.capped and result.score.capped not in result.verdict.reason:
            print_hanging(console, Text(f"      capped: {result.score.capped}", "yellow"))
    if hint:
        print_hanging(console, Text(f"      hint: {hint}", "italic"))


def score_line(result: Result, before: Result | None) -> Text:
    score = result.score
    assert score is not None
    parts = [f"accuracy {score.accuracy:g}/{score.max_accuracy:g}"]
    parts += [f"speed {score.speed:g}/{score.max_speed:g}"] if score.max_speed else []
    parts += [f"memory {score.memory:g}/{score.max_memory:g}"] if score.max_memory else []
    line = Text("      score ").append(f"{score.total:g}", "bold").append(" of 100")
    line.append(f"  ({', '.join(parts)})" if len(parts) > 1 else "")
    if before is not None and before.score is not None:
        change = score.total - before.score.total
        line.append(f"  {change:+g} since your last run" if change else "  as in your last run")
    return line


def print_case(console: Console, case: CaseGroup) -> None:
    symbol, style = CASE_SYMBOLS[case.status]
    line = Text(f"  {symbol}", style)
    line.append(f"  {case.function}() {case.group}: {case.passed} of {case.cases} cases", "default")
    console.print(line)
    if case.message and case.status in ("fail", "error", "skipped"):
        told = case.message.splitlines()
        for text in told[:1] if case.status == "skipped" else told:
            print_hanging(console, Text(f"        {text}"))
    if case.hint:
        print_hanging(console, Text(f"        this is what comes out if {case.hint}", "yellow"))


def print_hanging(console: Console, text: Text) -> None:
    """Print a line; what does not fit goes on below, further in than the line begins."""
    inner = text.plain.lstrip(" ")
    indent = len(text.plain) - len(inner)
    for number, row in enumerate(text[indent:].wrap(console, max(8, console.width - indent - 2))):
        row.rstrip()
        console.print(Text(" " * (indent + 2 * bool(number))) + row, soft_wrap=True)


def print_diagnosis(console: Console, diagnosis: Diagnosis) -> None:
    """Print a mistake the run looks like: how sure, the name, the place, and what it was seen
    by.
    """
    line = Text(f"      {diagnosis.likelihood}: ", "bold yellow").append(diagnosis.title, "default")
    console.print(line.append(f"  ({diagnosis.where})" if diagnosis.where else "", "dim"))
    for sign in diagnosis.because:
        print_hanging(console, Text(f"        {sign}"))


def print_check(console: Console, report: Mapping[str, Any]) -> None:
    """Print what a check found, as `grader check --json` says it."""
    for note in report["notes"]:
        console.print(Text(f"  note: {note}", "dim"))
    for case in report["cases"]:
        print_case(console, CaseGroup.model_validate(case))
    for diagnosis in report["diagnoses"]:
        print_diagnosis(console, Diagnosis.model_validate(diagnosis))
    problem = report["problem"]
    if problem is not None and not report["cases"]:
        console.print(Text("  FAIL", "bold red").append(f"  {problem['reason']}", "default"))
        for line in report["printed"]:
            console.print(Text(f"        printed by the submission: {line}", "dim"))
    elif not report["cases"]:
        said = f"  it loads, trains ({report['train_seconds']:.1f} s) and answers"
        console.print(Text("  PASS", "bold green").append(said, "default"))
    for advice in report.get("advice", ()):
        word, style = ADVICE_SYMBOLS[advice["status"]]
        said = f"  {advice['about']}: {advice['says']}"
        print_hanging(console, Text(f"  {word:<6}", style).append(said, "default"))


def print_board(console: Console, title: str, rows: Sequence[tuple[int | None, Result]]) -> None:
    """Print one board: rank (none for what was not accepted) and result, in the board's order."""
    names = [name for name in COLUMNS if any(name in row.measurements for _, row in rows)]
    table = Table(title=Text(title), title_justify="left", box=None, pad_edge=False)
    for heading in ("", "author", "name", "score", "verdict", *(COLUMNS[name] for name in names)):
        table.add_column(heading)
    for rank, row in rows:
        figures = [short_figure(row.measurements.get(name)) for name in names]
        score = "-" if row.score is None else f"{row.score.total:g}"
        cells = [
            str(rank or ""),
            row.submission.author,
            row.submission.name,
            score,
            row.verdict.status.value,
            *figures,
        ]
        table.add_row(*(Text(cell) for cell in cells))
    console.print(table)


def short_figure(figure: Measured | None) -> str:
    """Return a figure for a narrow column."""
    if figure is None:
        return ""
    if figure.unit == "inputs a second":
        return f"{figure.value / 1000:.1f}k" if figure.value >= 1000 else f"{figure.value:.0f}"
    return show_measured(figure.model_copy(update={"low": None, "source": "", "noisy": False}))


def print_spread(console: Console, results: Sequence[Result]) -> None:
    """Show the figures of several runs of the same solution: their medians, the lowest and the
    highest.
    """
    points = [
        Measured(value=each.score.total, unit="points")
        for each in results
        if each.score is not None
    ]
    rows = [("score", median_and_ends(points))] if points else []
    for key in (results[0].metric_key, "train_seconds", "speed_ratio", "memory_ratio"):
        found = [each.measurements[key] for each in results if key in each.measurements]
        if found:
            rows.append((LABELS.get(key, key.replace("_", " ")), median_and_ends(found)))
    console.print(
        Text(
            f"\n{len(results)} runs: medians, and the lowest and the highest where they differ",
            "bold",
        )
    )
    for name, text in rows:
        console.print(Text(f"      {name:<20}{text}"))


def median_and_ends(figures: Sequence[Measured]) -> str:
    """Return the median of some figures, and the lowest and the highest where they read
    differently.
    """
    ordered = sorted(figures, key=lambda figure: figure.value)
    middle = ordered[0].model_copy(
        update={"value": statistics.median(figure.value for figure in ordered)}
    )
    low, high, shown = short_figure(ordered[0]), short_figure(ordered[-1]), short_figure(middle)
    return shown if low == high else f"{shown} ({low} to {high})"


class Live:
    """A progress bar with the newest line of the submission's own output."""

    def __init__(self, console: Console) -> None:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            TextColumn("{task.fields[said]}", markup=False, style="dim"),
        )
        self._bar = Progress(*columns, console=console, transient=True)
        self._task: TaskID | None = None

    def __enter__(self) -> Live:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def step(self, what: str, seconds: float | None = None) -> None:
        """Show a new step; with `seconds`, the bar fills as that time goes by."""
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(what, total=seconds, said="")

    def note(self, text: str) -> None:
        if self._task is not None:
            task = next(task for task in self._bar.tasks if task.id == self._task)
            self._bar.update(
                self._task,
                completed=min(task.elapsed or 0, task.total or 0),
                said=text[:NOTE_WIDTH],
            )


class Lines:
    """Progress as plain lines on standard error, where there is no terminal to draw on."""

    def step(self, what: str, seconds: float | None = None) -> None:
        limit = f" (at most {seconds:.0f} s)" if seconds else ""
        print(f"{what}{limit} ...", file=sys.stderr, flush=True)

    def note(self, text: str) -> None:
        pass


def columns(console: Console, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a plain table without lines."""
    table = Table(box=None, pad_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(heading, no_wrap=number < 2, min_width=12 if number == 1 else None)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)

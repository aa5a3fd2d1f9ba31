"""One small page a result: everything that is known about one graded run, without scripts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from grader.records import Measured, Result, Score
from reports import display
from reports.leaderboard import metric_key
from reports.page import render

MOST_REPORTED = 40
REPORTED_CHARACTERS = 400
CASE_WORDS = {
    "pass": ("✓", "passed"),
    "fail": ("✕", "wrong"),
    "error": ("⚠", "error"),
    "not_attempted": ("○", "not attempted"),
}


@dataclass(frozen=True)
class MeasurementRow:
    """One line of the table of measurements."""

    name: str
    value: str
    unit: str
    spread: str
    n: int
    source: str
    is_noisy: bool
    par: str


@dataclass(frozen=True)
class Part:
    """One part of the score."""

    key: str
    name: str
    points: float
    most: float

    @property
    def share(self) -> float:
        """Return how much of the part was reached, in percent of its bar."""
        return min(max(100 * self.points / self.most, 0.0), 100.0) if self.most > 0 else 0.0


def result_page(result: Result, log: str = "", *, home: str = "../index.html") -> str:
    """Return the HTML page of one result; `log` is what the submission printed."""
    table = rows(result)
    return render(
        "result.html",
        result=result,
        word=display.VERDICTS[result.verdict.status],
        parts=parts(result.score, display.measure_name(metric_key(result))),
        rows=table,
        has={name: any(getattr(row, name) for row in table) for name in ("spread", "par", "source")},
        case_words=CASE_WORDS,
        reported=reported_text(result.submission.reported),
        log=display.tail(log),
        home=home,
    )


def parts(score: Score | None, metric: str = "Accuracy") -> list[Part]:
    """Return the parts of a score that can bring points."""
    if score is None:
        return []
    every = [
        Part("accuracy", metric, score.accuracy, score.max_accuracy),
        Part("speed", "Speed", score.speed, score.max_speed),
        Part("memory", "Memory", score.memory, score.max_memory),
    ]
    return [part for part in every if part.most > 0]


def rows(result: Result) -> list[MeasurementRow]:
    """Return all measurements, the well-known ones first, each beside the same figure of par."""
    known = [key for key in display.MEASURES if key in result.measurements]
    keys = [*known, *sorted(result.measurements.keys() - set(known))]
    return [_row(key, result.measurements[key], result.par.get(key)) for key in keys]


def _row(key: str, measured: Measured, par: Measured | None) -> MeasurementRow:
    spread = display.range_text(key, measured)
    kind = measured.spread or "95% interval"
    return MeasurementRow(
        name=display.measure_name(key),
        value=display.value_text(key, measured),
        unit=display.shown_name(measured.unit, 40, missing=""),
        spread=f"{spread} ({kind.replace('95%', '95 %')})" if spread else "",
        n=measured.n,
        source=display.shown_name(measured.source, 120, missing=""),
        is_noisy=measured.noisy,
        par=display.value_text(key, par) if par is not None else "",
    )


def reported_text(reported: dict[str, Any]) -> str:
    """Return what the submission said about itself, a line each, cut."""
    lines = []
    for key, value in list(reported.items())[:MOST_REPORTED]:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        lines.append(f"{display.shown_name(key)}: {display.shown_name(text, REPORTED_CHARACTERS, missing='')}")
    left = len(reported) - len(lines)
    return "\n".join([*lines, f"[{left} more]"] if left > 0 else lines)

"""One page a result: everything that is known about one graded run."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from grader.records import Details, Measured, Result, Sample, Score
from reports import display
from reports.advice import next_steps, sentence
from reports.answers import shown_answers
from reports.figures.result import result_plots
from reports.pages.board import Figure
from reports.pages.page import render

MOST_REPORTED = 40
REPORTED_CHARACTERS = 400
MOST_MISTAKES, TEXT_CHARACTERS = 24, 400
MOST_SAMPLES, MOST_WRITTEN = 6, 2000
PNG_START = "iVBORw0KGgo"
BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
AUDITS = {  # a measurement -> what was done
    "perturbed_gap": "asked again with slightly changed copies",
    "repeat_gap": "asked the very same batches again",
    "batch_gap": "asked again in another order and in other batches",
    "repeat_same": "how many kept their label in the very same batches",
    "batch_same": "how many kept it among other inputs",
    "alone_same": "how many kept it when asked alone",
    "alone_accuracy": "of the answers to inputs asked alone",
    "alone_bits": "how much more a character costs when asked alone",
    "retrain_accuracy": "trained again with the classes renumbered",
    "retrain_gap": "what that lost",
    "length_matched_accuracy": "of answers to as many texts of each class for every length",
    "shuffled_accuracy": "asked again with the words in random order",
    "shuffled_same": "how many of those answers stayed the same",
    "perturbed_bits": "asked again with some characters replaced",
    "copied_share": "compared with the training data",
    "prompt_copied_share": "compared with the prompt",
    "greedy_share": "compared with the model's own logits",
}
CASE_WORDS = {
    "pass": ("✓", "passed"),
    "fail": ("✕", "wrong"),
    "error": ("⚠", "error"),
    "not_attempted": ("○", "not attempted"),
    "skipped": ("→", "skipped"),
}


@dataclass(frozen=True)
class MeasurementRow:
    """One line of the table of measurements."""

    key: str
    name: str
    value: str
    unit: str
    spread: str
    n: int
    source: str
    is_noisy: bool
    par: str


@dataclass(frozen=True)
class ShownMistake:
    """One wrong answer as the page shows it."""

    truth: str
    answer: str
    confidence: str
    picture: str
    text: str


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


@dataclass(frozen=True)
class Beside:
    """What a store keeps beside a result, and what its page links to."""

    log: str = ""
    details: Details | None = None
    problem: str = ""  # why there are no details, if that is worth saying
    hint: str = ""  # the task's own, for this outcome
    board: str = "../index.html"


def result_page(result: Result, beside: Beside | None = None) -> str:
    """Return the HTML page of one result."""
    beside = beside or Beside()
    held = [key for key in AUDITS if key in result.measurements]
    table = [row for row in rows(result) if row.key not in held]
    details = beside.details
    figures = [
        Figure(f"plot-{number}", plot, plot.figure)
        for number, plot in enumerate(result_plots(result, details, beside.log), start=1)
    ]
    log = display.tail(beside.log)
    return render(
        "result.html",
        root="../",
        has_plots=bool(figures),
        result=result,
        made=result.moment,
        word=display.VERDICTS[result.verdict.status],
        sentence=sentence(result),
        steps=next_steps(result, beside.hint),
        parts=parts(result.score, display.measure_name(result.metric_key)),
        rows=table,
        has={
            name: any(getattr(row, name) for row in table) for name in ("spread", "par", "source")
        },
        audits=[_row(key, result.measurements[key], None) for key in held],
        audit_words=AUDITS,
        case_words=CASE_WORDS,
        answers=shown_answers(details),
        figures=figures,
        mistakes=mistakes(details),
        samples=[(sample.prompt, passages(sample)) for sample in details.samples[:MOST_SAMPLES]]
        if details
        else [],
        grids=grids(details),
        problem=beside.problem,
        reported=reported_text(result.submission.reported),
        log=log,
        log_lines=log.count("\n") + 1,
        board=beside.board,
    )


def mistakes(details: Details | None) -> list[ShownMistake]:
    """Return the most confident mistakes whose classes and picture or text are whole."""
    shown = []
    for mistake in details.mistakes[:MOST_MISTAKES] if details is not None else []:
        text = display.shown_name(mistake.text, TEXT_CHARACTERS, missing="")
        picture = picture_url(mistake.picture)
        if picture or text:
            truth, answer = (
                class_name(details, place) for place in (mistake.truth, mistake.answer)
            )
            shown.append(
                ShownMistake(truth, answer, f"{100 * mistake.confidence:.0f} %", picture, text)
            )
    return shown


def class_name(details: Details | None, place: int) -> str:
    names = details.classes if details is not None else []
    return display.shown_name(names[place], 24) if 0 <= place < len(names) else str(place)


def picture_url(data: str) -> str:
    """Return a PNG in base64 as an address; nothing for what is none."""
    return (
        f"data:image/png;base64,{data}"
        if data.startswith(PNG_START) and BASE64.fullmatch(data)
        else ""
    )


def grids(details: Details | None) -> list[tuple[str, str]]:
    """Return the pictures that stand for all that were made, with their captions."""
    every = (
        [("made by the model", details.made), ("real, from the training data", details.real)]
        if details
        else []
    )
    return [(caption, url) for caption, data in every if (url := picture_url(data))]


def passages(sample: Sample) -> list[tuple[str, bool]]:
    """Return a written text in pieces, each with whether it stands in the training text."""
    text, pieces, place = sample.written[:MOST_WRITTEN], [], 0
    for start, end in sorted(sample.copied):
        start, end = max(start, place), min(end, len(text))
        if start < end:
            pieces += [(text[place:start], False), (text[start:end], True)]
            place = end
    return [(piece, copied) for piece, copied in [*pieces, (text[place:], False)] if piece]


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
        key=key,
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
        text = (
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        )
        lines.append(
            f"{display.shown_name(key)}: {display.shown_name(text, REPORTED_CHARACTERS, missing='')}"
        )
    left = len(reported) - len(lines)
    return "\n".join([*lines, f"[{left} more]"] if left > 0 else lines)

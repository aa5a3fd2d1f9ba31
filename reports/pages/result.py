"""One page for each result: everything that is known about one graded run."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from grader.measures import MEASURES
from grader.records import Code, Details, Measured, Mistake, Result, Sample, Score
from grader.records.gradebook import Grade
from grader.text import ending, shown_name
from reports.advice import next_steps, sentence
from reports.answers import shown_answers
from reports.assets import contents
from reports.attempts import Neighbours
from reports.changes import changes_between
from reports.figures.result_plots import result_plots
from reports.numbers import measure_name, range_text, value_text
from reports.pages.columns import figures_of
from reports.pages.page import FRONT, render
from reports.words import VERDICTS

MOST_REPORTED = 40
REPORTED_CHARACTERS = 400
MOST_MISTAKES = 24
MISTAKE_CHARACTERS = 400
CLASS_CHARACTERS = 24
MOST_SAMPLES = 6
SAMPLE_CHARACTERS = 2000
UNIT_CHARACTERS = 40
SOURCE_CHARACTERS = 120
PNG_START = "iVBORw0KGgo"
BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
AUDITS = {  # a measurement -> what was done
    "perturbed_gap": "asked again with slightly perturbed copies",
    "repeat_gap": "asked the very same batches again",
    "batch_gap": "asked again in another order and in other batches",
    "repeat_same": "how many kept their label in the very same batches",
    "batch_same": "how many kept their label among other inputs",
    "alone_same": "how many kept their label when asked alone",
    "fresh_gap": "asked with perturbed copies of inputs kept for this",
    "alone_gap": "in batches and, other inputs, alone",
    "alone_more_bits": "in batches and, other windows, alone",
    "alone_more_error": "in batches and, other inputs, alone",
    "alone_accuracy": "accuracy of the answers to inputs asked alone",
    "alone_bits": "how much more a character costs when asked alone",
    "retrain_accuracy": "trained again with the classes renumbered",
    "retrain_gap": "how much accuracy that cost",
    "length_matched_accuracy": "accuracy on equally many texts of each class for every length",
    "shuffled_accuracy": "asked again with the words in random order",
    "shuffled_same": "how many of those answers stayed the same",
    "perturbed_bits": "asked again with some characters replaced",
    "copied_share": "compared with the training data",
    "moved_copies_share": "compared with training pictures, turned, moved and bent",
    "prompt_copied_share": "compared with the prompt",
    "greedy_share": "compared with the model's own logits",
}
CASE_WORDS = {
    "pass": ("✓", "passed"),
    "fail": ("✕", "wrong"),
    "error": ("⚠", "error"),
    "not_attempted": ("○", "not attempted"),
    "skipped": ("→", "skipped"),
    "by_hand": ("✎", "by hand"),
}


@dataclass(frozen=True)
class Beside:
    """What a store keeps beside a result, and what its page links to."""

    log: str = ""
    details: Details | None = None
    problem: str = ""  # why there are no details, if that is worth saying
    hint: str = ""  # the task's own, for this outcome
    board: str = f"../{FRONT}"  # empty: the page stands alone and links to nothing
    around: Neighbours | None = None  # the author's attempts before and after
    before: Result | None = None  # the attempt before
    raw: str = ""  # the result as JSON, beside its page
    lesson: str = ""  # the page of the task's lesson
    grade: Grade | None = None  # what the rules of a course make of it


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
    is_too_wide: bool
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
        """How much of the part was reached, in percent of its bar."""
        if self.most <= 0:
            return 0.0
        return min(max(100 * self.points / self.most, 0.0), 100.0)


def page_alone(result: Result, beside: Beside) -> str:
    """Return the page of one result as one file that needs no other and links to none.

    Without scripts, and so without plots: every learner of a class gets one, and Plotly alone is
    some megabytes.
    """
    style = Markup(contents()["style"].decode())
    alone = replace(beside, board="", around=None, before=None, raw="", lesson="")
    return result_page(result, alone, with_plots=False, layout="alone.html", inline_style=style)


def result_page(
    result: Result, beside: Beside | None = None, *, with_plots: bool = True, **layout: Any
) -> str:
    """Return the HTML page of one result."""
    beside = beside or Beside()
    details = beside.details or Details()
    audits = [key for key in AUDITS if key in result.measurements]
    rows = [row for row in measurement_rows(result) if row.key not in audits]
    plots = result_plots(result, beside.details, beside.log) if with_plots else []
    figures = figures_of(plots)
    log = ending(beside.log)
    return render(
        "result.html",
        root="../",
        has_plots=bool(figures),
        result=result,
        made=result.moment,
        word=VERDICTS[result.verdict.status],
        sentence=sentence(result),
        steps=next_steps(result, beside.hint),
        parts=parts(result.score, measure_name(result.metric_key)),
        rows=rows,
        has=filled_columns(rows),
        audits=[measurement_row(key, result.measurements[key], None) for key in audits],
        audit_words=AUDITS,
        case_words=CASE_WORDS,
        answers=shown_answers(details),
        figures=figures,
        mistakes=shown_mistakes(details),
        samples=[(each.prompt, passages(each)) for each in details.samples[:MOST_SAMPLES]],
        grids=grids(details),
        problem=beside.problem,
        reported=reported_text(result.submission.reported),
        log=log,
        log_lines=log.count("\n") + 1,
        board=beside.board,
        grade=beside.grade,
        around=beside.around,
        changes=None if beside.before is None else changes_between(beside.before, result),
        named={each.where: each for each in details.named_lines},
        raw=beside.raw,
        lesson=beside.lesson,
        code_words=code_words(result.verdict.code),
        **layout,
    )


def code_words(code: str) -> str:
    """Return what led to a verdict in words; the code itself where a later version wrote it."""
    meanings = {each.value: each.meaning for each in Code}
    meaning = meanings.get(code, shown_name(code, missing=""))
    return f"{meaning[:1].upper()}{meaning[1:]}"


# The score and the figures.


def parts(score: Score | None, metric: str) -> list[Part]:
    """Return the parts of a score that can bring points. metric: its name."""
    if score is None:
        return []
    every = (
        Part("accuracy", metric, score.accuracy, score.max_accuracy),
        Part("speed", "Speed", score.speed, score.max_speed),
        Part("memory", "Memory", score.memory, score.max_memory),
    )
    return [part for part in every if part.most > 0]


def measurement_rows(result: Result) -> list[MeasurementRow]:
    """Return all measurements, each beside the same figure of par.

    Registered ones come first, in the order of the registry.
    """
    keys = [key for key in MEASURES if key in result.measurements]
    keys += sorted(result.measurements.keys() - set(keys))
    return [measurement_row(key, result.measurements[key], result.par.get(key)) for key in keys]


def measurement_row(key: str, measured: Measured, par: Measured | None) -> MeasurementRow:
    spread = range_text(key, measured)
    if spread:
        kind = measured.spread or "95% interval"
        spread += f" ({kind.replace('95%', '95 %')})"
    return MeasurementRow(
        key=key,
        name=measure_name(key),
        value=value_text(key, measured),
        unit=shown_name(measured.unit, UNIT_CHARACTERS, missing=""),
        spread=spread,
        n=measured.n,
        source=shown_name(measured.source, SOURCE_CHARACTERS, missing=""),
        is_too_wide=measured.is_too_wide,
        par=value_text(key, par) if par is not None else "",
    )


def filled_columns(rows: Sequence[MeasurementRow]) -> dict[str, bool]:
    """Return which of the columns that may be empty are not."""
    return {
        "spread": any(row.spread for row in rows),
        "par": any(row.par for row in rows),
        "source": any(row.source for row in rows),
    }


# What was kept beside the result. It may have been edited since: only what is whole is shown.


def shown_mistakes(details: Details) -> list[ShownMistake]:
    """Return the most confident mistakes that have a picture or a text."""
    mistakes = []
    for mistake in details.mistakes[:MOST_MISTAKES]:
        shown = shown_mistake(mistake, details.classes)
        if shown.picture or shown.text:
            mistakes.append(shown)
    return mistakes


def shown_mistake(mistake: Mistake, classes: Sequence[str]) -> ShownMistake:
    return ShownMistake(
        truth=class_name(classes, mistake.truth),
        answer=class_name(classes, mistake.answer),
        confidence=f"{100 * mistake.confidence:.0f} %",
        picture=picture_url(mistake.picture),
        text=shown_name(mistake.text, MISTAKE_CHARACTERS, missing=""),
    )


def class_name(classes: Sequence[str], place: int) -> str:
    """Return the name of a class; its number if there is no name at that place."""
    if 0 <= place < len(classes):
        return shown_name(classes[place], CLASS_CHARACTERS)
    return str(place)


def picture_url(data: str) -> str:
    """Return a PNG in base64 as an address; empty for anything else."""
    if data.startswith(PNG_START) and BASE64.fullmatch(data):
        return f"data:image/png;base64,{data}"
    return ""


def grids(details: Details) -> list[tuple[str, str]]:
    """Return the pictures that stand for all that were generated: caption and address."""
    found = []
    for caption, data in (
        ("generated by the model", details.made),
        ("real, from the training data", details.real),
    ):
        url = picture_url(data)
        if url:
            found.append((caption, url))
    return found


def passages(sample: Sample) -> list[tuple[str, bool]]:
    """Return a written text in pieces, each with whether it stands in the training text."""
    text = sample.written[:SAMPLE_CHARACTERS]
    pieces = []
    place = 0
    for start, end in sorted(sample.copied):
        start = max(start, place)
        end = min(end, len(text))
        if start < end:
            pieces += [(text[place:start], False), (text[start:end], True)]
            place = end
    pieces.append((text[place:], False))
    return [piece for piece in pieces if piece[0]]


def reported_text(reported: Mapping[str, Any]) -> str:
    """Return what the submission said about itself, a line for each, cut."""
    lines = []
    for key, value in list(reported.items())[:MOST_REPORTED]:
        text = value if isinstance(value, str) else as_text(value)
        lines.append(f"{shown_name(key)}: {shown_name(text, REPORTED_CHARACTERS, missing='')}")
    left = len(reported) - len(lines)
    if left > 0:
        lines.append(f"[{left} more]")
    return "\n".join(lines)


def as_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)

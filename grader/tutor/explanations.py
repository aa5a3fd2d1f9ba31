"""The words of a question and of its answer, and the figures of a run that an answer speaks of.

A line of an explanation that names a figure is shown only where the run has that figure.
"""

from __future__ import annotations

import itertools
import math
import textwrap
from collections.abc import Mapping, Sequence

from grader.records import Details, LossCurve, Result
from grader.terminal import short_figure
from grader.tutor.questions import FIGURES, Question, placeholders

BARS = "▁▂▃▄▅▆▇█"
CURVE_COLUMNS = 40


def asked(question: Question, width: int) -> list[str]:
    """Return the question and its choices as lines of at most so many characters."""
    lines = [*textwrap.wrap(question.text, width), ""]
    for number, text in enumerate(question.choices, start=1):
        lines += textwrap.wrap(
            text, width, initial_indent=f"  {number}  ", subsequent_indent="     "
        )
    return lines


def explained(question: Question, choice: int, figures: Mapping[str, str], width: int) -> list[str]:
    """Return the answer as lines: what was predicted, what is right, why, and the own figures.

    choice: from 1. figures: of the learner's run, by name, as `figures_of` returns them.
    """
    right = question.choices[question.answer - 1]
    theirs = question.choices[min(choice, len(question.choices)) - 1]
    outcome = "That is right." if theirs == right else f"The answer is: {right}"
    parts = [question.text, f"you predicted: {theirs}. {outcome}", question.explanation]
    for line in question.own:
        if placeholders(line) <= figures.keys():
            parts.append(line.format(**figures))
    return [line for part in parts for line in textwrap.wrap(part, width)]


def figures_of(result: Result, details: Details | str | None = None) -> dict[str, str]:
    """Return every figure of a run that a line may speak of, by name, as people read it.

    details: as `store.read_details` returns them; a text says why there are none.
    """
    found = {}
    for name, figure in result.measurements.items():
        if name in FIGURES:
            found[name] = short_figure(figure)
    if result.score is not None:
        found["score"] = f"{result.score.total:g}"
    still = [f"{case.called} {case.group}" for case in result.cases if case.status != "pass"]
    if still:
        found["open_groups"] = ", ".join(still)
    if isinstance(details, Details):
        found |= of_losses(details.reported)
        found |= of_confusion(details)
        if details.mistakes:
            confidence = max(each.confidence for each in details.mistakes)
            found["confidence"] = f"{100 * confidence:.0f} %"
    return found


def of_losses(curve: LossCurve | None) -> dict[str, str]:
    """Return what a training's losses show; nothing for fewer than two, or if one is not finite."""
    if curve is None:
        return {}
    losses = [float(each) for each in curve.losses]
    if len(losses) < 2 or not all(math.isfinite(each) for each in losses):
        return {}
    return {
        "first_loss": f"{losses[0]:.3g}",
        "last_loss": f"{losses[-1]:.3g}",
        "curve": bars(losses),
    }


def of_confusion(details: Details) -> dict[str, str]:
    """Return how many answers were wrong, and the most frequent mistake."""
    counts = details.confusion
    if not counts or len(counts) != len(details.classes):
        return {}
    wrong = 0
    most = 0
    mistake = ""
    for truth, row in enumerate(counts):
        for answer, count in enumerate(row):
            if answer == truth:
                continue
            wrong += count
            if count >= most:  # of equally frequent mistakes the last one
                most = count
                mistake = f"{details.classes[truth]} taken for {details.classes[answer]}"
    found = {"wrong": f"{wrong} of {sum(map(sum, counts))}"}
    if most:
        found["mistake"] = f"{mistake}, once" if most == 1 else f"{mistake}, {most} times"
    return found


def bars(values: Sequence[float]) -> str:
    """Return numbers as a line of bars, scaled from the lowest to the highest of them.

    More numbers than columns are averaged, each column over its part.
    """
    count = min(CURVE_COLUMNS, len(values))
    edges = [round(place * len(values) / count) for place in range(count + 1)]
    means = [sum(values[low:high]) / (high - low) for low, high in itertools.pairwise(edges)]
    low = min(means)
    high = max(means)
    scale = (len(BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(BARS[round((each - low) * scale)] for each in means)

"""What became of a run, in a sentence, and what to do next.

The same words for everybody, from the figures alone.
"""

from __future__ import annotations

from grader.measures import Format
from grader.records import CaseGroup, Diagnosis, Result, Status
from reports.numbers import (
    TIMES,
    digits,
    figure_text,
    measure_in_sentence,
    points_text,
    value_text,
)
from reports.words import VERDICTS

NEXT = {
    Status.GRADER_ERROR: (
        "There is nothing for the author to do: whoever maintains the grader has to fix this. "
        "Then grade again."
    ),
    Status.TIME_LIMIT_EXCEEDED: (
        "Train for a shorter time, or on part of the data at first; then increase it until you "
        "are near the limit."
    ),
    Status.MEMORY_LIMIT_EXCEEDED: (
        "Use smaller batches, and keep no more than one copy of the data."
    ),
    Status.RUNTIME_ERROR: (
        "Run `grader check` on the solution: it runs on small stand-in data, in seconds."
    ),
    Status.INVALID_SUBMISSION: (
        "Run `grader check` on the solution: it names what the contract asks for."
    ),
    Status.FLAGGED: "An instructor should read the source before the figures are believed.",
}
NOTHING_LEFT = "There is nothing left to gain here: go on to the next task."
TRY = "If the loss still falls at the end, train longer; if it is flat, try a larger network."
ENOUGH = 0.9  # of a part's points: nothing more is said about it
LEAST_POINTS = 0.05  # below, a page shows none
MOST_HINTS = 3


def sentence(result: Result) -> str:
    """Return the verdict as one sentence, with the figure it rests on and the points."""
    facts = []
    key = result.metric_key
    rests_on_metric = result.verdict.status in (
        Status.ACCEPTED,
        Status.BELOW_TARGET,
        Status.FLAGGED,
    )
    if rests_on_metric and result.metric is not None:
        facts.append(f"{measure_in_sentence(key)} {figure_text(result, key)}")
    if result.score is not None:
        facts.append(f"{points_text(result.score.total)} of 100 points")
    word = VERDICTS[result.verdict.status].text
    return f"{word}: {', '.join(facts)}." if facts else f"{word}."


def next_steps(result: Result, hint: str = "") -> list[str]:
    """Return what to do next, the most useful first. hint: the task's own for this outcome."""
    general = [hint] if hint else []
    if result.verdict.status in NEXT:
        general.append(NEXT[result.verdict.status])
    steps = [named_step(each) for each in result.diagnoses]
    if result.cases and result.verdict.status is not Status.GRADER_ERROR:
        # The task's hint may speak of any of its functions; the first that is wrong goes before.
        steps = [*steps, *case_steps(result.cases), *general]
    else:
        steps = [*general, *steps, *case_steps(result.cases)]
    if result.verdict.status is Status.ACCEPTED:
        steps += waiting_steps(result.cases) or open_points(result)
    elif result.verdict.status is Status.BELOW_TARGET and not result.cases:
        steps.append(f"{about_metric(result)[0].upper()}{about_metric(result)[1:]}")
    return steps or waiting_steps(result.cases) or open_points(result) or [NOTHING_LEFT]


def named_step(diagnosis: Diagnosis) -> str:
    """Return what to do about a mistake that the doctor named."""
    where = f" ({diagnosis.where})" if diagnosis.where else ""
    said = f"{diagnosis.likelihood.capitalize()}: {diagnosis.title}{where}"
    return f"{said}. `grader hint` says more."


def case_steps(cases: list[CaseGroup]) -> list[str]:
    """Return where to begin, the function that failed first, and the mistakes cases look like."""
    hints = dict.fromkeys(f"{group.called}: {group.hint}" for group in cases if group.hint)
    steps = list(hints)[:MOST_HINTS]
    wrong = [group for group in cases if group.status in ("fail", "error")]
    missing = [group for group in cases if group.status == "not_attempted"]
    if wrong and not any(group.hint for group in wrong if group.function == wrong[0].function):
        first = f"{wrong[0].called}, {wrong[0].group}"
        steps.insert(0, f"Begin with {first}: look at its smallest failing case.")
    elif missing and not wrong:
        steps.append(f"{missing[0].called} is not written yet.")
    return steps


def waiting_steps(cases: list[CaseGroup]) -> list[str]:
    """Return what waits for a person, where there is anything; else nothing."""
    waiting = [group for group in cases if group.status == "by_hand" and group.won is None]
    if not waiting:
        return []
    points = sum(group.worth or 0.0 for group in waiting)
    names = ", ".join(group.called for group in waiting)
    return [f"Nothing to do until a person has graded {names}: {points:g} points wait for that."]


def open_points(result: Result) -> list[str]:
    """Return the parts of the score that leave points, the greatest gain first.

    Small rests are left out beside a larger one; as long as any point is open, one is named.
    """
    score = result.score
    if score is None:
        return []
    found = []
    for points, most, text in (
        (score.accuracy, score.max_accuracy, about_metric(result)),
        (score.speed, score.max_speed, about_ratio(result, "speed_ratio", "fast")),
        (score.memory, score.max_memory, about_ratio(result, "memory_ratio", "small")),
    ):
        if most - points >= LEAST_POINTS:
            found.append((most - points, points < ENOUGH * most, text))
    found.sort(reverse=True)
    large = [each for each in found if each[1]] or found[:1]
    return [f"{points_text(gain)} points can still be gained: {text}" for gain, _, text in large]


def about_metric(result: Result) -> str:
    """Say that the metric counts most, what par reaches, and one thing to try."""
    if result.cases:
        return "every case that passes brings some of them."
    key = result.metric_key
    par = result.par.get(key)
    beside = f"; par reaches {value_text(key, par)}" if par is not None else ""
    return f"{measure_in_sentence(key)} counts most{beside}. {TRY}"


def about_ratio(result: Result, key: str, what: str) -> str:
    """Say how speed or memory compares with par. what: "fast" or "small"."""
    measured = result.measurements.get(key)
    if measured is None:
        return f"how {what} this is was not measured."
    ratio = digits(measured.value, Format.RATIO)
    return f"this is {ratio} {TIMES} as {what} as par, and four times earns all of them."

"""What became of a run, in a sentence, and what to do next. The same words for everybody, from the
figures alone.
"""

from __future__ import annotations

from grader.records import Measured, Result, Status
from reports import display
from reports.display import TIMES

NEXT = {
    Status.GRADER_ERROR: "Nothing to do for the author: this is the grader's to mend. Grade again when it is.",
    Status.TIME_LIMIT_EXCEEDED: "Train less, or on a part of the data first; then raise it until the limit is near.",
    Status.MEMORY_LIMIT_EXCEEDED: "Use smaller batches, and keep no more than one copy of the data.",
    Status.RUNTIME_ERROR: "Run `grader check` on the solution: it runs it on a small stand-in, in seconds.",
    Status.INVALID_SUBMISSION: "Run `grader check` on the solution: it names what the contract asks for.",
    Status.FLAGGED: "An instructor should read the source before the figures are believed.",
}
PEOPLE = ("Fréchet",)
ENOUGH = 0.9  # of a part's points: nothing more is said about it


def sentence(result: Result) -> str:
    """Return the verdict as one sentence with the figure it rests on."""
    word = display.VERDICTS[result.verdict.status].text
    key = result.metric_key
    metric = result.measurements.get(key)
    parts = [word]
    if metric is not None and result.verdict.status in (
        Status.ACCEPTED,
        Status.BELOW_TARGET,
        Status.FLAGGED,
    ):
        name = display.measure_name(key)
        parts.append(f"{in_a_sentence(name)} {display.value_text(key, metric)}")
    if result.score is not None:
        parts.append(f"{display.points(result.score.total)} of 100 points")
    return f"{parts[0]}: {', '.join(parts[1:])}." if len(parts) > 1 else f"{parts[0]}."


def next_steps(result: Result, hint: str = "") -> list[str]:
    """Return what to do next, the most useful first. hint: the task's own for this outcome."""
    steps = [hint] if hint else []
    if result.verdict.status in NEXT:
        steps.append(NEXT[result.verdict.status])
    steps += list(
        dict.fromkeys(f"{group.function}(): {group.hint}" for group in result.cases if group.hint)
    )[:3]
    wrong = [group for group in result.cases if group.status in ("fail", "error")]
    todo = [group for group in result.cases if group.status == "not_attempted"]
    if wrong and not any(group.hint for group in wrong):
        steps.append(
            f"Begin with {wrong[0].function}(), {wrong[0].group}: its smallest failing case is below."
        )
    elif todo and not wrong:
        steps.append(f"{todo[0].function}() is not written yet.")
    if result.verdict.status is Status.ACCEPTED:
        steps += open_points(result)
    return steps or ["Nothing is left to win here: go on to the next task."]


def open_points(result: Result) -> list[str]:
    """Return the parts of the score that leave points, the greatest gain first."""
    score = result.score
    if score is None:
        return []
    parts = [
        (
            score.max_accuracy - score.accuracy,
            score.accuracy < ENOUGH * score.max_accuracy,
            quality(result),
        ),
        (
            score.max_speed - score.speed,
            score.speed < ENOUGH * score.max_speed,
            against(result, "speed_ratio"),
        ),
        (
            score.max_memory - score.memory,
            score.memory < ENOUGH * score.max_memory,
            against(result, "memory_ratio"),
        ),
    ]
    return [
        f"{display.points(gain)} points are open: {text}"
        for gain, is_open, text in sorted(parts)[::-1]
        if is_open
    ]


def in_a_sentence(name: str) -> str:
    """Return a heading as it stands inside a sentence: a person's name keeps its capital."""
    return name if name.startswith(PEOPLE) else f"{name[0].lower()}{name[1:]}"


def quality(result: Result) -> str:
    name = display.measure_name(result.metric_key)
    best = result.par.get(result.metric_key)
    beside = (
        f"; par reaches {display.value_text(result.metric_key, best)}" if best is not None else ""
    )
    return f"{in_a_sentence(name)} counts most{beside}."


def against(result: Result, key: str) -> str:
    """Say how speed or memory compares with par."""
    measured: Measured | None = result.measurements.get(key)
    what = "fast" if key == "speed_ratio" else "small"
    if measured is None:
        return f"it was not measured how {what} this is."
    ratio = display.digits(measured.value, "ratio")
    return f"this is {ratio} {TIMES} as {what} as par, and four times brings all of them."

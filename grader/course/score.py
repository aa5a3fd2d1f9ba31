"""From measurements to points. Pure: the same measurements and scoring give the same score on any
machine.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

from grader.course.curriculum import AuditTable, ScoringTable
from grader.metrics.statistics import Z95
from grader.records import CaseGroup, Failure, Measured, Score, Status, Verdict

PAR_SHARE = 0.6  # as fast or as small as par
FULL_AT = 4.0  # so many times better than par brings all points; a quarter of par brings none
MEMORY_FLOOR_BYTES = 64 << 20
FLAG_SIGMAS = 3.0  # that far beyond what is allowed, chance explains no gap
AUDITS = {  # what was measured -> the verdict's code
    "perturbed_gap": "perturbed_gap",
    "repeat_gap": "repeat_probe",
    "batch_gap": "batch_probe",
    "retrain_gap": "retrain",
}
SAME = 0.98  # of the inputs keep their label in other company, whatever an honest model rounds
CAPPED_SHARE = 0.8  # of the points for the metric, at most, where they do not
LOOK = "an instructor should look at the source"


def interpolate(curve: Sequence[tuple[float, float]], value: float) -> float:
    """Return the share of points at `value`, linear between the curve's anchors, flat outside
    them.
    """
    if value <= curve[0][0]:
        return curve[0][1]
    for (x0, y0), (x1, y1) in itertools.pairwise(curve):
        if value <= x1:
            return y0 + (y1 - y0) * (value - x0) / (x1 - x0)
    return curve[-1][1]


def ratio_share(ratio: float) -> float:
    """Return the share of points for being `ratio` times as good as par: log2, clipped.

    A quarter of par brings 0, par 0.6, four times par 1.
    """
    if not ratio > 0:
        return 0.0
    steps = math.log2(ratio) / math.log2(FULL_AT)
    share = PAR_SHARE + steps * (PAR_SHARE if steps < 0 else 1 - PAR_SHARE)
    return min(1.0, max(0.0, share))


def memory_ratio(own_bytes: float, par_bytes: float) -> float:
    """Return how many times less memory was needed than par's, both floored at 64 MiB."""
    return max(par_bytes, MEMORY_FLOOR_BYTES) / max(own_bytes, MEMORY_FLOOR_BYTES)


def score_run(
    scoring: ScoringTable,
    measurements: Mapping[str, Measured],
    cases: Sequence[CaseGroup],
    failure: Failure | None = None,
) -> tuple[Score, Verdict]:
    """Return points and verdict for one run."""
    points = scoring.points
    failure = failure or flag_of(scoring.audit, measurements)
    value = group_share(scoring, cases) if cases else measured(measurements, scoring.metric)
    if failure is not None and not cases and failure.status is not Status.FLAGGED:
        value = None
    lost, capped = (0.0, "") if value is None else lost_in_company(measurements)
    if value is not None:
        value += lost if scoring.better == "lower" else -lost
    share = 0.0 if value is None else interpolate(scoring.curve, value)
    accuracy = points.accuracy * (min(share, CAPPED_SHARE) if capped else share)
    passed = value is not None and scoring.reaches_gate(value) and failure is None
    speed = memory = 0.0
    if passed:
        speed = (
            points.speed * ratio_share(measured(measurements, "speed_ratio") or 0.0)
            if points.speed
            else 0.0
        )
        memory = (
            points.memory * ratio_share(measured(measurements, "memory_ratio") or 0.0)
            if points.memory
            else 0.0
        )
    score = Score(
        total=round(accuracy + speed + memory, 2),
        accuracy=round(accuracy, 2),
        speed=round(speed, 2),
        memory=round(memory, 2),
        max_accuracy=points.accuracy,
        max_speed=points.speed,
        max_memory=points.memory,
        capped=capped,
    )
    return score, verdict_of(scoring, value, cases, failure, capped)


def lost_in_company(measurements: Mapping[str, Measured]) -> tuple[float, str]:
    """Return how much of the metric rests on what else was in the batch, and the reason to cap its
    points, if any.

    An answer has to be about its input. It is not, if clearly more inputs change their label alone,
    or among others, than do when the same batch is asked again: what is random changes in both.
    Nothing a submission says is looked at.
    """
    again = measurements.get("repeat_same")
    steady = 1.0 if again is None or again.low is None else again.low
    accuracy, alone = measured(measurements, "accuracy"), measured(measurements, "alone_accuracy")
    bits = measured(measurements, "alone_bits")
    lost, reasons = 0.0, []
    for name, how in (("alone_same", "asked alone"), ("batch_same", "asked among others")):
        same = measurements.get(name)
        if same is None or same.high is None or same.high >= min(SAME, steady):
            continue
        changed = (
            "windows of text get other logits" if bits is not None else "inputs get another label"
        )
        reasons.append(f"{100 * (1 - same.value):.0f} % of {same.n} {changed} when {how}")
        if name == "batch_same":
            lost = max(lost, measured(measurements, "batch_gap") or 0.0)
        elif bits is not None:
            lost = max(lost, bits)
        elif accuracy is not None and alone is not None:
            lost = max(lost, accuracy - alone)
    if not reasons:
        return 0.0, ""
    said = f"answers depend on what else is in the batch: {'; '.join(reasons)}"
    much = (
        f"{lost:.2f} bits a character more"
        if bits is not None
        else f"{100 * lost:.1f} points of accuracy less"
    )
    counted = f"count as they are one by one ({much}) and " if lost > 0 else ""
    return (
        lost,
        f"{said}. Such answers {counted}bring at most {CAPPED_SHARE:.0%} of the points for the metric",
    )


def verdict_of(
    scoring: ScoringTable,
    value: float | None,
    cases: Sequence[CaseGroup],
    failure: Failure | None,
    capped: str = "",
) -> Verdict:
    """Say how the run ended: the failure if there was one, else whether the gate was reached."""
    if failure is not None:
        return Verdict(status=failure.status, reason=failure.reason, code=failure.code)
    if value is None:
        return Verdict(
            status=Status.GRADER_ERROR,
            reason=f"the exam measured no {scoring.metric}",
            code="no_metric",
        )
    if scoring.reaches_gate(value):
        return Verdict(status=Status.ACCEPTED)
    if cases:
        return Verdict(status=Status.BELOW_TARGET, reason=unfinished(cases), code="gate")
    wanted = "more" if scoring.better == "higher" else "less"
    reason = f"{scoring.metric} is {value:.4g}; this task asks for {scoring.gate:.4g} or {wanted}"
    if capped:
        reason = f"{capped}. Counted so, {reason}"
    return Verdict(status=Status.BELOW_TARGET, reason=reason, code="gate")


def flag_of(audit: AuditTable, measurements: Mapping[str, Measured]) -> Failure | None:
    """Return why a person should look at a run, if the audits lost more accuracy than chance and
    fragility explain.

    Copies that a person would label the same may double the errors: what is nearly wrong tips over,
    and the more of it there is, the more does. A model that knows the originals by heart makes
    hardly any errors on them.
    """
    accuracy = measured(measurements, "accuracy")
    if accuracy is None:
        return None
    for name, code in AUDITS.items():
        gap = measurements.get(name)
        allowed = audit.max_drop if name != "perturbed_gap" else audit.max_gap + 1 - accuracy
        if gap is None or gap.low is None:
            continue
        sigma = (gap.value - gap.low) / Z95
        if gap.value - FLAG_SIGMAS * sigma > allowed:
            return Failure(Status.FLAGGED, code, flag_reason(code, accuracy, gap.value))
    return None


def flag_reason(code: str, accuracy: float, gap: float) -> str:
    """Say what an audit found, without accusing anybody."""
    figures = f"{100 * (accuracy - gap):.1f} % against {100 * accuracy:.1f} %"
    if code == "perturbed_gap":
        return (
            f"answers on slightly changed copies are much worse than on the hidden set ({figures}): "
            f"this looks learnt by heart; {LOOK}"
        )
    if code == "retrain":
        return (
            f"trained again with the classes renumbered, its answers are much worse ({figures}): either they do not "
            f"come from the training data, or training succeeds only sometimes; {LOOK}"
        )
    again = (
        "asked once more"
        if code == "repeat_probe"
        else "asked in another order and in batches of another size"
    )
    return f"{again}, the same inputs are answered much worse (accuracy {100 * gap:.1f} points lower); {LOOK}"


def unfinished(cases: Sequence[CaseGroup]) -> str:
    """Say which functions are wrong, which build on those, and which were not attempted."""
    open_groups = [case for case in cases if case.status != "pass"]
    todo = list(
        dict.fromkeys(
            f"{case.function}()" for case in open_groups if case.status == "not_attempted"
        )
    )
    wrong = list(
        dict.fromkeys(
            f"{case.function}()" for case in open_groups if case.status in ("fail", "error")
        )
    )
    waiting = list(
        dict.fromkeys(f"{case.function}()" for case in open_groups if case.status == "skipped")
    )
    parts = [f"not right yet: {', '.join(wrong)}"] if wrong else []
    parts += (
        [f"building on that: {', '.join(each for each in waiting if each not in wrong)}"]
        if waiting
        else []
    )
    parts += [f"not attempted: {', '.join(todo)}"] if todo else []
    return "; ".join(parts)


def group_share(scoring: ScoringTable, cases: Sequence[CaseGroup]) -> float:
    """Return the weighted share of case groups that passed; a group passes whole or not at all."""
    weights = [scoring.groups.get(f"{case.function}/{case.group}", 0.0) for case in cases]
    won = sum(weight for weight, case in zip(weights, cases, strict=True) if case.status == "pass")
    return won / sum(weights) if sum(weights) > 0 else 0.0


def measured(measurements: Mapping[str, Measured], name: str) -> float | None:
    found = measurements.get(name)
    return found.value if found is not None and math.isfinite(found.value) else None


def hint_for(hints: Mapping[str, str], verdict: Verdict, score: Score | None) -> str:
    """Return the task's hint for this verdict, or for the lowest "score<N" band the score falls
    into.
    """
    if verdict.status in hints:
        return hints[verdict.status]
    if score is None:
        return ""
    bands = sorted(
        (float(key.partition("<")[2]), text)
        for key, text in hints.items()
        if key.startswith("score<")
    )
    return next((text for limit, text in bands if score.total < limit), "")

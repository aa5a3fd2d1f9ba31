"""From measurements to points.

Pure: the same measurements and the same scoring give the same score on any machine, today and in
ten years. So `grader rescore` can apply a new curve to results whose submissions are long gone.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

from grader.course.task_file import AuditTable, PointsTable, ScoringTable
from grader.metrics.statistics import Z95
from grader.records import CaseGroup, Code, Failure, Measured, Score, Status, Verdict

PAR_SHARE = 0.6  # as fast or as small as par
FULL_AT = 4.0  # so many times better than par brings all points; a quarter of par brings none
MEMORY_FLOOR_BYTES = 64 << 20
FLAG_SIGMAS = 3.0  # a gap this far beyond what is allowed is not explained by chance
AUDITS = {  # what was measured -> the verdict's code
    "perturbed_gap": Code.PERTURBED_GAP,
    "fresh_gap": Code.FRESH_GAP,
    "repeat_gap": Code.REPEAT_PROBE,
    "batch_gap": Code.BATCH_PROBE,
    "retrain_gap": Code.RETRAIN,
}
FLAGS = (*AUDITS.values(), Code.TOO_GOOD)  # that measurements alone lead to
# A network adds up in another order when its batch is cut otherwise, and an input on the edge
# between two classes may tip over. No honest model changes more than 2 % of its answers by that.
SAME = 0.98
# How much worse inputs are answered alone, of a classifier, a regressor and a language model.
WORSE_ALONE = ("alone_gap", "alone_more_error", "alone_more_bits")
ALONE_SIGMAS = 4.0  # a gap to inputs asked alone this far from none is no chance; 1 in 30,000
CAPPED_SHARE = 0.8  # of the points for the metric, at most, where more answers change
LOOK = "an instructor should look at the source"


def interpolate(curve: Sequence[tuple[float, float]], value: float) -> float:
    """Return the share of points at `value`: linear between the curve's anchors, flat outside."""
    if value <= curve[0][0]:
        return curve[0][1]
    for (x0, y0), (x1, y1) in itertools.pairwise(curve):
        if value <= x1:
            return y0 + (y1 - y0) * (value - x0) / (x1 - x0)
    return curve[-1][1]


def no_steeper(curve: Sequence[tuple[float, float]], most: float) -> list[tuple[float, float]]:
    """Return the curve with its anchors lifted until no part of it is steeper than `most`.

    most: share of points for a unit of the metric. Whoever stands on a steep slope is lifted and
    nobody loses: an anchor that is not quite reached brings nearly what it brings when reached.
    """
    lifted = []
    for metric, share in curve:
        nearby = [other - most * abs(metric - place) for place, other in curve]
        lifted.append((metric, max(share, *nearby)))
    return lifted


def curve_for(scoring: ScoringTable, metric: Measured | None) -> Sequence[tuple[float, float]]:
    """Return the curve that a metric is scored by.

    Of 600 hidden inputs, one more or less right is luck. Where the task's curve climbs 20 points
    within 1.5 % it would be worth 2.2 points, and the same bytes got 86.7, 88.9 and 91.1 in three
    runs. A task with `one_input` bounds what one is worth, and with it what luck is: half the
    interval of 540 inputs is six to eleven of them.
    """
    if not scoring.one_input or metric is None:
        return scoring.curve
    return no_steeper(scoring.curve, scoring.one_input * metric.n)


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
    failure: Failure | Verdict | None = None,
) -> tuple[Score, Verdict]:
    """Return points and verdict for one run.

    failure: how the run failed, if it did, or the verdict of a stored one that did; None asks the
    audits among the measurements.
    """
    failure = failure or flag_of(scoring, measurements)
    value = metric_of(scoring, measurements, cases, failure)
    capped = ""
    if value is not None:
        lost, capped = lost_in_company(measurements)
        value += lost if scoring.better == "lower" else -lost
    curve = curve_for(scoring, measurements.get(scoring.metric))
    accuracy = accuracy_points(scoring, value, curve, is_capped=bool(capped))
    speed = 0.0
    memory = 0.0
    if value is not None and scoring.reaches_gate(value) and failure is None:
        speed = ratio_points(scoring.points.speed, measurements, "speed_ratio")
        memory = ratio_points(scoring.points.memory, measurements, "memory_ratio")
    score = score_of(scoring.points, accuracy, speed, memory, capped)
    return score, verdict_of(scoring, value, cases, failure, capped)


def metric_of(
    scoring: ScoringTable,
    measurements: Mapping[str, Measured],
    cases: Sequence[CaseGroup],
    failure: Failure | Verdict | None,
) -> float | None:
    """Return the value that the curve turns into points; None where there is nothing to score.

    Cases that passed count also when a later one ended the run. A figure counts only if the run
    came to its end; a flagged run did.
    """
    if cases:
        return group_share(scoring, cases)
    if failure is not None and failure.status is not Status.FLAGGED:
        return None
    return measured(measurements, scoring.metric)


def accuracy_points(
    scoring: ScoringTable,
    value: float | None,
    curve: Sequence[tuple[float, float]],
    *,
    is_capped: bool,
) -> float:
    """Return the points for a value of the metric on its curve."""
    if value is None:
        return 0.0
    share = interpolate(curve, value)
    if is_capped:
        share = min(share, CAPPED_SHARE)
    return scoring.points.accuracy * share


def ratio_points(points: float, measurements: Mapping[str, Measured], name: str) -> float:
    """Return the points for a ratio to par, 0 where the task gives none or nothing was measured."""
    if not points:
        return 0.0
    return points * ratio_share(measured(measurements, name) or 0.0)


def score_of(
    points: PointsTable, accuracy: float, speed: float, memory: float, capped: str
) -> Score:
    """Return the points as they are stored, beside the most each part could have brought."""
    return Score(
        total=round(accuracy + speed + memory, 2),
        accuracy=round(accuracy, 2),
        speed=round(speed, 2),
        memory=round(memory, 2),
        max_accuracy=points.accuracy,
        max_speed=points.speed,
        max_memory=points.memory,
        capped=capped,
    )


def lost_in_company(measurements: Mapping[str, Measured]) -> tuple[float, str]:
    """Return how much of the metric rests on what else was in the batch, and why to cap its points.

    An answer has to be about its input. It is not, if clearly more inputs change their label when
    asked alone, or among others, than when the same batch is asked again: randomness changes
    answers in both cases. A box that remembers its answers shows none of this. So it is not either
    if inputs that came alone, and had never been asked before, are answered clearly worse than
    others in batches. Nothing that a submission says about itself is looked at.

    Returns 0 and an empty text where the answers are about their inputs.
    """
    again = measurements.get("repeat_same")
    steady = 1.0 if again is None or again.low is None else again.low
    lost = 0.0
    reasons = []
    for name, how in (("alone_same", "asked alone"), ("batch_same", "asked among other inputs")):
        same = measurements.get(name)
        if same is None or same.high is None or same.high >= min(SAME, steady):
            continue
        changed = f"{100 * (1 - same.value):.0f} % of {same.n} {what_changes(measurements)}"
        reasons.append(f"{changed} when {how}")
        loss_of = lost_among_others if name == "batch_same" else lost_alone
        lost = max(lost, loss_of(measurements))
    if is_worse_alone(measurements):
        reasons.append("inputs that had not been asked before are answered worse when asked alone")
        lost = max(lost, lost_alone(measurements))
    if not reasons:
        return 0.0, ""
    return lost, capped_reason(measurements, lost, reasons)


def is_worse_alone(measurements: Mapping[str, Measured]) -> bool:
    """Whether inputs asked alone are answered worse than others in batches, beyond chance."""
    return any(is_certain(measurements.get(name)) for name in WORSE_ALONE)


def is_certain(gap: Measured | None) -> bool:
    """Whether a gap is above zero, and not by chance."""
    if gap is None or gap.low is None:
        return False
    sigma = (gap.value - gap.low) / Z95
    return gap.value > ALONE_SIGMAS * sigma


def lost_among_others(measurements: Mapping[str, Measured]) -> float:
    """Return the accuracy that is lost when inputs are asked in other batches."""
    return measured(measurements, "batch_gap") or 0.0


def lost_alone(measurements: Mapping[str, Measured]) -> float:
    """Return what is lost one by one: accuracy, bits a character, or units of the target."""
    bits = measured(measurements, "alone_bits")
    if bits is not None:
        return bits
    accuracy = measured(measurements, "accuracy")
    alone = measured(measurements, "alone_accuracy")
    if accuracy is not None and alone is not None:
        return accuracy - alone
    if not is_worse_alone(measurements):
        return 0.0
    return (
        measured(measurements, "alone_more_bits")
        or measured(measurements, "alone_more_error")
        or 0.0
    )


def is_about_text(measurements: Mapping[str, Measured]) -> bool:
    """Whether a language model was asked, whose answers are logits for windows of text."""
    return measured(measurements, "bits_per_character") is not None


def what_changes(measurements: Mapping[str, Measured]) -> str:
    if is_about_text(measurements):
        return "windows of text get different logits"
    if measured(measurements, "mean_absolute_error") is not None:
        return "inputs get a different answer"
    return "inputs get a different label"


def capped_reason(measurements: Mapping[str, Measured], lost: float, reasons: Sequence[str]) -> str:
    """Say why the points for the metric are capped, and by how much the metric was lowered."""
    counted = ""
    if lost > 0:
        much = f"accuracy {100 * lost:.1f} points lower"
        if is_about_text(measurements):
            much = f"{lost:.2f} bits per character more"
        if measured(measurements, "mean_absolute_error") is not None:
            much = f"an error larger by {lost:.3g}"
        counted = f"are counted as given one by one ({much}) and "
    return (
        f"answers depend on what else is in the batch: {'; '.join(reasons)}. Such answers "
        f"{counted}earn at most {CAPPED_SHARE:.0%} of the points for the metric"
    )


def verdict_of(
    scoring: ScoringTable,
    value: float | None,
    cases: Sequence[CaseGroup],
    failure: Failure | Verdict | None,
    capped: str = "",
) -> Verdict:
    """Say how the run ended: the failure if there was one, else whether the gate was reached."""
    if failure is not None:
        return Verdict(status=failure.status, reason=failure.reason, code=failure.code)
    if value is None:
        return Verdict(
            status=Status.GRADER_ERROR,
            reason=f"the exam did not measure {scoring.metric}",
            code=Code.NO_METRIC,
        )
    if scoring.reaches_gate(value):
        return Verdict(status=Status.ACCEPTED)
    if cases:
        return Verdict(status=Status.BELOW_TARGET, reason=unfinished(cases), code=Code.GATE)
    wanted = "more" if scoring.better == "higher" else "less"
    reason = f"{scoring.metric} is {value:.4g}; this task asks for {scoring.gate:.4g} or {wanted}"
    if capped:
        reason = f"{capped}. Counted in this way, {reason}"
    return Verdict(status=Status.BELOW_TARGET, reason=reason, code=Code.GATE)


def flag_of(scoring: ScoringTable, measurements: Mapping[str, Measured]) -> Failure | None:
    """Return why a person should look at a run; None where nothing asks for it."""
    return gap_flag(scoring.audit, measurements) or too_good_flag(scoring, measurements)


def too_good_flag(scoring: ScoringTable, measurements: Mapping[str, Measured]) -> Failure | None:
    """Return why a metric asks for a look that nobody learns to reach from what the task gives.

    Perturbed copies show no table of answers in a task about numbers: the error of an honest model
    is large, and so is what it may lose. What gives a table away there is that it is too good. The
    targets of 142 patients scatter by 40 around the best straight line drawn through these very
    patients, and the best of 960 honest models had an error of 41.8; a table has one of 0.3.
    """
    value = measured(measurements, scoring.metric)
    if value is None or not scoring.is_too_good(value):
        return None
    return Failure(
        Status.FLAGGED,
        Code.TOO_GOOD,
        f"{scoring.metric} is {value:.4g}; nobody is known to get to "
        f"{scoring.audit.too_good:.4g} with what this task gives: this looks like answers that "
        f"were brought along; {LOOK}",
    )


def gap_flag(audit: AuditTable, measurements: Mapping[str, Measured]) -> Failure | None:
    """Return why a person should look at a run; None if chance and fragility explain the audits.

    Copies that a person would label the same may double the errors: answers that were nearly wrong
    tip over, and a model with more errors has more of them. A model that knows the originals by
    heart makes hardly any errors on them, and many on the copies.
    """
    accuracy = measured(measurements, "accuracy")
    if accuracy is None:
        return None
    for name, code in AUDITS.items():
        gap = measurements.get(name)
        allowed = audit.max_drop
        if name in ("perturbed_gap", "fresh_gap"):
            allowed = audit.max_gap + 1 - accuracy
        if gap is None or gap.low is None:
            continue
        sigma = (gap.value - gap.low) / Z95
        if gap.value - FLAG_SIGMAS * sigma > allowed:
            return Failure(Status.FLAGGED, code, flag_reason(code, accuracy, gap.value))
    return None


def flag_reason(code: Code, accuracy: float, gap: float) -> str:
    """Say what an audit found, without accusing anybody."""
    figures = f"{100 * (accuracy - gap):.1f} % against {100 * accuracy:.1f} %"
    if code == Code.PERTURBED_GAP:
        return (
            "answers on slightly perturbed copies are much worse than on the hidden set "
            f"({figures}): this looks like memorised answers; {LOOK}"
        )
    if code == Code.FRESH_GAP:
        return (
            "answers on slightly perturbed copies of hidden inputs that had not been asked before "
            f"are much worse than on others ({figures}): this looks like memorised answers; {LOOK}"
        )
    if code == Code.RETRAIN:
        return (
            "trained again with the classes renumbered, its answers are much worse "
            f"({figures}): either they do not come from the training data, or training succeeds "
            f"only sometimes; {LOOK}"
        )
    again = "asked in another order and in batches of another size"
    if code == Code.REPEAT_PROBE:
        again = "asked once more"
    return (
        f"{again}, the same inputs are answered much worse "
        f"(accuracy {100 * gap:.1f} points lower); {LOOK}"
    )


def unfinished(cases: Sequence[CaseGroup]) -> str:
    """Say which functions are wrong, which build on those, and which were not attempted."""
    wrong = functions_with(cases, "fail", "error")
    waiting = [name for name in functions_with(cases, "skipped") if name not in wrong]
    todo = functions_with(cases, "not_attempted")
    by_hand = [case.called for case in cases if case.status == "by_hand" and case.won is None]
    parts = []
    for what, names in (
        ("not correct yet", wrong),
        ("waiting for that", waiting),
        ("not attempted", todo),
        ("waiting for a person", by_hand),
    ):
        if names:
            parts.append(f"{what}: {', '.join(names)}")
    return "; ".join(parts)


def functions_with(cases: Sequence[CaseGroup], *statuses: str) -> list[str]:
    """Return the functions of which a group has one of these statuses, once each."""
    names = (case.called for case in cases if case.status in statuses)
    return list(dict.fromkeys(names))


def group_share(scoring: ScoringTable, cases: Sequence[CaseGroup]) -> float:
    """Return the weighted share of the case groups.

    A function's group passes whole or not at all; a notebook's question may have earned a part.
    """
    weights = [scoring.groups.get(f"{case.function}/{case.group}", 0.0) for case in cases]
    whole = sum(weights)
    if whole <= 0:
        return 0.0
    won = sum(weight * share_of(case) for weight, case in zip(weights, cases, strict=True))
    return won / whole


def share_of(case: CaseGroup) -> float:
    """Return the share of its points that a group of cases earned."""
    if case.worth is None:
        return float(case.status == "pass")
    if not case.worth or case.won is None:
        return 0.0
    return min(1.0, max(0.0, case.won / case.worth))


def measured(measurements: Mapping[str, Measured], name: str) -> float | None:
    """Return a figure by its name; None where it was not measured or is not finite."""
    found = measurements.get(name)
    if found is None or not math.isfinite(found.value):
        return None
    return found.value


def hint_for(hints: Mapping[str, str], verdict: Verdict, score: Score | None) -> str:
    """Return the task's hint for a verdict, or for the lowest band "score<N" that the score is in.

    Empty if the task has none for it.
    """
    if verdict.status in hints:
        return hints[verdict.status]
    if score is None:
        return ""
    bands = [key for key in hints if key.startswith("score<")]
    for key in sorted(bands, key=limit_of):
        if score.total < limit_of(key):
            return hints[key]
    return ""


def limit_of(band: str) -> float:
    """Return the points that a band of hints ends at: 80 for "score<80"."""
    return float(band.partition("<")[2])

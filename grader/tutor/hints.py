"""Hints, stage by stage: where to look, the idea, the line to change. A stage opens with a new
check, never by a timer.

`check` and `run` leave here what they found on a submission; `grader hint` shows the first thing
that is wrong, one stage more than last time if there was a check in between. Hints cost nothing and
are counted. What is kept is the learner's own memory, in the cache of this computer: no result and
no score knows of it.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import secrets
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.course.curriculum import Task
from grader.course.task_file import ScoringTable
from grader.course.score import FULL_AT, interpolate, ratio_share
from grader.doctor.entries import catalogue
from grader.host.cache import cache_folder, cache_trouble
from grader.records import CaseGroup, Diagnosis, Measured, Verdict

FOLDER = "hints"
FINENESS = 1e-4  # of the metric, when the accuracy for further points is searched for
MORE_POINTS = 2.0


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Finding(Model):
    """One thing that is wrong, with what to say about it, in stages."""

    key: str  # the same trouble in another check has the same key
    about: str
    stages: list[str] = Field(min_length=1)
    reading: str = ""


class Memory(Model):
    """What is known of one submission and one task."""

    task_id: str
    checks: int = 0  # results seen so far
    passed: bool = False
    findings: list[Finding] = Field(default_factory=list)
    stages: dict[str, int] = Field(default_factory=dict)  # key -> stages opened so far
    asked_at: dict[str, int] = Field(
        default_factory=dict
    )  # key -> the check after which it was opened
    given: int = 0  # hints given for this task


class Hint(Model):
    """One stage of the hints for a finding."""

    about: str
    stage: int  # from 1
    of: int
    text: str
    reading: str = ""  # with the last stage
    is_new: bool  # opened by this call
    given: int  # for this task so far


def memory_file(path: Path, task_id: str) -> Path:
    """Return where the memory of this submission is kept."""
    name = hashlib.sha256(f"{path.resolve()}\n{task_id}".encode()).hexdigest()[:32]
    return cache_folder() / FOLDER / f"{name}.json"


def recall(path: Path, task_id: str) -> Memory:
    """Return what is known of a submission: nothing, where nothing is there or it can't be read."""
    try:
        return Memory.model_validate_json(memory_file(path, task_id).read_bytes())
    except (OSError, ValidationError):
        return Memory(task_id=task_id)


def keep(path: Path, memory: Memory) -> None:
    file = memory_file(path, memory.task_id)
    with cache_trouble(file.parent):
        file.parent.mkdir(exist_ok=True)
        written = file.with_suffix(
            f".{secrets.token_hex(4)}"
        )  # two checks of one folder may end together
        written.write_text(memory.model_dump_json(), "utf-8")
        written.replace(file)


def remember(path: Path, task_id: str, findings: Sequence[Finding], *, passed: bool) -> None:
    """Note the outcome of a check or a run; the next stage of what is still wrong is open from now
    on.
    """
    memory = recall(path, task_id)
    memory.checks += 1
    memory.passed = passed
    memory.findings = list(findings)
    keep(path, memory)


def next_hint(path: Path, task_id: str) -> Hint | None:
    """Return the hint for the first thing that is wrong; None where nothing is known to be."""
    memory = recall(path, task_id)
    if not memory.findings:
        return None
    finding = memory.findings[0]
    opened = memory.stages.get(finding.key, 0)
    is_new = opened < len(finding.stages) and memory.asked_at.get(finding.key) != memory.checks
    if is_new:
        opened += 1
        memory.stages[finding.key] = opened
        memory.asked_at[finding.key] = memory.checks
        memory.given += 1
        keep(path, memory)
    stage = min(opened, len(finding.stages))
    return Hint(
        about=finding.about,
        stage=stage,
        of=len(finding.stages),
        text=finding.stages[stage - 1],
        reading=finding.reading if stage == len(finding.stages) else "",
        is_new=is_new,
        given=memory.given,
    )


# What is wrong, the surest first.


def findings_of(
    task: Task,
    cases: Sequence[CaseGroup],
    diagnoses: Sequence[Diagnosis],
    verdict: Verdict | None,
    hint: str = "",
) -> list[Finding]:
    """Return what a check or a run found: named mistakes, then wrong and missing functions, then
    the verdict.
    """
    found = [of_diagnosis(each) for each in diagnoses]
    file = task.folder / "README.md"
    lesson = file.read_text("utf-8") if file.is_file() else ""
    wrong = [case for case in cases if case.status in ("fail", "error")]
    waiting = [case for case in cases if case.status == "not_attempted"]
    found += [
        of_case(case, lesson, task.spec.hints.get(case.function, "")) for case in [*wrong, *waiting]
    ]
    if verdict is not None and verdict.code == "symptom" and task.spec.hunt.absent:
        return [of_planted(task.spec.hunt.absent[0], verdict)]
    if not found and verdict is not None and verdict.code:
        found.append(of_verdict(verdict, hint))
    return found


def of_diagnosis(diagnosis: Diagnosis) -> Finding:
    entry = catalogue()[diagnosis.code]
    where = f" ({diagnosis.where})" if diagnosis.where else ""
    stages = [*entry.hints]
    stages[-1] += f" The place: {diagnosis.where}." if diagnosis.where else ""
    return Finding(
        key=f"diagnosis/{diagnosis.code}",
        about=f"{diagnosis.likelihood}: {diagnosis.title}{where if len(stages) == 1 else ''}",
        stages=stages,
        reading=entry.reading,
    )


def of_planted(code: str, verdict: Verdict) -> Finding:
    """Return the hints of a bug hunt: what the catalogue says of the planted mistake, without its
    name and place.
    """
    entry = catalogue()[code]
    return Finding(
        key=f"planted/{code}", about=verdict.reason, stages=list(entry.hints), reading=entry.reading
    )


def of_case(case: CaseGroup, lesson: str, own: str) -> Finding:
    """Return where to look, what the task's own hint or else the lesson says, and what the first
    failing case tells.
    """
    todo = case.status == "not_attempted"
    first = (
        f"Write {case.function}(); the rest of the cases waits for it."
        if todo
        else (
            f"Look at {case.function}(), and there at the cases called {case.group}: {case.cases - case.passed} of "
            f"{case.cases} are wrong."
        )
    )
    stages = [first]
    said = "" if own else lesson_on(case.function, lesson)
    stages += [own or f"The lesson says: {said}"] if own or said else []
    if case.hint:
        stages.append(f"What came out is what {case.hint} gives.")
    if case.message and not todo:
        stages.append(f"Work this one out by hand, and compare step by step:\n{case.message}")
    return Finding(
        key=f"case/{case.function}/{case.group}/{case.status}",
        about=f"{case.function}(), {case.group}",
        stages=stages,
    )


def lesson_on(function: str, lesson: str) -> str:
    """Return the first paragraph of a lesson that speaks of a function, outside code blocks; empty
    if none does.
    """
    prose = "".join(part for place, part in enumerate(lesson.split("```")) if place % 2 == 0)
    rows = re.sub(
        r"^\|(.*)\|\s*$",
        lambda row: "\n" + row[1].strip().replace(" | ", ": ") + "\n",
        prose,
        flags=re.M,
    )
    paragraphs = [" ".join(part.split()) for part in rows.split("\n\n")]
    return next(
        (part for part in paragraphs if f"`{function}" in part and not part.startswith("#")), ""
    )


def of_verdict(verdict: Verdict, hint: str) -> Finding:
    stages = [verdict.reason or verdict.status.value.replace("_", " ")]
    return Finding(
        key=f"verdict/{verdict.status.value}/{verdict.code}",
        about=verdict.status.value.replace("_", " "),
        stages=[*stages, hint] if hint else stages,
    )


# What comes after passing.


def further_points(
    scoring: ScoringTable, measurements: dict[str, Measured], points: float = MORE_POINTS
) -> list[tuple[str, float, float]]:
    """Return what each part would need for so many points more: (measurement, value now, value
    needed).

    A part that has not so many points left, or was not measured, is left out.
    """
    parts = scoring.points
    needs = []
    metric = measurements.get(scoring.metric)
    if metric is not None and parts.accuracy:
        wanted = interpolate(scoring.curve, metric.value) + points / parts.accuracy
        needed = metric_for(scoring, wanted)
        if needed is not None:
            needs.append((scoring.metric, metric.value, needed))
    for name, most in (("speed_ratio", parts.speed), ("memory_ratio", parts.memory)):
        figure = measurements.get(name)
        if figure is None or not most:
            continue
        wanted = ratio_share(figure.value) + points / most
        if wanted <= 1:
            needs.append((name, figure.value, ratio_for(wanted)))
    return needs


def metric_for(scoring: ScoringTable, share: float) -> float | None:
    """Return the metric that brings this share of the points, None where none does."""
    curve = scoring.curve if scoring.better == "higher" else scoring.curve[::-1]
    for (x0, y0), (x1, y1) in itertools.pairwise(curve):
        if y0 < share <= y1:
            return x0 + (x1 - x0) * (share - y0) / (y1 - y0)
    return None


def ratio_for(share: float) -> float:
    """Return how many times as good as par brings this share: the inverse of `ratio_share`, by
    halving.
    """
    low, high = 1 / FULL_AT, FULL_AT
    while high - low > FINENESS:
        middle = (low + high) / 2
        low, high = (middle, high) if ratio_share(middle) < share else (low, middle)
    return high

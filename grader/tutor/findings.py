"""What a check or a run found to be wrong, the surest first, and what to say about each in stages.

Sure are, in this order, a mistake that the doctor named, a function whose answers are wrong, a
function that is missing, and at last the verdict itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from grader.course.curriculum import Task
from grader.records import Advice, CaseGroup, Code, Diagnosis, Record, Verdict

if TYPE_CHECKING:
    from grader.doctor.entries import Entry

SAID_ALREADY = {"known mistakes"}
TABLE_ROW = re.compile(r"^\|(.*)\|\s*$", re.MULTILINE)


class Finding(Record):
    """One thing that is wrong, with what to say about it in stages."""

    key: str  # the same trouble in another check has the same key
    about: str
    stages: list[str] = Field(min_length=1)
    reading: str = ""


def findings_of(
    task: Task,
    cases: Sequence[CaseGroup],
    diagnoses: Sequence[Diagnosis],
    verdict: Verdict | None,
    hint: str = "",
    advice: Sequence[Advice] = (),
) -> list[Finding]:
    """Return what a check or a run found, in the order in which a learner is told.

    verdict: None where a check has none. hint: the task's own for this outcome. advice: what a
    check saw beyond the contract; what it says of known mistakes is said with these.
    """
    if verdict is not None and verdict.code == Code.SYMPTOM and task.spec.hunt.absent:
        return [of_planted(task.spec.hunt.absent[0], verdict)]
    lesson = lesson_of(task)
    wrong = [case for case in cases if case.status in ("fail", "error")]
    missing = [case for case in cases if case.status == "not_attempted"]
    found = [of_diagnosis(each) for each in diagnoses]
    for case in [*wrong, *missing]:
        found.append(of_case(case, lesson, task.spec.hints.get(case.function, "")))
    if not found and verdict is not None and verdict.code:
        found.append(of_verdict(verdict, hint))
    for each in advice:
        if each.status == "advice" and each.about not in SAID_ALREADY:
            found.append(of_advice(each))
    return found


def entry_of(code: str) -> Entry:
    """Return a mistake of the catalogue, which is read where there is one to speak of."""
    from grader.doctor.entries import catalogue

    return catalogue()[code]


def lesson_of(task: Task) -> str:
    file = task.folder / "README.md"
    return file.read_text("utf-8") if file.is_file() else ""


def of_diagnosis(diagnosis: Diagnosis) -> Finding:
    """Return the catalogue's hints on a named mistake, the first one with the learner's own
    figures.
    """
    entry = entry_of(diagnosis.code)
    about = f"{diagnosis.likelihood}: {diagnosis.title}"
    if diagnosis.where:
        about += f" ({diagnosis.where})"
    stages = list(entry.hints)
    if diagnosis.because:
        stages[0] = f"Seen in this training: {diagnosis.because[0]}. {stages[0]}"
    if diagnosis.where:
        stages[-1] += f" The place: {diagnosis.where}."
    return Finding(
        key=f"diagnosis/{diagnosis.code}", about=about, stages=stages, reading=entry.reading
    )


def of_advice(advice: Advice) -> Finding:
    """Return what a check advises as a finding of one stage: it already has the figures."""
    return Finding(key=f"advice/{advice.about}", about=advice.about, stages=[advice.says])


def of_planted(code: str, verdict: Verdict) -> Finding:
    """Return the catalogue's hints on the mistake of a bug hunt, without its name and place."""
    entry = entry_of(code)
    return Finding(
        key=f"planted/{code}", about=verdict.reason, stages=list(entry.hints), reading=entry.reading
    )


def of_case(case: CaseGroup, lesson: str, own: str) -> Finding:
    """Return the hints on a function: the failing case, what it looks like, what the lesson says.

    The first stage holds the failing case that a check has shown, and each stage repeats those
    before it, the newest first: only one is printed, and a hint never says less than a check.

    own: the task's own hint, which stands in the place of what the lesson says.
    """
    if case.status == "not_attempted":
        stages = [f"Write {case.called}; the remaining cases are waiting for it."]
    else:
        wrong = case.cases - case.passed
        stages = [
            f"Look at {case.called}, at the cases called {case.group}: {wrong} of "
            f"{case.cases} are wrong."
        ]
        if case.message:
            stages[0] += f" Work this one out by hand, step by step:\n{case.message}"
    if case.hint:
        stages.append(f"The result is what you get if {case.hint}.")
    paragraph = lesson_on(case.function, lesson)
    if own:
        stages.append(own)
    elif paragraph:
        stages.append(f"The lesson says: {paragraph}")
    return Finding(
        key=f"case/{case.function}/{case.group}/{case.status}",
        about=f"{case.called}, {case.group}",
        stages=with_those_before(stages),
    )


def with_those_before(stages: Sequence[str]) -> list[str]:
    """Return each stage with those before it below, the newest first."""
    return ["\n".join(reversed(stages[: count + 1])) for count in range(len(stages))]


def lesson_on(function: str, lesson: str) -> str:
    """Return the first paragraph or table row of a lesson that names a function in backticks.

    Code blocks and headings do not count. Empty if there is none.
    """
    prose = "".join(lesson.split("```")[::2])  # every second part lies inside a code block
    paragraphs = TABLE_ROW.sub(row_as_paragraph, prose).split("\n\n")
    whole_name = re.compile(rf"`{re.escape(function)}(?!\w)")
    for paragraph in paragraphs:
        text = " ".join(paragraph.split())
        if whole_name.search(text) and not text.startswith("#"):
            return text
    return ""


def row_as_paragraph(row: re.Match[str]) -> str:
    cells = row[1].strip().replace(" | ", ": ")
    return f"\n{cells}\n"


def of_verdict(verdict: Verdict, hint: str) -> Finding:
    """Return the verdict's reason, and then the task's own hint for it."""
    status = verdict.status.value.replace("_", " ")
    stages = [verdict.reason or status]
    if hint:
        stages.append(hint)
    return Finding(
        key=f"verdict/{verdict.status.value}/{verdict.code}", about=status, stages=stages
    )

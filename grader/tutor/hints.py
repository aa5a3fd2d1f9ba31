"""Hints, stage by stage: where to look, the idea, the line to change.

On a function that is wrong, every stage holds the failing case that a check has shown.

`check` and `run` leave here what they found on a submission. `grader hint` shows the first thing
that is wrong, one stage more than last time if there was a check in between: a stage opens because
somebody tried again, never because time passed. Hints cost nothing and are counted. Their texts are
in doctor/catalogue/, in [hints] of a task.toml and in the task's lesson; findings.py collects them.

What is remembered belongs to the learner and lies in the cache of this computer. No result and no
score knows of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from grader.host import cache
from grader.records import Record
from grader.tutor.findings import Finding

KIND = "hints"  # of what is remembered


class Memory(Record):
    """What is known about one submission to one task."""

    task_id: str
    checks: int = 0  # results seen so far
    passed: bool = False
    findings: list[Finding] = Field(default_factory=list)
    # Of the last run: they stay open until a run finds none, for a check sees less.
    of_run: list[Finding] = Field(default_factory=list)
    stages: dict[str, int] = Field(default_factory=dict)  # key of a finding -> stages opened
    asked_at: dict[str, int] = Field(default_factory=dict)  # key -> check that opened the last one
    given: int = 0  # hints given for this task


class Hint(Record):
    """One stage of the hints on a finding."""

    about: str
    stage: int  # from 1
    of: int
    text: str
    reading: str = ""  # with the last stage
    is_new: bool  # opened by this call
    given: int  # for this task so far


def memory_key(path: Path, task_id: str) -> str:
    """Return the key under which the memory of a submission is kept."""
    return hashlib.sha256(f"{path.resolve()}\n{task_id}".encode()).hexdigest()[:32]


def recall(path: Path, task_id: str) -> Memory:
    """Return what is known about a submission; an empty memory where nothing readable is kept."""
    found = cache.recall(KIND, memory_key(path, task_id), Memory.model_validate_json)
    return found or Memory(task_id=task_id)


def keep(path: Path, memory: Memory) -> None:
    """Remember what is known about a submission. Raises GraderError if the cache is unwritable."""
    cache.keep(KIND, memory_key(path, memory.task_id), memory.model_dump_json())


def remember(
    path: Path, task_id: str, findings: Sequence[Finding], *, passed: bool, of_run: bool = True
) -> None:
    """Note the outcome of a check or a run. From now on the next stage of each finding may open.

    of_run: it was a run, or a check that sees all that a run sees.
    """
    memory = recall(path, task_id)
    outcome: dict[str, object] = {
        "checks": memory.checks + 1,
        "passed": passed,
        "findings": list(findings),
    }
    if of_run:
        outcome["of_run"] = list(findings)
    keep(path, memory.model_copy(update=outcome))


def next_hint(path: Path, task_id: str) -> Hint | None:
    """Return the hint on the first thing that is wrong; None if nothing is known to be wrong."""
    memory = recall(path, task_id)
    known = memory.findings or memory.of_run
    if not known:
        return None
    finding = known[0]
    opened = memory.stages.get(finding.key, 0)
    was_checked = memory.asked_at.get(finding.key) != memory.checks
    is_new = was_checked and opened < len(finding.stages)
    if is_new:
        opened += 1
        memory = with_stage(memory, finding.key, opened)
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


def with_stage(memory: Memory, key: str, stage: int) -> Memory:
    """Return a memory in which a stage of a finding has been opened by the newest check."""
    opened = {
        "stages": memory.stages | {key: stage},
        "asked_at": memory.asked_at | {key: memory.checks},
        "given": memory.given + 1,
    }
    return memory.model_copy(update=opened)

"""An assignment as a task: what `grader run`, batches, boards and exports take it for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from grader.course.versions import QUESTIONS_FILE
from grader.exams.notebook_questions.work import Work

TASK = """\
id = {id}
title = {title}
about = "A notebook whose questions have points."
stage = "assignments"
order = 10
exam = "questions"

[limits]
memory_mib = 2048
cores = 1
submission_mib = 20
load_seconds = 300 # for running all cells
call_seconds = 10 # for one question of a test

[scoring]
metric = "cases"
curve = [[0.0, 0.0], [1.0, 1.0]]
gate = 0.5 # accepted from here on; points are given below it as well

[scoring.groups] # points; they count among each other
"""
LESSON = """\
# {title}

Complete the notebook, run all its cells from the top, save it and hand it in.
"""


def task_id(stem: str) -> str:
    """Return what the task of a source is called: lower-case letters, digits and hyphens."""
    found = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")
    return found or "assignment"


def task_files(stem: str, work: Work, student: bytes, reference: bytes) -> Mapping[Path, bytes]:
    """Return the files of a task, by their place in its folder."""
    name = task_id(stem)
    words = {"id": json.dumps(name), "title": json.dumps(stem.replace("_", " "))}
    lines = [f"{quoted(key)} = {worth:g}" for key, worth in work.groups.items()]
    found = work.model_dump(exclude_defaults=True)
    whole = {"steps": found.get("steps", []), "by_hand": found.get("by_hand", [])}
    return {
        Path("task.toml"): (TASK.format(**words) + "\n".join(lines) + "\n").encode(),
        Path(QUESTIONS_FILE): (json.dumps(whole, indent=1) + "\n").encode(),
        Path("README.md"): LESSON.format(title=stem.replace("_", " ")).encode("utf-8", "replace"),
        Path("starter") / f"{stem}.ipynb": student,
        Path("reference") / "solution" / f"{stem}.ipynb": reference,
    }


def quoted(key: str) -> str:
    """Return a text as a key of TOML: JSON escapes the same characters."""
    return json.dumps(key)

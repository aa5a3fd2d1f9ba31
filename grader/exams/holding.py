"""Find the exam of a task: each kind is one file below `kinds/`, and its class is called `Kind`."""

from __future__ import annotations

import difflib
import importlib
import pkgutil

import grader.exams.kinds
from grader.course.curriculum import Task
from grader.errors import TaskError, UsageError
from grader.exams.exam import Exam


def kinds() -> list[str]:
    """Return the names of all kinds of exam."""
    return sorted(item.name for item in pkgutil.iter_modules(grader.exams.kinds.__path__))


def load_exam(name: str) -> type[Exam]:
    """Return the exam of a kind; TaskError, with the nearest name, if there is none."""
    known = kinds()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        meant = f" Did you mean {near[0]!r}?" if near else ""
        raise TaskError(
            f"task.toml asks for the exam {name!r}; the kinds of exam are "
            f"{', '.join(known)}.{meant}"
        )
    module = importlib.import_module(f"grader.exams.kinds.{name}")
    kind: type[Exam] = module.Kind
    return kind


def check_audit(task: Task, audit: str) -> None:
    """Raise UsageError if the task's exam does not offer this audit; asking for none is fine."""
    if not audit:
        return
    offered = load_exam(task.spec.exam).AUDITS
    if audit in offered:
        return
    if offered:
        todo = f"here --audit can be {', '.join(offered)}"
    else:
        todo = "its exam offers none, so leave --audit out"
    raise UsageError(f"--audit {audit}: task {task.id!r} has no such audit; {todo}")

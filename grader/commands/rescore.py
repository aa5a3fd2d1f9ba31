"""`grader rescore`: the scoring of today over the measurements of then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from grader.course.curriculum import find_task
from grader.errors import UsageError
from grader.grading.pipeline import rescore
from grader.results import store


def rescore_all(root: Path, task_id: str | None) -> tuple[list[dict[str, Any]], int, list[str]]:
    """Rescore what can be; return the changes, how many stayed, and a line for each that was left
    alone.
    """
    if task_id is not None:
        find_task(task_id)
    results, skipped = store.load_results(root, task_id)
    changed: list[dict[str, Any]] = []
    kept = 0
    for result in results:
        try:
            task = find_task(result.task.id)
        except UsageError:
            skipped.append(f"{result.id}: its task {result.task.id!r} is no longer there")
            continue
        if result.score is None:
            skipped.append(f"{result.id}: the grader's own trouble is never scored")
            continue
        if result.task.exam_version != task.exam_version:
            skipped.append(
                f"{result.id}: {result.task.id} asked other questions then; run it again"
            )
            continue
        fresh = rescore(result, task)
        if fresh == result:
            kept += 1
            continue
        store.replace(root, fresh)
        assert fresh.score is not None
        changed.append(
            {
                "id": result.id,
                "task": result.task.id,
                "before": result.score.total,
                "after": fresh.score.total,
            }
        )
    return changed, kept, skipped

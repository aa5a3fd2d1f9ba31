"""`grader tasks`: the course in order, what each task needs first, what is done and what comes next."""

from __future__ import annotations

from pathlib import Path

from grader import store
from grader.commands.around import console, print_json
from grader.curriculum import all_tasks
from grader.terminal import columns


def list_tasks(results: Path, *, as_json: bool) -> None:
    """Print every task with the best score found in `results`."""
    found, _ = store.load_results(results)
    best: dict[str, float] = {}
    for result in found:
        if result.score is not None:
            best[result.task.id] = max(best.get(result.task.id, 0.0), result.score.total)
    done = {result.task.id for result in found if result.verdict.status == "accepted"}
    listed = all_tasks()
    if as_json:
        rows = [
            {"id": task.id, "title": task.spec.title, "stage": task.spec.stage, "needs": task.spec.needs,
             "exam": task.spec.exam, "best_score": best.get(task.id), "accepted": task.id in done}
            for task in listed
        ]  # fmt: skip
        return print_json(rows)
    out = console()
    rows_shown = [
        (
            "done" if task.id in done else "open" if set(task.spec.needs) <= done else "",
            task.id,
            task.spec.title,
            task.spec.stage,
            ", ".join(task.spec.needs),
            f"{best[task.id]:g}" if task.id in best else "",
        )
        for task in listed
    ]
    columns(out, ("", "task", "title", "stage", "needs first", "best"), rows_shown)
    following = next((task for task in listed if task.id not in done and set(task.spec.needs) <= done), None)
    if following is not None:
        out.print(f"\nnext: grader start {following.id}", markup=False)

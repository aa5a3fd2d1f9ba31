"""`grader batch`: grade a folder of submissions, say how it goes, and sum up what a person should
look at first.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, cast

from rich.cells import cell_len
from rich.text import Text

from grader.commands.output import EXIT_OURS, console, print_json, warn
from grader.course.curriculum import all_tasks, find_task
from grader.errors import UsageError
from grader.exams.exam import check_audit
from grader.grading.batch import (
    Batch,
    Finished,
    Outcome,
    Standing,
    default_jobs,
    find_submissions,
    spread,
)
from grader.grading.pipeline import check_device
from grader.grading.worker import REFUSED, Settings
from grader.host.machine import CPU
from grader.records import Status
from grader.results import store
from grader.sandbox.choose import choose_sandbox
from grader.sandbox.gpu import choose
from grader.sandbox.process import remove_leftovers
from reports.display import clean, same_name
from reports.table import harmless

AUTHORS = ("names", "claimed")
UNFILED = "not graded"
ORDER = [
    Status.GRADER_ERROR,
    None,
    Status.FLAGGED,
    Status.INVALID_SUBMISSION,
    Status.RUNTIME_ERROR,
    Status.MEMORY_LIMIT_EXCEEDED,
    Status.TIME_LIMIT_EXCEEDED,
    Status.BELOW_TARGET,
    Status.ACCEPTED,
]
REASON_WIDTH = 200
MINUTE = 60


def run_batch(
    folder: Path,
    results: Path,
    *,
    task_id: str | None = None,
    sandbox: str = "auto",
    trusted: bool = False,
    authors: str = "names",
    device: str = CPU,
    audit: str = "",
    data_folder: Path | None = None,
    jobs: int | None = None,
    repeats: int = 1,
    again: bool = False,
    as_json: bool = False,
    table: Path | None = None,
) -> int:
    """Grade what lies in the folder and return the exit code.

    It is 3 with trouble of our own, 2 where a submission's task is unknown, else 0, whatever the
    verdicts.
    device: a name as `gpu.choose` takes it. audit: as `pipeline.grade` takes it.
    jobs: how many at a time; None for as many as this machine grades fairly. again: also what has a
    result already.
    """
    if authors not in AUTHORS:
        raise UsageError(
            f"there is no way {authors!r} to tell authors; there is {', '.join(AUTHORS)}"
        )
    paths = find_submissions(folder, results)
    tasks = [find_task(task_id)] if task_id is not None else all_tasks()
    exam = tasks[0].spec.exam
    if task_id is not None:
        check_device(tasks[0], device)
        check_audit(tasks[0], audit)
    chosen = choose(device)
    tier = choose_sandbox(sandbox, exam, gpu=chosen != CPU, others=True, trusted=trusted).tier
    remove_leftovers()
    stored, broken = store.load_results(results, task_id)
    warn(broken)
    workers = min(len(paths), jobs or default_jobs(tasks, chosen))
    settings = Settings(
        results,
        task_id,
        sandbox,
        trusted,
        cast(Literal["names", "claimed"], authors),
        chosen,
        audit,
        data_folder,
    )
    if not as_json:
        at_a_time = f", {workers} at a time" if workers > 1 else ""
        said(
            f"{len(paths)} submissions, in {tier} boxes{at_a_time}. Ctrl-C stops; the same command goes on."
        )
    batch = Batch(
        paths,
        settings,
        [] if again else stored,
        jobs=workers,
        repeats=repeats,
        tell=(lambda outcome, standing: None) if as_json else say_outcome,
    )
    finished = batch.run()
    outcomes = sorted(finished.outcomes, key=urgency)
    if table is not None:
        write_table(outcomes, table)
    if as_json:
        print_json(as_dict(finished, outcomes))
    else:
        print_outcomes(finished, outcomes)
    warn(about_names(outcomes))
    return exit_code_of(finished)


def said(line: str) -> None:
    console(stderr=True).print(line, markup=False, soft_wrap=True)


def say_outcome(outcome: Outcome, standing: Standing) -> None:
    """Print one line for a submission that is done."""
    count = f"{standing.done:>{len(str(standing.total))}}/{standing.total}"
    word = "graded before" if outcome.state == "before" else word_of(outcome)
    left = standing.seconds_left
    rest = f"   {time_left(left)}" if left and standing.done < standing.total else ""
    said(f"{count}  {outcome.author:<24} {word:<22} {spread(outcome.scores):>7}{rest}")


def word_of(outcome: Outcome) -> str:
    return UNFILED if outcome.status is None else outcome.status.value


def time_left(seconds: float) -> str:
    """Return a rough time for people: seconds to a minute and a half, then minutes, then hours."""
    if seconds < 1.5 * MINUTE:
        return f"about {max(1, round(seconds))} s left"
    if seconds < 90 * MINUTE:
        return f"about {round(seconds / MINUTE)} min left"
    return f"about {seconds / MINUTE / 60:.1f} h left"


def urgency(outcome: Outcome) -> tuple[int, float, str, str]:
    """Sort key: what a person should look at first, then by score, best first, and name."""
    best = outcome.scores[-1] if outcome.scores else 0.0
    return ORDER.index(outcome.status), -best, outcome.author.casefold(), outcome.file


def print_outcomes(finished: Finished, outcomes: list[Outcome]) -> None:
    """Print the whole class as a table, and what it comes to."""
    out = console()
    several = len({outcome.task for outcome in outcomes if outcome.task}) > 1
    rows = [("verdict", "author", *(["task"] if several else []), "score", "reason")]
    rows += [
        (
            word_of(each),
            each.author,
            *([each.task] if several else []),
            spread(each.scores),
            one_line(each.reason),
        )
        for each in outcomes
    ]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    out.print()
    for row in rows:
        cells = (
            cell + " " * (width - cell_len(cell))
            for cell, width in zip(row[:-1], widths[:-1], strict=True)
        )
        line = Text("  ".join((*cells, row[-1])).rstrip())
        if out.is_terminal:
            line.truncate(out.width, overflow="ellipsis")
        out.print(line, soft_wrap=True)
    counts = Counter(word_of(outcome) for outcome in outcomes)
    states = Counter(outcome.state for outcome in outcomes)
    listed = ", ".join(f"{number} {word}" for word, number in counts.items())
    out.print(Text(f"\n{len(outcomes)} submissions: {listed}"), soft_wrap=True)
    before = f", {states['before']} were graded before" if states["before"] else ""
    graded = sum(
        outcome.state == "graded" and outcome.status is not Status.GRADER_ERROR
        for outcome in outcomes
    )
    out.print(Text(f"{graded} graded now in {finished.seconds:.0f} s{before}"))
    if finished.stopped:
        said(
            f"grader: stopped, {finished.left} left to do. The same trouble came again and again, so it is not one "
            f"submission's: {finished.stopped}\nMend it and give the same command again; it goes on where it stopped."
        )
    elif states["failed"] or counts[Status.GRADER_ERROR.value]:
        said(
            "grader_error is the grader's own trouble: never scored, and tried again by the same command."
        )
    if states["unfiled"]:
        said(
            "Not graded: no task was found for them that could be graded so; with --task, they are graded for that one."
        )


def one_line(text: str) -> str:
    line = clean(text)
    return line if len(line) <= REASON_WIDTH else line[: REASON_WIDTH - 1] + "…"


def about_names(outcomes: Iterable[Outcome]) -> list[str]:
    """Return what a person should know about authors and files: names that fall together, work that
    is the same.
    """
    by_name: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    by_files: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.task:
            by_name[same_name(outcome.author), outcome.task].append(outcome)
        if outcome.result is not None and outcome.result.verdict.code != REFUSED:
            by_files[outcome.result.submission.sha256, outcome.task].append(outcome)
    lines = []
    for (_, task), same in sorted(by_name.items()):
        if len(same) > 1:
            files = ", ".join(sorted(outcome.file for outcome in same))
            lines.append(
                f"{files}: all by {same[0].author!r}, who has one place on the board of {task}"
            )
    for (_, task), same in sorted(by_files.items()):
        if len({same_name(outcome.author) for outcome in same}) > 1:
            files = ", ".join(sorted(outcome.file for outcome in same))
            lines.append(
                f"{files}: the same files, to the byte, handed in for {task} by different authors"
            )
    return lines


def exit_code_of(finished: Finished) -> int:
    if finished.stopped or any(
        outcome.status is Status.GRADER_ERROR for outcome in finished.outcomes
    ):
        return EXIT_OURS
    return (
        UsageError.exit_code
        if any(outcome.state == "unfiled" for outcome in finished.outcomes)
        else 0
    )


def row_of(outcome: Outcome) -> dict[str, Any]:
    """Return one submission of the batch as plain values."""
    result = outcome.result
    scores = outcome.scores
    return {
        "file": outcome.file,
        "author": outcome.author,
        "task": outcome.task,
        "state": outcome.state,
        "verdict": outcome.status.value if outcome.status is not None else None,
        "score": result.score.total if result is not None and result.score is not None else None,
        "low": scores[0] if scores else None,
        "high": scores[-1] if scores else None,
        "runs": len(scores),
        "reason": clean(outcome.reason),
        "sha256": result.submission.sha256 if result is not None else None,
        "result": result.id if result is not None else None,
    }


def as_dict(finished: Finished, outcomes: list[Outcome]) -> dict[str, Any]:
    """Return the batch for programs."""
    return {
        "submissions": [row_of(outcome) for outcome in outcomes],
        "left": finished.left,
        "stopped": finished.stopped,
        "seconds": round(finished.seconds, 1),
    }


def write_table(outcomes: list[Outcome], path: Path) -> None:
    """Write a row for each submission as CSV; texts that look like a formula stay texts."""
    rows = [row_of(outcome) for outcome in outcomes]
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(rows[0] if rows else ())
            for row in rows:
                writer.writerow(
                    [harmless(value) if isinstance(value, str) else value for value in row.values()]
                )
    except OSError as error:
        raise UsageError(
            f"cannot write {path}: {error.strerror or error}; give another file with --csv"
        ) from None

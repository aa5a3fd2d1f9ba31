"""Do grades hold? Attacks beside their honest twins, and one solution again and again under load.

    python -m benchmarks.trust [--process] [--runs N] [KIND ...]

Every row of ROWS is a planted submission that tries to earn more than it should, and its honest
twin. Both are graded the whole way, in containers, and what the attack gained is printed with what
it cost the grader. It holds if it is flagged, failed, or gained a point at most. Then the same
solution is graded N times beside three busy programs: it should get one verdict, and never a zero
for what the machine did. A KIND, as it stands in the first column, or `load`, chooses among them.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course.curriculum import find_task
from grader.errors import SubmissionRefused
from grader.grading.pipeline import grade
from grader.intake.submission import open_submission
from grader.records import Code, Result, Status
from grader.sandbox.choose import choose_sandbox

TESTS = Path(__file__).resolve().parent.parent / "tests" / "data"
PLANTED = TESTS / "submissions"
MOST_GAIN = 1.0  # points
PAIRS = 5  # of runs at most, where the first ones show a gain
MOST_SPREAD = 2.0  # points of one solution under load
BUSY_PROGRAMS = 3
BUSY = "while True: sum(range(100_000))"
UNDER_LOAD = ("digits", "simple_nn")
RUNS = 20
LOAD = "load"
EARNS = (Status.ACCEPTED, Status.BELOW_TARGET)


@dataclass(frozen=True)
class Row:
    """One attack and what it would have earned honestly.

    kind: what it is about; rows of one kind are chosen by it. task: both are graded as this task.
    honest, attacked: folders of tests/data/submissions, below the task's: "verdict/name".
    par: whether par is timed beside them.
    """

    kind: str
    task: str
    honest: str
    attacked: str
    par: bool = False


HONEST_SHORT = "accepted/nearest_neighbours"
COUNTED = "time nobody counts"
WORN_OUT = "wearing the grader out"
CHOOSING = "choosing which phase counts"
AS_PAR = "accepted/as_par"
ROWS = (
    Row(CHOOSING, "digits-par", AS_PAR, "accepted/slow_in_every_tenth_call", par=True),
    Row(CHOOSING, "digits-par", AS_PAR, "accepted/slow_after_each_switch", par=True),
    Row(CHOOSING, "digits-par", AS_PAR, "accepted/sleeps_until_latency_is_over", par=True),
    Row("slowing the rival", "digits-par", AS_PAR, "accepted/slows_par_down", par=True),
    Row(
        COUNTED,
        "digits-short",
        HONEST_SHORT,
        "time_limit_exceeded/trains_while_garbage_is_collected",
    ),
    Row(WORN_OUT, "digits-short", HONEST_SHORT, "time_limit_exceeded/answers_just_in_time"),
    Row(WORN_OUT, "digits-short", HONEST_SHORT, "accepted/is_always_inside_the_kernel"),
    Row(
        "answers brought along",
        "digits",
        "accepted/nearest_neighbours",
        "flagged/exact_table",
    ),
    Row(
        "answers brought along",
        "learn-from-little",
        "accepted/correlates_with_shifted_means",
        "refused/weights_in_the_source",
    ),
    Row(
        "remembering what was asked",
        "digits",
        "below_target/scales_by_each_batch",
        "below_target/remembers_what_the_batch_said",
    ),
    Row(
        "remembering what was asked",
        "hunt-two-answers",
        "below_target/seeds_the_noise",
        "below_target/remembers_its_random_answers",
    ),
    Row(
        "near copies",
        "gan",
        "below_target/threes_only",
        "flagged/turns_the_training_pictures",
    ),
)


@dataclass(frozen=True)
class Graded:
    """What became of one submission, and the seconds that the grader needed for it."""

    result: Result | None  # None: it was refused before anything ran
    seconds: float
    refused: str = ""

    @property
    def points(self) -> float:
        if self.result is None or self.result.score is None:
            return 0.0
        return self.result.score.total

    @property
    def earns(self) -> bool:
        """Whether it stands on a board with its points."""
        return self.result is not None and self.result.verdict.status in EARNS

    def __str__(self) -> str:
        if self.result is None:
            return f"refused ({self.refused}) | 0.0 | {self.seconds:.1f}"
        verdict = self.result.verdict
        code = f" ({verdict.code})" if verdict.code else ""
        return f"{verdict.status.value}{code} | {self.points:.1f} | {self.seconds:.1f}"


def graded(path: Path, task_id: str, tier: str, *, with_par: bool) -> Graded:
    """Grade what lies at `path`; its result is not kept."""
    with tempfile.TemporaryDirectory(prefix="grader-bench-") as scratch:
        opened = Path(scratch) / "work"
        began = time.perf_counter()
        try:
            submission, task = open_submission(path, opened, task_id=task_id, author="benchmark")
        except SubmissionRefused as refused:
            return Graded(None, time.perf_counter() - began, refused.code or Code.REFUSED)
        sandbox = choose_sandbox(tier, task.spec.exam)
        data = os.environ.get("GRADER_DATA")
        began = time.perf_counter()
        result = grade(
            submission,
            task,
            sandbox,
            Path(scratch) / "results",
            data_folder=Path(data) if data else None,
            with_par=with_par,
        )
        return Graded(result, time.perf_counter() - began)


def compare(row: Row, tier: str) -> bool:
    """Print a line about one attack; returns whether it holds.

    Hidden inputs are drawn anew in each run, so a gain in one pair of runs may be luck: then both
    are graded again, and the medians are compared.
    """
    honest = [one_of(row, row.honest, tier)]
    attacked = [one_of(row, row.attacked, tier)]
    while attacked[0].earns and gain(honest, attacked) > MOST_GAIN and len(honest) < PAIRS:
        honest.append(one_of(row, row.honest, tier))
        attacked.append(one_of(row, row.attacked, tier))
    holds = not attacked[0].earns or gain(honest, attacked) <= MOST_GAIN
    said = f"{gain(honest, attacked):+.1f} (n={len(honest)})" if attacked[0].earns else "-"
    print(
        f"| {row.kind} | {row.attacked.partition('/')[2]} | {honest[0]} | {attacked[0]} | {said} "
        f"| {'yes' if holds else 'NO'} |",
        flush=True,
    )
    return holds


def one_of(row: Row, name: str, tier: str) -> Graded:
    return graded(PLANTED / row.task / name, row.task, tier, with_par=row.par)


def gain(honest: Sequence[Graded], attacked: Sequence[Graded]) -> float:
    """Return the points by which the attack's median run is above the honest one's."""
    medians = [statistics.median(each.points for each in runs) for runs in (attacked, honest)]
    return medians[0] - medians[1]


def compare_all(rows: Sequence[Row], tier: str) -> None:
    print(
        "| kind | attack | honest | points | seconds | attacked | points | seconds | gain | holds "
        "|\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    )
    held = [compare(row, tier) for row in rows]
    print(f"{sum(held)} of {len(held)} attacks gain nothing (target: all)\n")


@contextlib.contextmanager
def busy_programs(count: int) -> Iterator[None]:
    """Keep programs at work that want a whole core each."""
    programs = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()


def under_load(tier: str, runs: int) -> None:
    """Grade one solution again and again beside busy programs; print how it came out."""
    task, reference = UNDER_LOAD
    path = find_task(task).reference_folder / reference
    with busy_programs(BUSY_PROGRAMS):
        seen = [graded(path, task, tier, with_par=False) for _ in range(runs)]
    results = [each.result for each in seen if each.result is not None]
    verdicts = Counter(result.verdict.status.value for result in results)
    points = [result.score.total for result in results if result.score is not None]
    zeros = points.count(0)
    print(
        f"{task}/{reference}, {runs} times beside {BUSY_PROGRAMS} busy programs: {dict(verdicts)} "
        f"(target: one verdict); points from {min(points, default=0):.1f} to "
        f"{max(points, default=0):.1f} (target: {MOST_SPREAD:.0f} apart at most); {zeros} zeros "
        f"(target: none); {max(each.seconds for each in seen):.1f} s at most"
    )


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trust")
    parser.add_argument("kinds", nargs="*", metavar="KIND")
    parser.add_argument("--process", action="store_true", help="grade in plain processes")
    parser.add_argument("--runs", type=int, default=RUNS, help="of the one solution under load")
    words = parser.parse_args(arguments)
    os.environ.setdefault("GRADER_TASKS", str(TESTS / "tasks"))
    tier = "process" if words.process else "container"
    rows = [row for row in ROWS if not words.kinds or row.kind in words.kinds]
    if rows:
        compare_all(rows, tier)
    if not words.kinds or LOAD in words.kinds:
        under_load(tier, words.runs)


if __name__ == "__main__":
    main(sys.argv[1:])

"""A class whose grader is killed (-9) again and again: each is graded once, and nothing is left.

KILLED_CLASS names how many submissions there are (300 unless given).
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.batch import BROKEN
from grader.course.curriculum import find_task
from grader.host.ownership import is_orphaned
from grader.records import Status
from grader.results.store import load_results
from grader.sandbox.docker.engine import OWNERSHIP_LABEL, connect

SUBMISSIONS = 300
KILLS = 20
ONE_IN = 10  # is broken or hostile
EARLY = 4  # one of so many kills falls into the start of a grader, the others while it grades
EARLY_SECONDS = (0.2, 4.0)
GRADING_SECONDS = (0.0, 2.0)  # after the first new result
LONGEST_WAIT = 60.0  # for a new result
SETTLE_SECONDS = 15.0  # within which a dead grader's boxes have to end by themselves
LEAST_RIGHT = 0.85  # of all: what a broken class would not reach
WRONG = "def weighted_sum(*arguments):\n    {body}\n\n\nneuron = layer = weighted_sum\n"
HOSTILE = {
    "equal": WRONG.format(body="return type('A', (), {'__eq__': lambda *_: True})()"),
    "kills": WRONG.format(body="import os, signal; os.kill(-1, signal.SIGKILL)"),
    "floods": WRONG.format(body="print('x' * 10_000_000); return 0.0"),
    "forks": "import os\nfor _ in range(200):\n    if os.fork() == 0:\n        while True: pass\n",
    "fills": WRONG.format(body="return bytearray(4 << 30)"),
}


@dataclass(frozen=True)
class Place:
    """Where a class lies, and its results."""

    folder: Path
    results: Path

    @property
    def command(self) -> list[str]:
        words = [sys.executable, "-m", "grader", "batch", str(self.folder), "--task", "neuron"]
        return [*words, "--sandbox", "container", "--results", str(self.results), "--json"]


def main() -> None:
    count = int(os.environ.get("KILLED_CLASS", SUBMISSIONS))
    with tempfile.TemporaryDirectory() as scratch:
        place = Place(Path(scratch, "class"), Path(scratch, "results"))
        make_class(place.folder, count)
        seconds = uninterrupted(Place(place.folder, Path(scratch, "whole")), count)
        print(f"{'containers, not killed':<44} {seconds / count:.2f} s each  (<= 0.25 s)")
        killed(place, count)


def make_class(folder: Path, count: int) -> None:
    """Fill the folder: most are right, one in ten is broken or hostile, each file differs."""
    right = (find_task("neuron").reference_folder / "numpy" / "solution.py").read_text("utf-8")
    bad = list((BROKEN | HOSTILE).values())
    folder.mkdir()
    for number in range(count):
        is_bad = number % ONE_IN == ONE_IN - 1
        source = bad[number // ONE_IN % len(bad)] if is_bad else right
        (folder / f"learner{number:03}.py").write_text(f"{source}\n# {number}\n")


def uninterrupted(place: Place, count: int) -> float:
    """Grade the class in one go, and return the seconds that it took."""
    began = time.perf_counter()
    done = subprocess.run(place.command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    if not done.stdout:
        sys.exit(f"not measured, exit code {done.returncode}: {done.stderr.strip()[-400:]}")
    check_results(place, count)
    return seconds


def killed(place: Place, count: int) -> None:
    """Kill the grader again and again, let the last one finish, and look at what is left."""
    draw = random.Random(17)
    for number in range(KILLS):
        grader = subprocess.Popen(
            place.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for_the_moment(place, number, draw)
        is_over = grader.poll() is not None
        workers = [] if is_over else psutil.Process(grader.pid).children(recursive=True)
        grader.send_signal(signal.SIGKILL)
        grader.wait()
        left = ended_within(workers)
        found, broken = load_results(place.results)
        assert not broken, broken
        over = "it had finished" if is_over else f"{left} of its processes left"
        print(f"  kill {number + 1:2}: {len(found)} results, {over}")
    done = subprocess.run(place.command, capture_output=True, text=True, check=False)
    rows = json.loads(done.stdout)["submissions"]
    assert len(rows) == count, len(rows)
    check_results(place, count)
    left_over = orphans_left()
    print(f"{f'{count} submissions, {KILLS} kills: boxes left':<44} {len(left_over)}  (0)")
    assert not left_over, left_over


def wait_for_the_moment(place: Place, number: int, draw: random.Random) -> None:
    """Wait until the grader is to be killed."""
    if number % EARLY == 0:
        return time.sleep(draw.uniform(*EARLY_SECONDS))
    before = count_results(place)
    until = time.monotonic() + LONGEST_WAIT
    while count_results(place) == before and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(draw.uniform(*GRADING_SECONDS))


def count_results(place: Place) -> int:
    return sum(1 for _ in place.results.glob("neuron/2*"))


def check_results(place: Place, count: int) -> None:
    """Assert that each submission has one result, and that the right ones are accepted.

    The grader's own trouble is graded again, and counts apart: on a machine where others take the
    processors, nobody can say whether a program that hangs was late.
    """
    stored, broken = load_results(place.results)
    assert not broken, broken
    found = [each for each in stored if each.verdict.status is not Status.GRADER_ERROR]
    ours = [each.verdict.reason for each in stored if each not in found]
    print(f"  {len(ours)} times the grader's own trouble {ours[:1]}")
    authors = Counter(result.submission.author for result in found)
    graded = {result.submission.author for result in stored}
    lost = count - len(graded)
    doubled = [author for author, times in authors.items() if times > 1]
    statuses = Counter(result.verdict.status.value for result in found)
    print(f"  {len(found)} results, {lost} lost, {len(doubled)} doubled; {dict(statuses)}")
    assert lost == 0
    assert not doubled, doubled
    assert statuses["accepted"] >= LEAST_RIGHT * count, statuses


def orphans() -> list[str]:
    """Return the boxes and volumes on this engine whose grader is gone."""
    client = connect()
    filters = {"label": OWNERSHIP_LABEL}
    made = [
        (each["Id"], each["Labels"]) for each in client.api.containers(all=True, filters=filters)
    ]
    volumes = client.api.volumes(filters=filters)["Volumes"] or []
    made += [(each["Name"], each["Labels"]) for each in volumes]
    return [name for name, marks in made if is_orphaned(marks.get(OWNERSHIP_LABEL, ""))]


def orphans_left() -> list[str]:
    """Return those that do not end by themselves in time."""
    until = time.monotonic() + SETTLE_SECONDS
    left = orphans()
    while left and time.monotonic() < until:
        time.sleep(0.5)
        left = orphans()
    return left


def ended_within(workers: list[psutil.Process]) -> int:
    """Return how many processes of a killed grader are still there after a while."""
    _, alive = psutil.wait_procs(workers, timeout=SETTLE_SECONDS)
    return len(alive)


if __name__ == "__main__":
    main()

"""What a batch on a Ray cluster costs beside one on this computer, and what it survives.

python -m benchmarks engines        all but the faults: minutes on two cores
python -m benchmarks.engines 300    that many submissions on three nodes, with five random faults
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil

from grader.course.curriculum import find_task
from grader.grading.batch import Batch
from grader.grading.engines.engine import IsWanted, Worker
from grader.grading.engines.local import HERE, LocalEngine
from grader.grading.engines.ray import RayEngine
from grader.grading.settings import Settings
from grader.intake.hand_ins import HandIn
from grader.records import Result
from grader.results.packed import pack
from grader.results.store import contents, load_results

TASK = "neuron"
COMPARED = 20
STUB_CLASSES = (100, 1000, 5000, 10000)
FAULTS = 5
FIRST_SECONDS = 120
MIB = 1 << 20


class StubWorker:
    """Grades at once: every submission gets the same result."""

    def __init__(self, result: Result) -> None:
        self._result = result
        self._name = ""

    def open(self, hand_in: HandIn) -> dict[str, Any]:
        self._name = hand_in.path.name
        names = ("sha256", "exam_version", "tier", "device")
        return {"author": self._name, "task": TASK} | dict.fromkeys(names, self._name)

    def grade(self) -> bytes:
        result = self._result.model_copy(update={"id": self._name})
        return pack(contents(result, "", None, None))

    def how_it_ended(self) -> str:
        return ""

    def interrupt(self) -> None:
        pass

    def close(self) -> None:
        pass


class StubEngine:
    """Three places with such workers."""

    tries = 3

    def __init__(self, result: Result) -> None:
        self._result = result

    def places(self) -> list[str]:
        return ["one", "two", "three"]

    def start(self, place: str, is_wanted: IsWanted) -> StubWorker:
        return StubWorker(self._result)

    def is_lost(self, place: str) -> bool:
        return False


@contextmanager
def three_nodes() -> Iterator[Any]:
    """Give a Ray cluster of three nodes on this computer."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    size = {"num_cpus": 2, "memory": 2048 * MIB, "object_store_memory": 80 * MIB}
    cluster = Cluster(initialize_head=True, head_node_args={**size, "include_dashboard": False})
    try:
        for _ in range(2):
            cluster.add_node(**size)
        yield cluster
    finally:
        cluster.shutdown()


def make_class(folder: Path, count: int) -> list[Path]:
    """Write so many right solutions, no two alike."""
    folder.mkdir()
    right = (find_task(TASK).reference_folder / "numpy" / "solution.py").read_text("utf-8")
    paths = [folder / f"student{number:05}.py" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_text(f"{right}\n# {number}\n")
    return paths


def seconds_of(worker: Worker, path: Path) -> float:
    """Return how long one submission takes, from the file to the packed result."""
    began = time.perf_counter()
    worker.open(HandIn(path=path))
    worker.grade()
    return time.perf_counter() - began


def compare(settings: Settings, address: str, paths: list[Path]) -> None:
    """Grade each submission here and on a node, in turns, and print the difference."""
    with closing(RayEngine(settings, [find_task(TASK)], address)) as engine:
        there = engine.start(engine.places()[0], lambda: True)
        here = LocalEngine(settings).start(HERE)
        assert there is not None
        for worker in (here, there):
            seconds_of(worker, paths[0])
        pairs = [(seconds_of(here, path), seconds_of(there, path)) for path in paths]
        here.close()
        there.close()
    local = statistics.median(first for first, _ in pairs)
    more = statistics.median(second - first for first, second in pairs)
    print(
        f"a submission here {local * 1e3:.0f} ms, on a node {more * 1e3:+.0f} ms"
        f" (median of {len(pairs)} pairs; <= 50 ms)"
    )


def first_result(address: str, folder: Path, results: Path) -> None:
    """Print how long the command takes until a result is there, and let it end."""
    words = ["--task", TASK, "--sandbox", "process", "--trust-submissions", "--engine", "ray"]
    command = [sys.executable, "-m", "grader", "batch", str(folder), *words]
    began = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--address", address, "--results", str(results)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not list(results.glob("*/2*")) and time.perf_counter() - began < FIRST_SECONDS:
        time.sleep(0.02)
    print(f"first result {time.perf_counter() - began:.1f} s after the command (<= 10 s)")
    process.wait()


def cost_of_stubs(scratch: Path, result: Result) -> None:
    """Print what the batch itself costs, without any grading, and its memory."""
    for count in STUB_CLASSES:
        settings = Settings(scratch / f"stub-{count}")
        paths = [scratch / f"s{number:05}" for number in range(count)]
        began = time.perf_counter()
        finished = Batch(paths, settings, [], engine=StubEngine(result)).run()
        each = (time.perf_counter() - began) / count
        assert len(finished.outcomes) == count
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        print(f"{count:>6} stubs: {each * 1e3:.2f} ms each; peak of the process {peak} MiB")


def break_something(draw: random.Random) -> str:
    """End a grading process or an actor at random, and return which.

    Only what the cluster of this process started: others may use Ray on this computer, too.
    """
    found = []
    for process in psutil.Process().children(recursive=True):
        words = words_of(process)
        if "ray::NodeWorker" in words:
            found += [(process, "an actor")]
            found += [(child, "a grading process") for child in process.children()]
    living = [each for each in found if each[0].status() != psutil.STATUS_ZOMBIE]
    if not living:
        return "nothing: no worker was there"
    victim, kind = draw.choice(living)
    victim.kill()
    return kind


def words_of(process: psutil.Process) -> str:
    """Return a process's command line; empty once it has ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def with_faults(count: int, seed: int = 1) -> None:
    """Grade on three nodes while workers die, and print that nothing was lost or graded twice."""
    draw = random.Random(seed)
    faults: list[str] = []  # printed later: standard output is the log's while Ray is connected
    with tempfile.TemporaryDirectory() as folder, three_nodes() as cluster:
        scratch = Path(folder)
        paths = make_class(scratch / "class", count)
        settings = Settings(scratch / "results", TASK, "process", trusted=True)
        with closing(RayEngine(settings, [find_task(TASK)], cluster.address)) as engine:
            batch = Batch(paths, settings, [], engine=engine)
            running = threading.Thread(target=batch.run)
            running.start()
            for number in range(FAULTS):
                due = count * (number + 1) // (FAULTS + 1)
                while running.is_alive() and len(list(settings.results.glob("*/2*"))) < due:
                    time.sleep(0.2)
                faults.append(f"after {due}: killed {break_something(draw)}")
            running.join()
        stored, _ = load_results(settings.results)
    print("\n".join(faults))
    authors = Counter(each.submission.author for each in stored)
    twice = sum(number > 1 for number in authors.values())
    accepted = sum(each.verdict.status == "accepted" for each in stored)
    print(
        f"{len(stored)} results of {count}: {accepted} accepted, {twice} twice, "
        f"{count - len(authors)} lost"
    )


def main() -> None:
    if len(sys.argv) > 1:
        return with_faults(int(sys.argv[1]))
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        paths = make_class(scratch / "class", COMPARED)
        settings = Settings(scratch / "results", TASK, "process", trusted=True)
        with three_nodes() as cluster:
            first_result(cluster.address, scratch / "class", scratch / "first")
            compare(settings, cluster.address, paths)
        [result, *_], _ = load_results(scratch / "first")
        cost_of_stubs(scratch, result)


if __name__ == "__main__":
    main()

"""How should the threads of a box wait for each other? Trainings and answers, quiet and under load.

Threads of a pool that have nothing to do may look for work again and again (active) or sleep until
there is some (passive). Two small networks are trained with two threads each way, alone and beside
three busy programs, by turns; then the median answer to one image is taken, with one thread.
"""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import numpy as np

from benchmarks.boxes import SECONDS, SETTINGS, images, open_box
from benchmarks.trust import BUSY_PROGRAMS, busy_programs
from grader.host.other_programs import OtherPrograms
from grader.sandbox.box import Box
from grader.sandbox.budget_clock import BudgetClock
from grader.sandbox.environment import WAIT_PASSIVELY

SOLUTIONS = Path(__file__).parent / "solutions"
NETWORKS = ("threads_mlp", "threads_cnn")
CORES = 2
EXAMPLES = 2000
ROUNDS = 3
ANSWERS = 300
HEAD = (
    "| network | beside | waiting | training on the wall, s | charged to its budget, s "
    "| processor time, s | one answer, us |\n| --- | --- | --- | --- | --- | --- | --- |"
)


@contextlib.contextmanager
def waiting(way: str) -> Iterator[None]:
    """Make boxes whose threads wait passively, or in the way that their libraries prefer."""
    if way == "passive":
        yield
        return
    usual = Box.environment

    def active(box: Box) -> dict[str, str]:
        return {name: value for name, value in usual(box).items() if name not in WAIT_PASSIVELY}

    with mock.patch.object(Box, "environment", active):
        yield


def trained(network: str, way: str) -> tuple[float, float, float, float]:
    """Return seconds on the wall, charged, and of processor time; and microseconds an answer."""
    inputs, labels = images(EXAMPLES)
    with waiting(way), open_box(SOLUTIONS / network, cores=CORES) as box:
        before = box.cpu_seconds()
        clock = BudgetClock(box, CORES, OtherPrograms(box))
        began = time.perf_counter()
        box.train([inputs, labels], SETTINGS, SECONDS, clock=clock)
        wall = time.perf_counter() - began
        clock.look()
        used = box.cpu_seconds() - before
        box.settle(1, SECONDS)
        taken = [box.predict(inputs[i : i + 1], 10, SECONDS)[1] for i in range(ANSWERS)]
        return wall, clock.used, used, statistics.median(taken) * 1e-3


def compare(network: str, beside: int) -> None:
    """Print a line for each way of waiting, medians of some rounds by turns."""
    seen: dict[str, list[tuple[float, ...]]] = {"active": [], "passive": []}
    with busy_programs(beside):
        for _ in range(ROUNDS):
            for way, rows in seen.items():
                rows.append(trained(network, way))
    place = f"{beside} busy programs" if beside else "nothing"
    for way, rows in seen.items():
        wall, charged, used, answer = np.median(rows, axis=0)
        name = network.removeprefix("threads_")
        figures = f"{wall:.2f} | {charged:.2f} | {used:.2f} | {answer:.0f}"
        print(f"| {name} | {place} | {way} | {figures} |", flush=True)


def main() -> None:
    print(HEAD)
    for network in NETWORKS:
        for beside in (0, BUSY_PROGRAMS):
            compare(network, beside)


if __name__ == "__main__":
    main()

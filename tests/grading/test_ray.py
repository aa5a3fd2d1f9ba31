"""A class on a real Ray cluster of three nodes, one of which is killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from support.paths import ROOT
from support.ray_nodes import ray_cluster

from grader.course.curriculum import course_folder
from grader.results.store import load_results

RIGHT = (course_folder("reference") / "neuron" / "numpy" / "solution.py").read_text()
TRUSTED = ("--sandbox", "process", "--trust-submissions")
WAITS = """
import os, pathlib, time
with pathlib.Path({began!r}).open("a") as file:
    file.write(f"{{os.getpid()}}\\n")
while not pathlib.Path({gate!r}).exists():
    time.sleep(0.05)
"""
SECONDS = 120


@pytest.fixture
def cluster() -> Iterator[Any]:
    with ray_cluster(nodes=3) as started:
        yield started


def start(*words: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "grader.cli", *map(str, words)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(look: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until `look` says yes; what the batch said is shown if it ends before."""
    until = time.monotonic() + SECONDS
    while not look():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until, "did not come about"
        time.sleep(0.05)


def class_that_waits(folder: Path, gate: Path, waiting: int, count: int) -> list[Path]:
    """Write a class whose first members wait for a gate, and note when they begin."""
    folder.mkdir()
    began = []
    for number in range(count):
        source = RIGHT + f"\n# {number}\n"
        if number < waiting:
            began.append(folder.parent / f"began-{number}")
            source = WAITS.format(began=str(began[-1]), gate=str(gate)) + source
        (folder / f"student{number}.py").write_text(source)
    return began


def boxes(began: Path) -> list[int]:
    """Return the process of each box in which a submission has begun."""
    return [int(line) for line in began.read_text().split()] if began.exists() else []


@pytest.mark.engine
def test_a_class_on_three_nodes_of_which_one_is_killed(tmp_path: Path, cluster: Any) -> None:
    gate = tmp_path / "gate"
    began = class_that_waits(tmp_path / "class", gate, waiting=3, count=9)
    words = ("--task", "neuron", "--engine", "ray", "--address", cluster.address)
    places = ("--results", tmp_path / "results")
    batch = start("batch", tmp_path / "class", *words, *places, *TRUSTED, "--json")
    wait_for(lambda: sum(map(len, map(boxes, began))) == 3, batch)
    killed = cluster.list_all_nodes()[-1]
    cluster.remove_node(killed, allow_graceful=False)
    wait_for(
        lambda: any(not psutil.pid_exists(pid) for path in began for pid in boxes(path)), batch
    )
    gate.touch()
    out, said = batch.communicate(timeout=SECONDS)
    assert batch.returncode == 0, said
    rows = json.loads(out)["submissions"]
    assert {row["verdict"] for row in rows} == {"accepted"}
    stored, broken = load_results(tmp_path / "results")
    assert broken == []
    authors = Counter(result.submission.author for result in stored)
    assert authors == {f"student{number}": 1 for number in range(9)}
    starts = [len(boxes(path)) for path in began]
    assert sorted(starts) == [1, 1, 2]  # what the killed node had was begun again, elsewhere
    assert len({result.machine.node for result in stored}) == 2

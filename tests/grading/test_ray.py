"""A class on a real Ray cluster of three nodes, and what goes wrong there: a node is killed, or the
command, or a worker again and again; a disk is full, a node is silent, a node has another grader.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from support.paths import ROOT
from support.ray_nodes import ray_cluster, size_of_a_node

from grader.course.curriculum import course_folder
from grader.records import Status
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


def start(*words: str | Path, where: Path | None = None) -> subprocess.Popen[str]:
    """Start the grader in a folder; Ray has its nodes import from there as well."""
    return subprocess.Popen(
        [sys.executable, "-m", "grader.cli", *map(str, words)],
        cwd=where,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "200"},
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


def start_batch(tmp_path: Path, cluster: Any, *more: str) -> subprocess.Popen[str]:
    """Start a batch of the folder `class` on the cluster; its results go to `results`."""
    words = ("--task", "neuron", "--engine", "ray", "--address", cluster.address)
    places = ("--results", tmp_path / "results")
    return start("batch", tmp_path / "class", *words, *places, *TRUSTED, "--json", *more)


def rows_of(batch: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """Wait for a batch to end, and return its rows."""
    out, said = batch.communicate(timeout=SECONDS)
    assert out, said
    found: list[dict[str, Any]] = json.loads(out)["submissions"]
    return found


def assert_each_graded_once(results: Path, count: int) -> None:
    stored, broken = load_results(results)
    assert broken == []
    authors = Counter(result.submission.author for result in stored)
    assert authors == {f"student{number}": 1 for number in range(count)}
    assert {result.verdict.status for result in stored} == {Status.ACCEPTED}


def worker_of(box: int) -> psutil.Process:
    """Return the process that grades what runs in a box."""
    for parent in psutil.Process(box).parents():
        if any("spawn_main" in word for word in parent.cmdline()):
            return parent
    raise AssertionError("nobody grades this box")


def processes_of(node: Any) -> list[psutil.Process]:
    """Return everything that runs on a node: Ray's own, workers and boxes."""
    raylet = psutil.Process(node.all_processes["raylet"][0].process.pid)
    return [raylet, *raylet.children(recursive=True)]


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Give a folder on a disk of 64 KiB that is full."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("a small disk needs root")
    try:
        (folder / "filling").write_bytes(bytes(60 << 10))
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


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


@pytest.mark.engine
@pytest.mark.nightly
def test_the_command_is_killed_and_goes_on_when_it_is_given_again(
    tmp_path: Path, cluster: Any
) -> None:
    gate = tmp_path / "gate"
    began = class_that_waits(tmp_path / "class", gate, waiting=1, count=8)
    first = start_batch(tmp_path, cluster)
    wait_for(lambda: len(load_results(tmp_path / "results")[0]) >= 2, first)
    wait_for(lambda: len(boxes(began[0])) == 1, first)
    first.kill()
    first.communicate()
    before = {result.id for result in load_results(tmp_path / "results")[0]}
    gate.touch()
    rows = rows_of(start_batch(tmp_path, cluster))
    assert {row["verdict"] for row in rows} == {"accepted"}
    assert_each_graded_once(tmp_path / "results", 8)
    assert before <= {result.id for result in load_results(tmp_path / "results")[0]}
    (abandoned, _) = boxes(began[0])
    assert not psutil.pid_exists(abandoned)


@pytest.mark.engine
@pytest.mark.nightly
def test_a_worker_that_the_kernel_ends_three_times_is_the_graders_trouble(
    tmp_path: Path, cluster: Any
) -> None:
    """As it does with one that runs out of memory."""
    began = class_that_waits(tmp_path / "class", tmp_path / "gate", waiting=1, count=4)
    batch = start_batch(tmp_path, cluster)
    for times in range(1, 4):
        wait_for(lambda times=times: len(boxes(began[0])) == times, batch)
        worker_of(boxes(began[0])[-1]).kill()
    rows = {row["file"]: row for row in rows_of(batch)}
    lost = rows.pop("student0.py")
    assert lost["verdict"] == "grader_error"
    assert "tried 3 times, on " in lost["reason"]
    assert "was killed by signal 9" in lost["reason"]
    assert {row["verdict"] for row in rows.values()} == {"accepted"}
    stored, _ = load_results(tmp_path / "results")
    scored = [result for result in stored if result.score is not None]
    assert sorted(each.submission.author for each in scored) == ["student1", "student2", "student3"]
    assert len(boxes(began[0])) == 3


@pytest.mark.engine
@pytest.mark.nightly
def test_a_node_whose_disk_is_full_loses_nothing(tmp_path: Path) -> None:
    class_that_waits(tmp_path / "class", tmp_path / "gate", waiting=0, count=9)
    with small_disk(tmp_path / "disk") as full, ray_cluster(nodes=2) as cluster:
        cluster.add_node(env_vars={"TMPDIR": str(full)}, **size_of_a_node())
        cluster.wait_for_nodes()
        batch = start_batch(tmp_path, cluster)
        rows = rows_of(batch)
        assert {row["verdict"] for row in rows} == {"accepted"}
        assert_each_graded_once(tmp_path / "results", 9)
        nodes = {result.machine.node for result in load_results(tmp_path / "results")[0]}
        assert len(nodes) <= 2  # none was stored by the third, whose disk is full


@pytest.mark.engine
@pytest.mark.nightly
def test_a_node_that_is_silent_for_ten_seconds_loses_nothing_and_doubles_nothing(
    tmp_path: Path, cluster: Any
) -> None:
    gate = tmp_path / "gate"
    began = class_that_waits(tmp_path / "class", gate, waiting=3, count=9)
    batch = start_batch(tmp_path, cluster)
    wait_for(lambda: sum(map(len, map(boxes, began))) == 3, batch)
    silent = processes_of(cluster.list_all_nodes()[-1])
    for process in silent:
        process.send_signal(signal.SIGSTOP)
    gate.touch()
    time.sleep(10)
    for process in silent:
        if process.is_running():
            process.send_signal(signal.SIGCONT)
    assert {row["verdict"] for row in rows_of(batch)} == {"accepted"}
    assert_each_graded_once(tmp_path / "results", 9)


@pytest.mark.engine
@pytest.mark.nightly
def test_a_node_with_another_grader_is_told_what_to_install(tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(ROOT / "grader", other / "grader", ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "grader" / "errors.py").open("a") as file:
        file.write("# another line\n")
    with ray_cluster(nodes=2) as cluster:
        cluster.add_node(env_vars={"PYTHONPATH": str(other)}, **size_of_a_node())
        cluster.wait_for_nodes()
        words = ("--engine", "ray", "--address", cluster.address, "--task", "neuron")
        looked = start("machine", *words, "--sandbox", "process", where=tmp_path)
        out, said = looked.communicate(timeout=SECONDS)
    assert "the same code of grader" in out, said
    assert "--force-reinstall" in out

"""What benchmarks leave alone: older runs, and what others do on the same computer."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from benchmarks.engines import break_something
from benchmarks.gpu import accuracies, fresh_folder

WAITS = "import time; time.sleep(20)"


def test_a_benchmark_counts_no_older_run(tmp_path: Path) -> None:
    first = fresh_folder(tmp_path / "build" / "results")
    (first / "cifar10" / "id").mkdir(parents=True)
    (first / "cifar10" / "id" / "result.json").write_text("not of this run")
    second = fresh_folder(tmp_path / "build" / "results")
    assert second != first
    assert accuracies(second) == []


def test_a_benchmark_ends_no_worker_of_somebody_elses_cluster() -> None:
    start = f"{sys.executable} -c '{WAITS}' ray::NodeWorker >/dev/null 2>&1 & echo $!"
    said = subprocess.run(["sh", "-c", start], capture_output=True, text=True, check=True)
    pid = int(said.stdout)
    assert break_something(random.Random(1)).startswith("nothing")
    os.kill(pid, signal.SIGKILL)  # ProcessLookupError if it was ended


def test_a_benchmark_ends_a_worker_of_its_own_cluster() -> None:
    own = subprocess.Popen([sys.executable, "-c", WAITS, "ray::NodeWorker"])
    assert break_something(random.Random(1)) == "an actor"
    assert own.wait(timeout=10) == -signal.SIGKILL
